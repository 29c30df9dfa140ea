use std::{slice, sync::Arc, vec};

use crate::{StreamReader, Value};

/// The body of a stream message: a sequence of values with their types. JMS: `StreamMessage`.
///
/// Cloning shares. Made by collecting values or by a [`StreamWriter`](crate::StreamWriter); read as a slice, by
/// iteration, or by a [`StreamReader`] with JMS's conversions.
///
/// ```
/// use anymq_api::{Message, Stream, Value};
///
/// let stream: Stream = [Value::from("espresso"), Value::from(2)].into_iter().collect();
/// let message = Message::stream(stream);
/// let mut reader = message.stream_reader()?;
/// assert_eq!(reader.read_string()?.as_deref(), Some("espresso"));
/// assert_eq!(reader.read_i64()?, 2);
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stream(Arc<Vec<Value>>);

impl Stream {
    /// An empty stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// The values in their order.
    pub fn values(&self) -> &[Value] {
        &self.0
    }

    /// The values in their order.
    pub fn iter(&self) -> slice::Iter<'_, Value> {
        self.0.iter()
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A reader from the start, with its own position; it shares the values.
    pub fn reader(&self) -> StreamReader {
        StreamReader::new(self.clone())
    }
}

impl From<Vec<Value>> for Stream {
    fn from(values: Vec<Value>) -> Self {
        Self(Arc::new(values))
    }
}

impl<V: Into<Value>> FromIterator<V> for Stream {
    fn from_iter<I: IntoIterator<Item = V>>(values: I) -> Self {
        values.into_iter().map(Into::into).collect::<Vec<_>>().into()
    }
}

impl<'a> IntoIterator for &'a Stream {
    type Item = &'a Value;
    type IntoIter = slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Stream {
    type Item = Value;
    type IntoIter = vec::IntoIter<Value>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_collected_and_iterated() {
        let stream: Stream = ["a", "b"].into_iter().collect();
        assert_eq!(stream.values(), ["a".into(), "b".into()]);
        assert_eq!((&stream).into_iter().len(), stream.len());
        let shared = stream.clone();
        assert_eq!(stream.into_iter().collect::<Stream>(), shared);
        assert!(Stream::new().is_empty());
    }
}
