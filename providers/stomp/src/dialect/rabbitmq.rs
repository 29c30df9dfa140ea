use anymq_api::{Error, ErrorKind};

use super::Dialect;
use crate::{
    error::{error, words},
    frame::Frame,
};

/// `RabbitMQ` with its STOMP plugin, from 3.10 on.
#[derive(Debug)]
pub(super) struct RabbitMq;

impl Dialect for RabbitMq {
    fn name(&self) -> &'static str {
        "rabbitmq"
    }

    fn serves(&self, server: &str) -> bool {
        server.starts_with("RabbitMQ/")
    }

    fn refusal(&self, frame: &Frame) -> Option<Error> {
        let words = words(frame);
        let kind = kind_of(&words)?;
        Some(error(kind, words))
    }

    fn errors_end_links(&self) -> bool {
        true
    }
}

/// Source: the texts of `rabbit_stomp_processor` in 3.10, and the reply texts of AMQP in them.
fn kind_of(words: &str) -> Option<ErrorKind> {
    let says = |text: &str| words.contains(text);
    Some(match () {
        () if says("Access refused") || says("access_refused") || says("ACCESS_REFUSED") => ErrorKind::Security,
        () if says("Virtual host") => ErrorKind::Configuration,
        () if says("not_found") || says("NOT_FOUND") || says("Unknown destination") => ErrorKind::InvalidDestination,
        () if says("precondition_failed") && says("message size") => ErrorKind::ResourceAllocation,
        () if says("inequivalent arg") => ErrorKind::InvalidDestination,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_broker_s_texts_have_their_class() {
        for (words, kind) in [
            ("Bad CONNECT: Access refused for user 'guest'", ErrorKind::Security),
            ("Bad CONNECT: Virtual host 'x' access denied", ErrorKind::Configuration),
            (
                "not_found: NOT_FOUND - no queue 'a' in vhost '/'",
                ErrorKind::InvalidDestination,
            ),
        ] {
            assert_eq!(kind_of(words), Some(kind), "{words}");
        }
        assert_eq!(kind_of("something else"), None);
    }
}
