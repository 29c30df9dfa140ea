//! How a broker listens with TLS.

use std::path::PathBuf;

/// The PEM files of a listener with TLS, which the broker reads anew from time to time.
#[derive(Debug, Clone)]
pub struct BrokerTls {
    /// The authorities that may have signed the certificates of clients.
    pub ca: PathBuf,
    /// The broker's certificate.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// Whether clients without a certificate are turned away.
    pub client_certificate_required: bool,
}

impl BrokerTls {
    /// The lines of `rabbitmq.conf`, but for the address.
    pub(super) fn settings(&self) -> String {
        format!(
            "ssl_options.cacertfile = {}\n\
             ssl_options.certfile = {}\n\
             ssl_options.keyfile = {}\n\
             ssl_options.verify = verify_peer\n\
             ssl_options.fail_if_no_peer_cert = {}\n",
            self.ca.display(),
            self.certificate.display(),
            self.key.display(),
            self.client_certificate_required
        )
    }
}
