use std::path::PathBuf;

use anymq_api::{Error, ErrorKind, Result, spi::UrlOptions};
use rustls::pki_types::ServerName;

/// What a URL says of TLS. Names of files only: nothing is read yet.
///
/// ```
/// use anymq_api::spi::BrokerUrl;
/// use anymq_tls::TlsOptions;
///
/// let url = BrokerUrl::parse("amqps://broker.example?ca=/etc/anymq/ca.pem&server-name=broker.internal")?;
/// let mut options = url.options();
/// let tls = TlsOptions::take(&mut options)?;
/// options.finish(&TlsOptions::NAMES)?;
/// assert!(!tls.has_client_certificate());
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TlsOptions {
    pub(crate) ca: Option<PathBuf>,
    pub(crate) client: Option<ClientFiles>,
    pub(crate) server_name: Option<ServerName<'static>>,
}

/// Where our own certificate is.
#[derive(Clone, Debug)]
pub(crate) struct ClientFiles {
    pub(crate) certificates: PathBuf,
    pub(crate) key: PathBuf,
}

impl TlsOptions {
    /// The names of the options, for [`UrlOptions::finish`].
    pub const NAMES: [&'static str; 4] = ["ca", "client-cert", "client-key", "server-name"];

    /// Takes the options:
    ///
    /// * `ca`: a PEM file with the authorities that may have signed the broker's certificate. The system's are trusted
    ///   when there is none, and only then.
    /// * `client-cert`, `client-key`: PEM files with our certificate, those between it and its authority after it, and
    ///   its private key, not encrypted. Both or none.
    /// * `server-name`: the name, or address, that the broker's certificate must be for; the URL's host by default.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] for an empty value, for one of certificate and key without the other, and for a
    /// `server-name` that is neither a DNS name nor an address.
    pub fn take(options: &mut UrlOptions) -> Result<Self> {
        let ca = take_file(options, "ca")?;
        let certificates = take_file(options, "client-cert")?;
        let key = take_file(options, "client-key")?;
        let client = match (certificates, key) {
            (Some(certificates), Some(key)) => Some(ClientFiles { certificates, key }),
            (None, None) => None,
            _ => return Err(configuration("`client-cert` and `client-key` are given together")),
        };
        let server_name = options.take_parsed::<Name>("server-name")?.map(|Name(name)| name);
        Ok(Self {
            ca,
            client,
            server_name,
        })
    }

    /// Whether the broker can know us by a certificate.
    pub fn has_client_certificate(&self) -> bool {
        self.client.is_some()
    }

    /// Whether nothing was said.
    pub fn is_default(&self) -> bool {
        self.ca.is_none() && self.client.is_none() && self.server_name.is_none()
    }
}

fn take_file(options: &mut UrlOptions, name: &'static str) -> Result<Option<PathBuf>> {
    match options.take(name) {
        Some(path) if path.is_empty() => Err(configuration(&format!(
            "option `{name}`: the name of a file is missing"
        ))),
        path => Ok(path.map(PathBuf::from)),
    }
}

/// Parses by the rules for names in certificates.
struct Name(ServerName<'static>);

impl std::str::FromStr for Name {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        server_name(text).map(Self)
    }
}

pub(crate) fn server_name(text: &str) -> Result<ServerName<'static>> {
    ServerName::try_from(text.to_owned()).map_err(|error| {
        configuration("the broker's host cannot stand in a certificate: give `server-name`").with_source(error)
    })
}

pub(crate) fn configuration(detail: &str) -> Error {
    Error::new(ErrorKind::Configuration, detail)
}
