use std::{fmt, num::NonZeroU32, str::FromStr, time::Duration};

use super::{duration, refused, show, suggest};
use crate::{ConnectOptions, Credentials, ReconnectPolicy, ReconnectRounds, RedeliveryPolicy, Result};

/// The options that every provider has.
const COMMON: [&str; 14] = [
    "client-id",
    "prefetch",
    "password-file",
    "connect-timeout",
    "request-timeout",
    "close-timeout",
    "max-deliveries",
    "redelivery-delay",
    "redelivery-multiplier",
    "redelivery-max-delay",
    "reconnect",
    "reconnect-delay",
    "reconnect-multiplier",
    "reconnect-max-delay",
];

const MAX_PREFETCH: u32 = 65_535;

/// The options of a URL: a provider takes those it knows, and [`finish`](Self::finish) refuses what is left.
///
/// No error and no `Debug` output shows the value of an option whose name speaks of a secret (`password`, `secret`,
/// `token`, …).
///
/// ```
/// use anymq_api::{ErrorKind, spi::BrokerUrl};
///
/// let url = BrokerUrl::parse("amqp://host?heartbeat=10s&prefetch=50&hartbeat=1s")?;
/// let mut options = url.options();
/// let connect = options.take_connect_options()?;
/// let heartbeat = options.take_duration("heartbeat")?;
/// assert_eq!(connect.prefetch.map(u32::from), Some(50));
/// assert_eq!(heartbeat.map(|h| h.as_secs()), Some(10));
///
/// let error = options.finish(&["heartbeat"]).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Configuration);
/// assert!(error.detail().ends_with("did you mean `heartbeat`?"));
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone)]
pub struct UrlOptions {
    left: Vec<(String, String)>,
    /// Those in the URL before its host, which a password's file completes.
    credentials: Option<Credentials>,
}

impl UrlOptions {
    /// Options from elsewhere than a URL, for example from a configuration file.
    pub fn from_pairs<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        let pairs = pairs.into_iter();
        Self {
            left: pairs.map(|(name, value)| (name.into(), value.into())).collect(),
            credentials: None,
        }
    }

    pub(super) fn beside(self, credentials: Option<&Credentials>) -> Self {
        Self {
            credentials: credentials.cloned(),
            ..self
        }
    }

    /// The names of the options that were not taken yet, in the order given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.left.iter().map(|(name, _)| name.as_str())
    }

    /// Takes an option's text.
    pub fn take(&mut self, name: &'static str) -> Option<String> {
        let index = self.left.iter().position(|(key, _)| key == name)?;
        Some(self.left.remove(index).1)
    }

    /// Takes an option of any type that parses.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when it does not parse.
    pub fn take_parsed<T: FromStr>(&mut self, name: &'static str) -> Result<Option<T>> {
        self.take_with(name, |text| text.parse().map_err(|_| "is no valid value"))
    }

    /// Takes a duration such as `5s`, `250ms`, `1m` or `1h 30m`, at most 100 years.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when it does not parse; a number without a unit
    /// does not.
    pub fn take_duration(&mut self, name: &'static str) -> Result<Option<Duration>> {
        self.take_with(name, duration::parse)
    }

    /// Takes `true` or `false`.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for anything else.
    pub fn take_bool(&mut self, name: &'static str) -> Result<Option<bool>> {
        self.take_with(name, |text| text.parse().map_err(|_| "is neither true nor false"))
    }

    /// Takes the options that every provider has: `client-id`, `prefetch` (1 to 65535), `connect-timeout`,
    /// `request-timeout`, `close-timeout` (durations longer than zero), and for the
    /// [`RedeliveryPolicy`] `max-deliveries` (1 or more), `redelivery-delay` (a duration), `redelivery-multiplier` (1 or
    /// more, with a decimal point if need be) and `redelivery-max-delay` (a duration longer than zero). For the
    /// [`ReconnectPolicy`] there are `reconnect` (`off`, `forever`, or at most so many rounds), and `reconnect-delay`,
    /// `reconnect-multiplier` and `reconnect-max-delay`, which alone mean `forever`, too.
    ///
    /// `password-file` names the file with the password of the URL's user: see [`Credentials::with_password_file`].
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when one does not parse, and for a `password-file`
    /// without a user name, or beside a password.
    pub fn take_connect_options(&mut self) -> Result<ConnectOptions> {
        let mut options = ConnectOptions::new();
        options.client_id = self.take_with("client-id", not_empty)?;
        options.prefetch = self.take_with("prefetch", prefetch)?;
        options.connect_timeout = self.take_with("connect-timeout", timeout)?;
        options.request_timeout = self.take_with("request-timeout", timeout)?;
        options.close_timeout = self.take_with("close-timeout", timeout)?;
        options.redelivery = self.take_redelivery()?;
        options.reconnect = self.take_reconnect()?;
        options.credentials = self.take_password_file()?;
        Ok(options)
    }

    fn take_password_file(&mut self) -> Result<Option<Credentials>> {
        let Some(file) = self.take_with("password-file", not_empty)? else {
            return Ok(None);
        };
        match &self.credentials {
            None => Err(refused("option `password-file`: the URL has no user name")),
            Some(own) if !own.expose_password().is_empty() => {
                Err(refused("option `password-file`: the URL has a password already"))
            }
            Some(own) => Ok(Some(Credentials::with_password_file(own.username(), file))),
        }
    }

    fn take_redelivery(&mut self) -> Result<Option<RedeliveryPolicy>> {
        let mut policy = RedeliveryPolicy::new();
        policy.max_deliveries = self.take_with("max-deliveries", max_deliveries)?;
        policy.delay = self.take_duration("redelivery-delay")?;
        policy.multiplier = self.take_with("redelivery-multiplier", multiplier)?;
        policy.max_delay = self.take_with("redelivery-max-delay", timeout)?;
        Ok(Some(policy).filter(|policy| *policy != RedeliveryPolicy::new()))
    }

    fn take_reconnect(&mut self) -> Result<Option<ReconnectPolicy>> {
        let mut policy = ReconnectPolicy::new();
        policy.rounds = self.take_with("reconnect", rounds)?;
        policy.delay = self.take_duration("reconnect-delay")?;
        policy.multiplier = self.take_with("reconnect-multiplier", multiplier)?;
        policy.max_delay = self.take_with("reconnect-max-delay", timeout)?;
        Ok(Some(policy).filter(|policy| *policy != ReconnectPolicy::new()))
    }

    /// Refuses what is left, with a suggestion out of the provider's `own` names and the common ones.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) naming the first unknown option.
    pub fn finish(self, own: &[&'static str]) -> Result<()> {
        let known: Vec<&str> = own.iter().chain(&COMMON).copied().collect();
        self.finish_only(&known)
    }

    /// As [`finish`](Self::finish), for options that are not a connection's, such as a destination's: the common ones are
    /// unknown, too.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) naming the first unknown option.
    pub fn finish_only(self, known: &[&str]) -> Result<()> {
        let Some(name) = self.names().next() else { return Ok(()) };
        Err(refused(format!(
            "unknown option{}{}",
            show::part(name, true),
            suggest::hint(name, known)
        )))
    }

    fn take_with<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>> {
        let Some(text) = self.take(name) else { return Ok(None) };
        let value = parse(&text).map_err(|problem| {
            let shown = show::value(name, &text);
            let shown = if shown.is_empty() { " its value" } else { &shown };
            refused(format!("option `{name}`:{shown} {problem}"))
        })?;
        Ok(Some(value))
    }
}

fn not_empty(text: &str) -> Result<String, &'static str> {
    if text.is_empty() {
        Err("is empty")
    } else {
        Ok(text.to_owned())
    }
}

fn prefetch(text: &str) -> Result<NonZeroU32, &'static str> {
    let number = text.parse().ok().filter(|&n: &NonZeroU32| n.get() <= MAX_PREFETCH);
    number.ok_or("is no number from 1 to 65535")
}

fn max_deliveries(text: &str) -> Result<NonZeroU32, &'static str> {
    text.parse().map_err(|_| "is no number from 1 to 4294967295")
}

fn rounds(text: &str) -> Result<ReconnectRounds, &'static str> {
    match text {
        "off" => Ok(ReconnectRounds::Off),
        "forever" => Ok(ReconnectRounds::Forever),
        _ => text
            .parse()
            .map(ReconnectRounds::AtMost)
            .map_err(|_| "is neither `off`, nor `forever`, nor a number from 1 on"),
    }
}

fn multiplier(text: &str) -> Result<f64, &'static str> {
    let number = text
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite() && *number >= 1.0);
    number.ok_or("is no number from 1 on")
}

fn timeout(text: &str) -> Result<Duration, &'static str> {
    match duration::parse(text)? {
        Duration::ZERO => Err("is zero"),
        timeout => Ok(timeout),
    }
}

impl fmt::Debug for UrlOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UrlOptions").field(&show::Pairs(&self.left)).finish()
    }
}
