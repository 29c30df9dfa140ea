//! How large a message is, counted without encoding it.

use crate::{Body, Message, PropertyValue, Value};

/// What a value takes that is neither a text nor bytes.
const FIXED: usize = size_of::<u64>();

impl Message {
    /// About how many bytes it has: the [body](Body::size), the names and values of its properties, and the headers that
    /// the application set.
    ///
    /// This is what [`Limits::max_message_size`](crate::Limits::max_message_size) is about. Texts and bytes count as
    /// they are, any other value as eight bytes. What a protocol puts around it does not count.
    ///
    /// ```
    /// use anymq_api::Message;
    ///
    /// let message = Message::text("espresso").with_property("table", 7)?;
    /// assert_eq!(message.size(), 8 + 5 + 8);
    /// # Ok::<(), anymq_api::Error>(())
    /// ```
    pub fn size(&self) -> usize {
        let properties = self.properties().iter();
        let properties = properties.map(|(name, value)| name.len() + of_property(value));
        let texts = [self.correlation_id(), self.message_type(), self.content_type()];
        let headers = texts.into_iter().flatten().map(str::len);
        let reply_to = self.reply_to().map_or(0, |address| address.name().len());
        self.body().size() + properties.sum::<usize>() + headers.sum::<usize>() + reply_to
    }
}

impl Body {
    /// About how many bytes it has: texts and bytes as they are, the names of a map, and eight for any other value.
    pub fn size(&self) -> usize {
        match self {
            Body::Empty => 0,
            Body::Text(text) => text.len(),
            Body::Bytes(bytes) => bytes.len(),
            Body::Map(map) => map.iter().map(|(name, value)| name.len() + of_value(value)).sum(),
            Body::Stream(stream) => stream.iter().map(of_value).sum(),
        }
    }
}

fn of_value(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => FIXED,
    }
}

fn of_property(value: &PropertyValue) -> usize {
    match value {
        PropertyValue::String(text) => text.len(),
        _ => FIXED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Map, Queue};

    #[test]
    fn bodies_of_every_kind_are_counted() {
        let map = Map::new().with("ab", "cde").unwrap().with("f", 1).unwrap();
        let values = [Value::from("abc"), Value::from(vec![0_u8; 5]), Value::from(true)];
        let stream = values.into_iter().collect();
        for (message, size) in [
            (Message::empty(), 0),
            (Message::text("größe"), 7),
            (Message::bytes(vec![0; 9]), 9),
            (Message::map(map), 2 + 3 + 1 + 8),
            (Message::stream(stream), 3 + 5 + 8),
        ] {
            assert_eq!(message.size(), size, "{message:?}");
        }
    }

    #[test]
    fn properties_and_headers_count() {
        let message = Message::text("x").with_property("name", "value").unwrap();
        let message = message.with_property("n", 1_i8).unwrap();
        assert_eq!(message.size(), 1 + 9 + 9);
        let message = message.with_correlation_id("12").with_message_type("345");
        let message = message
            .with_content_type("6789")
            .with_reply_to(&Queue::new("reply").unwrap());
        assert_eq!(message.size(), 1 + 9 + 9 + 2 + 3 + 4 + 5);
    }
}
