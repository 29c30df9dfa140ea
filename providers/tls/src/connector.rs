use std::{fmt, io, sync::Arc};

use anymq_api::{Error, ErrorKind, Result, Retry, spi::excerpt};
use rustls::{ClientConfig, crypto::ring, pki_types::ServerName};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{
    asked::Asked,
    certificates,
    options::{TlsOptions, configuration, server_name},
    refusal::refusal,
};

/// Shakes hands with one broker, as the files were when it was made.
#[derive(Clone)]
pub struct Connector {
    config: Arc<ClientConfig>,
    asked: Arc<Asked>,
    name: ServerName<'static>,
}

impl TlsOptions {
    /// Reads the files, for a connection to `host`.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] for a file that cannot be read or used, which it names without showing anything of
    /// its content, and for a host that no certificate can be for.
    ///
    /// # Cancel safety
    /// Nothing is kept when the future is dropped.
    pub async fn connector(&self, host: &str) -> Result<Connector> {
        let name = match &self.server_name {
            Some(name) => name.clone(),
            None => server_name(host)?,
        };
        let options = self.clone();
        // Files block, and so may the system's store.
        let reading = tokio::task::spawn_blocking(move || options.client_config());
        let mut config = reading
            .await
            .map_err(|error| Error::new(ErrorKind::Other, "reading the TLS files").with_source(error))??;
        let asked = Asked::before(&mut config);
        Ok(Connector {
            config: Arc::new(config),
            asked,
            name,
        })
    }

    fn client_config(&self) -> Result<ClientConfig> {
        let roots = certificates::authorities(self.ca.as_deref())?;
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| configuration("no version of TLS is left").with_source(error))?;
        let builder = builder.with_root_certificates(roots);
        let Some(client) = &self.client else {
            return Ok(builder.with_no_client_auth());
        };
        let chain = certificates::chain(&client.certificates)?;
        let key = certificates::key(&client.key)?;
        builder.with_client_auth_cert(chain, key).map_err(|error| {
            let certificates = excerpt(&client.certificates.to_string_lossy());
            let key = excerpt(&client.key.to_string_lossy());
            let detail = format!("the certificate `{certificates}` and the key `{key}` cannot be used together");
            configuration(&detail).with_source(error)
        })
    }
}

impl Connector {
    /// The handshake, on a socket that is connected to the broker.
    ///
    /// # Errors
    /// [`ErrorKind::Security`] for whatever the handshake refuses, on either side (see [`refusal`](crate::refusal)), and
    /// [`ErrorKind::ConnectionLost`] when the broker is gone before its end.
    ///
    /// # Cancel safety
    /// The socket is closed when the future is dropped.
    pub async fn connect(&self, socket: TcpStream) -> Result<TlsStream<TcpStream>> {
        let connector = TlsConnector::from(Arc::clone(&self.config));
        connector.connect(self.name.clone(), socket).await.map_err(|error| {
            refusal(&error).unwrap_or_else(|| {
                let detail = format!("the broker ended the TLS handshake: {error}");
                Error::new(ErrorKind::ConnectionLost, detail)
                    .with_retry(Retry::Safe)
                    .with_source(error)
            })
        })
    }

    /// What it means that a connection ends after the handshake, before the broker has said anything: mostly that our
    /// certificate, or that there is none, was refused. With TLS 1.3 the broker says so only then, and what it says may
    /// be lost, because it ends the connection at once. `None` when the broker had not asked for a certificate.
    pub fn silent_end(&self, end: &io::Error) -> Option<Error> {
        let guess = || {
            let detail = format!("the broker asked for a client certificate and then ended the connection ({end})");
            Error::new(ErrorKind::Security, detail)
        };
        refusal(end).or_else(|| self.asked.is_so().then(guess))
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
