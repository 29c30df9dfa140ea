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
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use tracing::{Event, Level, Metadata, Subscriber, span};

    use super::*;

    /// Counts warnings.
    struct Warnings(Arc<AtomicUsize>);

    impl Subscriber for Warnings {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            *metadata.level() == Level::WARN
        }

        fn event(&self, _: &Event<'_>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }

        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }

        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

        fn enter(&self, _: &span::Id) {}

        fn exit(&self, _: &span::Id) {}
    }

    #[test]
    fn there_is_one_warning() {
        let count = Arc::new(AtomicUsize::new(0));
        tracing::subscriber::with_default(Warnings(Arc::clone(&count)), || {
            warn_of_exposed_password("127.0.0.1:5672".parse().unwrap(), "localhost");
            assert_eq!(count.load(Ordering::Relaxed), 0);
            warn_of_exposed_password("192.0.2.1:5672".parse().unwrap(), "broker.example");
        });
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }

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
