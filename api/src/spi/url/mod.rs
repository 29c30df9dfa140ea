//! Broker URLs: the outer grammar, credentials, and options that refuse what they do not know.

mod options;

pub use options::UrlOptions;

use std::fmt;

use crate::{Credentials, Error, ErrorKind, Result};

/// A broker's URL, taken apart: `scheme://user:password@host:port/path?option=value`. Shows no password.
#[derive(Clone)]
pub struct BrokerUrl {
    scheme: String,
    credentials: Option<Credentials>,
    host: Option<String>,
    port: Option<u16>,
    path: String,
    options: Vec<(String, String)>,
}

impl BrokerUrl {
    /// Takes a URL apart.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`], saying what is wrong and showing no password.
    pub fn parse(text: &str) -> Result<Self> {
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| Error::new(ErrorKind::Configuration, "a broker URL has the form scheme://…"))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (userinfo, address) = authority
            .rsplit_once('@')
            .map_or((None, authority), |(u, a)| (Some(u), a));
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) => (
                host,
                Some(
                    port.parse()
                        .map_err(|_| Error::new(ErrorKind::Configuration, "bad port"))?,
                ),
            ),
            None => (address, None),
        };
        Ok(Self {
            scheme: scheme.to_owned(),
            credentials: userinfo.map(|u| {
                let (user, password) = u.split_once(':').unwrap_or((u, ""));
                Credentials::new(user, password)
            }),
            host: (!host.is_empty()).then(|| host.to_owned()),
            port,
            path: path.to_owned(),
            options: query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
        })
    }

    /// The scheme, in lower case.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// User name and password, percent-decoded.
    pub fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }

    /// The host, without the brackets of an IPv6 address.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The port, where one is given.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// What stands behind the first slash after the authority, not percent-decoded.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The options, to be taken one by one; percent-decoded, each given once.
    pub fn options(&self) -> UrlOptions {
        UrlOptions::new(self.options.clone())
    }
}

impl fmt::Debug for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrokerUrl")
            .field("scheme", &self.scheme)
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
