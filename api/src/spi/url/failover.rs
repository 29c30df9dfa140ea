//! Lists of brokers that stand in for each other.

use std::{fmt, str::FromStr};

use super::{BrokerUrl, UrlOptions, grammar, query, refused, show};
use crate::{Error, Result};

/// Several brokers' URLs and the options of the connection: `failover:(amqp://a,amqp://b)?prefetch=10`.
///
/// * Between the parentheses stand one or more [`BrokerUrl`]s of one scheme, separated by commas. Their options belong to
///   that broker alone; a `,` or a `)` in one of their values is percent-encoded.
/// * Behind them stand the options of the connection, whichever broker it uses.
///
/// `Display` and `Debug` show no secret, as with [`BrokerUrl`].
///
/// ```
/// use anymq_api::spi::FailoverUrl;
///
/// let url: FailoverUrl = "failover:(amqp://till:s3cret@a,amqp://b:5673?heartbeat=5s)?reconnect-max-delay=5s".parse()?;
/// assert_eq!(url.brokers().len(), 2);
/// assert_eq!(url.options().names().collect::<Vec<_>>(), ["reconnect-max-delay"]);
/// assert!(url.to_string().starts_with("failover:(amqp://till:***@a,amqp://b:5673?"));
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone)]
pub struct FailoverUrl {
    brokers: Vec<BrokerUrl>,
    options: Vec<(String, String)>,
}

impl FailoverUrl {
    /// Whether a text is meant to be one, by its first word.
    pub fn is_meant(text: &str) -> bool {
        grammar::has_fail_over_prefix(text)
    }

    /// Takes a URL apart.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), saying what is wrong and showing neither user name
    /// nor password.
    pub fn parse(text: &str) -> Result<Self> {
        let (list, query) = split(text)?;
        // First what shows that a password was cut short by its own `)` or `,`: an `@` behind the parenthesis, a piece
        // that is no URL. What is refused later may be shown.
        grammar::refuse_at(None, query)?;
        for broker in list.split(',') {
            grammar::split_scheme(broker)?;
        }
        let brokers = list.split(',').map(BrokerUrl::parse).collect::<Result<Vec<_>>>()?;
        let first = brokers.first().map(BrokerUrl::scheme);
        if brokers.iter().any(|broker| Some(broker.scheme()) != first) {
            return Err(refused("brokers that stand in for each other have one scheme"));
        }
        let options = query.map_or_else(|| Ok(Vec::new()), query::parse)?;
        Ok(Self { brokers, options })
    }

    /// The brokers, in the order in which they are tried.
    pub fn brokers(&self) -> &[BrokerUrl] {
        &self.brokers
    }

    /// The connection's options, to be taken one by one.
    pub fn options(&self) -> UrlOptions {
        UrlOptions::from_pairs(self.options.iter().cloned())
    }

    /// The URL as text with its secrets, for handing it on; parses to the same URL. Never for logs or errors.
    pub fn expose(&self) -> String {
        self.text(BrokerUrl::expose, true)
    }

    fn text(&self, broker: impl Fn(&BrokerUrl) -> String, exposed: bool) -> String {
        let brokers: Vec<_> = self
            .brokers
            .iter()
            .map(|url| broker(url).replace(')', "%29").replace(',', "%2C"))
            .collect();
        let mut text = format!("failover:({})", brokers.join(","));
        show::push_options(&mut text, &self.options, exposed);
        text
    }
}

/// The list between the parentheses, and the query behind them.
fn split(text: &str) -> Result<(&str, Option<&str>)> {
    const FORM: &str = "a list of brokers has the form failover:(url,url)?option=value";
    grammar::refuse_blanks(text)?;
    let rest = grammar::behind_fail_over_prefix(text).ok_or_else(|| refused(FORM))?;
    let rest = rest.strip_prefix('(').ok_or_else(|| refused(FORM))?;
    let (list, behind) = rest
        .split_once(')')
        .ok_or_else(|| refused("the list of brokers has no `)` at its end"))?;
    if list.is_empty() {
        return Err(refused("the list of brokers is empty"));
    }
    match behind.strip_prefix('?') {
        Some(query) => Ok((list, Some(query))),
        None if behind.is_empty() => Ok((list, None)),
        None => Err(refused(
            "behind the list of brokers stands nothing or `?option=value`; a `)` that belongs to a value is written %29",
        )),
    }
}

impl FromStr for FailoverUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Display for FailoverUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(BrokerUrl::redacted, false))
    }
}

impl fmt::Debug for FailoverUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FailoverUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn each_broker_has_its_own_options_and_credentials() {
        let text = "FAILOVER:(amqp://u:a%2Cb%29@h1/v?x=1&y=2,AMQP://h2:5673)?reconnect=3";
        let url = FailoverUrl::parse(text).unwrap();
        let [first, second] = url.brokers() else {
            panic!("{url}")
        };
        assert_eq!(
            first.credentials().map(crate::Credentials::expose_password),
            Some("a,b)")
        );
        assert_eq!(first.options().names().collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!((second.host(), second.port()), (Some("h2"), Some(5673)));
        assert_eq!(url.options().take("reconnect").as_deref(), Some("3"));
        let again = FailoverUrl::parse(&url.expose()).unwrap();
        assert_eq!(again.expose(), url.expose());
        assert!(!format!("{url} {url:?}").contains("a%2Cb"));
    }

    #[test]
    fn what_is_no_list_is_refused_without_showing_it() {
        for text in [
            "failover:",
            "failover:()",
            "failover:(",
            "failover:(,)",
            "failover:(amqp://hunter2@a,)",
            "failover:(amqp://u:hunter2@a",
            "failover:amqp://u:hunter2@a",
            "failover:(amqp://u:hun)ter2@a)",
            "failover:(amqp://u:a)?hunter2=x@h)",
            "failover:(amqp://u:a/%hunter2)?x@h)",
            "failover:(amqp://u:a/%hunter2,x@h)",
            "failover:(amqp://a,amqps://u:hunter2@b)",
            "failover:(failover:(amqp://a))",
            "failover:(amqp://a)x",
            "failover:(amqp://a)?",
            "failover:(amqp://a)?x",
            "failover:(amqp://a) ",
            "failover://(amqp://a)",
        ] {
            let error = FailoverUrl::parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{text}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
