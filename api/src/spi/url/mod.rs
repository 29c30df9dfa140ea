//! Broker URLs: the outer grammar, credentials, and options that refuse what they do not know.

mod authority;
mod duration;
mod failover;
mod grammar;
mod options;
mod percent;
mod query;
mod show;
mod suggest;
#[cfg(test)]
mod tests;

pub use failover::FailoverUrl;
pub use options::UrlOptions;

use std::str::FromStr;

use crate::{Credentials, Error, ErrorKind, Result};

/// A broker's URL, taken apart: `scheme://user:password@host:port/path?option=value`.
///
/// * The scheme is read in any case and kept in lower case.
/// * User name and password are percent-decoded. An `@` in the password may stand as it is: the last one before the
///   path splits. `,`, `;`, `/`, `?` and `#` must be percent-encoded there.
/// * The host is a name, an IPv4 address, or an IPv6 address in brackets; the port is 1 to 65535.
/// * The path is kept as it is written, with `@`, `,` and `;` percent-encoded;
///   [`decoded_path`](Self::decoded_path) decodes it.
/// * Options are percent-decoded; `+` is a plus. Each is given at most once, with a value. An `@` is percent-encoded
///   there as well, so that a password with a raw `?` is never taken for options.
///
/// One URL names one broker: lists of hosts are refused, never cut down to one of their hosts. Several brokers are a
/// [`FailoverUrl`].
///
/// `Display` and `Debug` show `***` for the password and for the values of options whose names speak of secrets;
/// [`expose`](Self::expose) gives the whole text.
///
/// ```
/// use anymq_api::spi::BrokerUrl;
///
/// let url: BrokerUrl = "amqp://till:s3cret@broker.example:5672/%2f?heartbeat=10s".parse()?;
/// assert_eq!(url.scheme(), "amqp");
/// assert_eq!(url.host(), Some("broker.example"));
/// assert_eq!(url.decoded_path(), "/");
/// assert_eq!(url.to_string(), "amqp://till:***@broker.example:5672/%2f?heartbeat=10s");
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone)]
pub struct BrokerUrl {
    scheme: String,
    credentials: Option<Credentials>,
    host: Option<String>,
    port: Option<u16>,
    path: Option<String>,
    options: Vec<(String, String)>,
}

impl BrokerUrl {
    /// Takes a URL apart.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`], saying what is wrong and showing neither user name nor password.
    pub fn parse(text: &str) -> Result<Self> {
        let parts = grammar::split(text)?;
        let authority = authority::parse(parts.authority)?;
        Ok(Self {
            scheme: parts.scheme.to_ascii_lowercase(),
            credentials: authority.credentials,
            host: authority.host,
            port: authority.port,
            path: parts.path.map(str::to_owned),
            options: parts.query.map_or_else(|| Ok(Vec::new()), query::parse)?,
        })
    }

    /// Percent-encodes a text so that it can stand, as it is meant, for a user name, a password, a path or the value
    /// of an option.
    ///
    /// ```
    /// use anymq_api::spi::BrokerUrl;
    ///
    /// let url = format!("amqp://till:{}@localhost", BrokerUrl::encode("p@ss/word?"));
    /// let url = BrokerUrl::parse(&url)?;
    /// assert_eq!(url.credentials().map(|c| c.expose_password()), Some("p@ss/word?"));
    /// # Ok::<(), anymq_api::Error>(())
    /// ```
    #[must_use]
    pub fn encode(text: &str) -> String {
        percent::encode(text, "")
    }

    /// The scheme, in lower case.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// User name and password, percent-decoded. A user name alone has an empty password.
    pub fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }

    /// The host as it was written, without the brackets of an IPv6 address.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The port, where one is given.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// What stands behind the first slash after the authority, not percent-decoded; empty when there is no slash.
    pub fn path(&self) -> &str {
        self.path.as_deref().unwrap_or_default()
    }

    /// Whether a slash follows the authority: tells `amqp://host/` from `amqp://host`.
    pub fn has_path(&self) -> bool {
        self.path.is_some()
    }

    /// The [`path`](Self::path), percent-decoded as a whole.
    pub fn decoded_path(&self) -> String {
        // The grammar has checked the encoding, so the fallback is never taken.
        percent::decode(self.path()).unwrap_or_default()
    }

    /// The options, to be taken one by one; percent-decoded, each given once.
    pub fn options(&self) -> UrlOptions {
        UrlOptions::from_pairs(self.options.iter().cloned()).beside(self.credentials())
    }
}

impl FromStr for BrokerUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

fn refused(problem: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, problem)
}
