//! The settings of a listener with TLS.

use crate::broker::BrokerTls;

/// The lines of `rabbitmq.conf`, but for the address.
pub(super) fn settings(tls: &BrokerTls) -> String {
    format!(
        "ssl_options.cacertfile = {}\n\
         ssl_options.certfile = {}\n\
         ssl_options.keyfile = {}\n\
         ssl_options.verify = verify_peer\n\
         ssl_options.fail_if_no_peer_cert = {}\n",
        tls.ca.display(),
        tls.certificate.display(),
        tls.key.display(),
        tls.client_certificate_required
    )
}
