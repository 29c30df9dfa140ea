//! How a broker listens with TLS.

use std::path::PathBuf;

/// The PEM files of a listener with TLS. `RabbitMQ` reads them anew from time to time, ActiveMQ whenever it starts.
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
