use std::net::SocketAddr;

use anymq_api::spi::excerpt;

/// Warns that a password is about to go over the network in clear text; to be called once for a connection without TLS
/// that logs in with a password. Says nothing of connections within this machine.
///
/// `target` is the broker in words, as [`Driver::target`](anymq_api::spi::Driver::target) has it.
pub fn warn_of_exposed_password(peer: SocketAddr, target: &str) {
    if is_exposed(peer) {
        let target = excerpt(target);
        tracing::warn!(%peer, target, "a password is sent without encryption; use TLS");
    }
}

fn is_exposed(peer: SocketAddr) -> bool {
    !peer.ip().to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_the_machine_nobody_listens() {
        for (peer, exposed) in [
            ("127.0.0.1:1", false),
            ("127.8.8.8:1", false),
            ("[::1]:1", false),
            ("[::ffff:127.0.0.1]:1", false),
            ("10.0.0.1:1", true),
            ("[::ffff:10.0.0.1]:1", true),
            ("[fe80::1]:1", true),
        ] {
            assert_eq!(is_exposed(peer.parse().unwrap()), exposed, "{peer}");
        }
    }
}
