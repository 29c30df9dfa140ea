use anymq_api::{Error, ErrorKind};

use super::Dialect;
use crate::{
    error::{error, words},
    frame::Frame,
};

/// `ActiveMQ` Classic, from 5.15 on.
#[derive(Debug)]
pub(super) struct ActiveMq;

impl Dialect for ActiveMq {
    fn name(&self) -> &'static str {
        "activemq"
    }

    fn serves(&self, server: &str) -> bool {
        server.starts_with("ActiveMQ/")
    }

    fn refusal(&self, frame: &Frame) -> Option<Error> {
        let words = words(frame);
        let kind = kind_of(&words)?;
        Some(error(kind, words))
    }

    fn errors_end_links(&self) -> bool {
        false
    }
}

/// Source: the texts of 5.17's `AuthorizationBroker`, `SimpleAuthenticationBroker`, `RegionBroker` and `ProtocolConverter`.
fn kind_of(words: &str) -> Option<ErrorKind> {
    let says = |text: &str| words.contains(text);
    Some(match () {
        () if says("User name [") || says("is not authorized") || says("SecurityException") => ErrorKind::Security,
        () if says("already connected from") || says("InvalidClientID") => ErrorKind::InvalidClientId,
        () if says("InvalidSelector") => ErrorKind::InvalidSelector,
        () if says("InvalidDestination") || says("cannot be created") => ErrorKind::InvalidDestination,
        () if says("ResourceAllocation") || says("Usage Manager") => ErrorKind::ResourceAllocation,
        () if says("Frame size") || says("maximum data length") => ErrorKind::ResourceAllocation,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_broker_s_texts_have_their_class() {
        for (words, kind) in [
            ("User name [guest] or password is invalid.", ErrorKind::Security),
            (
                "User guest is not authorized to write to: queue://a",
                ErrorKind::Security,
            ),
            (
                "Broker: localhost - Client: till already connected from tcp://127.0.0.1:1",
                ErrorKind::InvalidClientId,
            ),
        ] {
            assert_eq!(kind_of(words), Some(kind), "{words}");
        }
        assert_eq!(kind_of("something else"), None);
    }
}
