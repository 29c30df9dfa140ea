//! What a wire that carries little more than payloads takes of a message.

use crate::{Body, Capabilities, Capability, Message};

/// Which parts of a message arrive: mostly all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Carried {
    headers: bool,
    properties: bool,
    typed_bodies: bool,
}

impl Carried {
    pub(crate) fn by(capabilities: &Capabilities) -> Self {
        Self {
            headers: capabilities.supports(Capability::Headers),
            properties: capabilities.supports(Capability::Properties),
            typed_bodies: capabilities.supports(Capability::TypedBodies),
        }
    }

    /// What a message needs, and does not get.
    #[inline]
    pub(crate) fn lacks(self, message: &Message) -> Option<Capability> {
        let all = self.headers && self.properties && self.typed_bodies;
        if all { None } else { self.lacks_some(message) }
    }

    /// What a send decides, as the message id, is left out without a word: nobody chose it.
    #[cold]
    fn lacks_some(self, message: &Message) -> Option<Capability> {
        if !self.headers && has_headers(message) {
            return Some(Capability::Headers);
        }
        if !self.properties && !message.properties().is_empty() {
            return Some(Capability::Properties);
        }
        if !self.typed_bodies && is_typed(message.body()) {
            return Some(Capability::TypedBodies);
        }
        None
    }
}

fn has_headers(message: &Message) -> bool {
    message.correlation_id().is_some()
        || message.reply_to().is_some()
        || message.message_type().is_some()
        || message.content_type().is_some()
}

/// Others are their payload; one without a body is an empty payload.
fn is_typed(body: &Body) -> bool {
    !matches!(body, Body::Empty | Body::Text(_) | Body::Bytes(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Map, Stream, Support};

    #[test]
    fn what_would_be_lost_is_named() {
        let plain = Carried::by(&Capabilities::none());
        for message in [Message::empty(), Message::text("a"), Message::bytes(vec![1])] {
            assert_eq!(plain.lacks(&message), None, "{message:?}");
        }
        for (message, lacking) in [
            (Message::empty().with_correlation_id("c"), Capability::Headers),
            (Message::empty().with_message_type("t"), Capability::Headers),
            (Message::empty().with_content_type("a/b"), Capability::Headers),
            (Message::empty().with_property("n", 1).unwrap(), Capability::Properties),
            (Message::map(Map::new()), Capability::TypedBodies),
            (Message::stream(Stream::default()), Capability::TypedBodies),
        ] {
            assert_eq!(plain.lacks(&message), Some(lacking), "{message:?}");
            let declared = Capabilities::none().with(lacking, Support::Native);
            assert_eq!(Carried::by(&declared).lacks(&message), None, "{message:?}");
        }
    }
}
