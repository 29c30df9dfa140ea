//! Messages in logs: what they are and how long, not what they say.

use std::fmt;

use super::{Body, Message};
use crate::error::excerpt;

impl Body {
    /// Bytes, entries or values.
    fn length(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::Map(map) => map.len(),
            Self::Stream(stream) => stream.len(),
        }
    }
}

/// The names of properties came with the message, perhaps from a stranger.
struct Names<'a>(&'a Message);

impl fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 32;
        let names = self.0.properties().names();
        let mut list = f.debug_list();
        list.entries(names.take(MOST).map(|name| Plain(excerpt(name))));
        if self.0.properties().len() > MOST {
            list.finish_non_exhaustive()
        } else {
            list.finish()
        }
    }
}

/// A text that is shown without quotes, as it is escaped already.
struct Plain(String);

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Message");
        shown
            .field("kind", &self.kind())
            .field("length", &self.body().length())
            .field("properties", &Names(self));
        let texts = [
            ("correlation_id", self.correlation_id()),
            ("message_type", self.message_type()),
            ("content_type", self.content_type()),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                shown.field(name, &Plain(excerpt(text)));
            }
        }
        if let Some(address) = self.reply_to() {
            shown.field("reply_to", &Plain(excerpt(&address.to_string())));
        }
        shown.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Map, Queue, Stream};

    #[test]
    fn a_message_shows_what_it_is_and_not_what_it_says() {
        let message = Message::text("hunter2")
            .with_property("card", "hunter2")
            .unwrap()
            .with_correlation_id("a\nb")
            .with_reply_to(&Queue::new("answers").unwrap());
        assert_eq!(
            format!("{message:?}"),
            "Message { kind: Text, length: 7, properties: [card], correlation_id: a\\nb, reply_to: queue:answers }"
        );
        assert!(!format!("{message:#?}").contains("hunter2"));
    }

    #[test]
    fn no_message_shows_long() {
        let long = "x".repeat(1_000_000);
        let mut message = Message::bytes(long.clone()).with_message_type(long.clone());
        for n in 0..1000 {
            message = message.with_property(format!("p{n}"), long.as_str()).unwrap();
        }
        assert!(format!("{message:?}").len() < 1000);
    }

    #[test]
    fn every_kind_has_a_length() {
        let map = Map::new().with("key", "hunter2").unwrap();
        for (message, length) in [
            (Message::empty(), 0),
            (Message::bytes(vec![0; 9]), 9),
            (Message::map(map), 1),
            (Message::stream(Stream::new()), 0),
        ] {
            let shown = format!("{message:?}");
            assert!(shown.contains(&format!("length: {length},")), "{shown}");
        }
    }
}
