use bytes::Bytes;
use bytestring::ByteString;

use super::{convert::View, slice};
use crate::{Error, ErrorKind, Result, Stream, Value};

/// Reads the body of a stream message value by value, from the start. JMS: a `StreamMessage` in its read-only mode.
///
/// The typed readers convert as the getters of [`Map`](crate::Map) do. A call that fails leaves the position where it
/// was, so the same value can be read as another type. The values are shared, not copied.
/// [`Message::stream_reader`](crate::Message::stream_reader) makes one; each has its own position.
///
/// ```
/// use anymq_api::{ErrorKind, Stream};
///
/// let stream: Stream = ["seven"].into_iter().collect();
/// let mut reader = stream.reader();
/// assert_eq!(reader.read_i32().unwrap_err().kind(), ErrorKind::NumberFormat);
/// assert_eq!(reader.read_string()?.as_deref(), Some("seven"));
/// assert_eq!(reader.read_string().unwrap_err().kind(), ErrorKind::MessageEof);
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct StreamReader {
    stream: Stream,
    position: usize,
    /// How much of the value at the position `read_bytes` has given, once it has begun and until it has said so.
    taken: Option<usize>,
}

impl StreamReader {
    /// Reads this stream.
    pub fn new(stream: Stream) -> Self {
        Self {
            stream,
            position: 0,
            taken: None,
        }
    }

    /// Goes back to the start. JMS: `reset`.
    pub fn reset(&mut self) {
        self.position = 0;
        self.taken = None;
    }

    /// How many values were read.
    pub fn position(&self) -> usize {
        self.position
    }

    /// How many values are left; bytes that are read in pieces count until their end was seen.
    pub fn remaining(&self) -> usize {
        self.stream.len().saturating_sub(self.position)
    }

    /// Reads a character, from a character only. JMS: `readChar`.
    ///
    /// # Errors
    /// [`ErrorKind::MessageEof`] at the end; [`ErrorKind::MessageFormat`] for every other type, or while bytes are
    /// read in pieces; [`ErrorKind::InvalidArgument`] for null.
    pub fn read_char(&mut self) -> Result<char> {
        self.read(Value::to_char)
    }

    /// Reads a text, from every type but bytes; none from null. A text is shared, not copied. JMS: `readString`.
    ///
    /// # Errors
    /// [`ErrorKind::MessageEof`] at the end; [`ErrorKind::MessageFormat`] for bytes, or while bytes are read in
    /// pieces.
    pub fn read_string(&mut self) -> Result<Option<ByteString>> {
        self.read(|value| match value {
            Value::String(text) => Ok(Some(text.clone())),
            other => Ok(other.to_text()?.map(|text| text.into_owned().into())),
        })
    }

    /// Reads a value of any type as it was written; bytes whole and shared. JMS: `readObject`.
    ///
    /// # Errors
    /// [`ErrorKind::MessageEof`] at the end; [`ErrorKind::MessageFormat`] while bytes are read in pieces.
    pub fn read_value(&mut self) -> Result<Value> {
        self.read(|value| Ok(value.clone()))
    }

    /// Reads a value of bytes, or its next piece: as many bytes as are left of it and fit, and tells how many.
    /// JMS: `readBytes`, with its -1 as none.
    ///
    /// A value has ended when the number is less than the buffer's length, or none. So when a piece fills the buffer
    /// exactly one call more is needed, which gives none if nothing was left; until then every other reader fails.
    /// Null gives none at once, and no bytes give 0.
    ///
    /// ```
    /// use anymq_api::{Stream, Value};
    ///
    /// let stream: Stream = [Value::from(b"abcd")].into_iter().collect();
    /// let (mut reader, mut buffer) = (stream.reader(), [0; 2]);
    /// assert_eq!(reader.read_bytes(&mut buffer)?, Some(2));
    /// assert_eq!(reader.read_bytes(&mut buffer)?, Some(2));
    /// assert!(reader.read_value().is_err());
    /// assert_eq!(reader.read_bytes(&mut buffer)?, None);
    /// # Ok::<(), anymq_api::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::MessageEof`] at the end; [`ErrorKind::MessageFormat`] for every type but bytes and null.
    pub fn read_bytes(&mut self, buffer: &mut [u8]) -> Result<Option<usize>> {
        let Some(bytes) = self.current()?.to_bytes()? else {
            self.advance();
            return Ok(None);
        };
        let count = self.copy_piece(&bytes, buffer);
        if count.is_none_or(|count| count < buffer.len()) {
            self.advance();
        }
        Ok(count)
    }

    fn copy_piece(&mut self, bytes: &Bytes, buffer: &mut [u8]) -> Option<usize> {
        let start = self.taken.unwrap_or(0);
        let rest = bytes.get(start..).unwrap_or_default();
        if rest.is_empty() && self.taken.is_some() {
            return None;
        }
        let count = slice::copy(rest, buffer);
        self.taken = Some(start + count);
        Some(count)
    }

    fn current(&self) -> Result<&Value> {
        let value = self.stream.values().get(self.position);
        value.ok_or_else(|| Error::new(ErrorKind::MessageEof, "no value is left in the stream"))
    }

    fn advance(&mut self) {
        self.position += 1;
        self.taken = None;
    }

    fn read<T>(&mut self, convert: impl FnOnce(&Value) -> Result<T>) -> Result<T> {
        let value = self.current()?;
        if self.taken.is_some() {
            return Err(Error::new(
                ErrorKind::MessageFormat,
                "bytes are being read in pieces, and their end was not seen yet",
            ));
        }
        let read = convert(value)?;
        self.advance();
        Ok(read)
    }
}

macro_rules! readers {
    ($($name:ident -> $type:ty = $convert:ident, $doc:literal;)*) => {
        impl StreamReader {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// [`ErrorKind::MessageEof`] at the end; [`ErrorKind::MessageFormat`] for a type that does not convert, or
            /// while bytes are read in pieces; [`ErrorKind::NumberFormat`] for a text that does not parse, and where
            /// a number is asked of null (a float too, where Java has a null pointer).
            pub fn $name(&mut self) -> Result<$type> {
                self.read(|value| View::$convert(value.view()))
            }
        )*}
    };
}

readers! {
    read_bool -> bool = to_bool, "Reads from `bool` or a text; null is false. JMS: `readBoolean`.";
    read_i8 -> i8 = to_i8, "Reads from `i8` or a text. JMS: `readByte`.";
    read_i16 -> i16 = to_i16, "Reads from `i8`, `i16` or a text. JMS: `readShort`.";
    read_i32 -> i32 = to_i32, "Reads from `i8`, `i16`, `i32` or a text. JMS: `readInt`.";
    read_i64 -> i64 = to_i64, "Reads from any integer or a text. JMS: `readLong`.";
    read_f32 -> f32 = to_f32, "Reads from `f32` or a text. JMS: `readFloat`.";
    read_f64 -> f64 = to_f64, "Reads from `f32`, `f64` or a text. JMS: `readDouble`.";
}

#[cfg(test)]
mod tests {
    use super::super::conversion_table::{rows, symbol};
    use super::*;

    fn reader(values: impl IntoIterator<Item = Value>) -> StreamReader {
        values.into_iter().collect::<Stream>().reader()
    }

    /// What each reader makes of the value at the position, each on its own copy of the reader.
    fn outcomes(reader: &StreamReader) -> String {
        macro_rules! cell {
            ($read:ident) => {{
                let mut own = reader.clone();
                let result = own.$read();
                assert_eq!(own.position(), usize::from(result.is_ok()), "STRM-04");
                symbol(&result)
            }};
        }
        [
            cell!(read_bool),
            cell!(read_i8),
            cell!(read_i16),
            cell!(read_char),
            cell!(read_i32),
            cell!(read_i64),
            cell!(read_f32),
            cell!(read_f64),
            cell!(read_string),
            symbol(&reader.clone().read_bytes(&mut [0; 8])),
        ]
        .into_iter()
        .collect()
    }

    /// STRM-03, STRM-04, STRM-06: table 2b, all 100 cells, and null.
    #[test]
    fn strm_03_readers_convert_as_the_table_says() {
        for (value, expected) in rows() {
            assert_eq!(outcomes(&reader([value.clone()])), expected, "{value:?}");
        }
    }

    #[test]
    fn strm_02_10_values_come_back_in_order_with_their_types() {
        let values: Vec<Value> = rows().into_iter().map(|(value, _)| value).collect();
        let mut reader = reader(values.clone());
        for _ in 0..2 {
            for value in &values {
                assert_eq!(&reader.read_value().unwrap(), value);
            }
            assert_eq!(reader.remaining(), 0);
            reader.reset(); // STRM-01
        }
    }

    #[test]
    fn strm_04_a_failed_read_can_be_repeated_as_another_type() {
        let mut reader = reader(["one".into(), 7_i64.into()]);
        assert_eq!(reader.read_i8().unwrap_err().kind(), ErrorKind::NumberFormat);
        assert_eq!(reader.read_char().unwrap_err().kind(), ErrorKind::MessageFormat);
        assert_eq!(
            reader.read_bytes(&mut [0]).unwrap_err().kind(),
            ErrorKind::MessageFormat
        );
        assert_eq!(reader.read_string().unwrap().unwrap(), "one");
        assert_eq!(reader.read_i32().unwrap_err().kind(), ErrorKind::MessageFormat);
        assert_eq!(reader.read_i64().unwrap(), 7);
    }

    #[test]
    fn strm_05_the_end_is_the_end_for_every_reader() {
        let mut end = reader([]);
        for _ in 0..2 {
            let errors = [
                end.read_bool().map(drop),
                end.read_i8().map(drop),
                end.read_i16().map(drop),
                end.read_char().map(drop),
                end.read_i32().map(drop),
                end.read_i64().map(drop),
                end.read_f32().map(drop),
                end.read_f64().map(drop),
                end.read_string().map(drop),
                end.read_value().map(drop),
                end.read_bytes(&mut [0]).map(drop),
                end.read_bytes(&mut []).map(drop),
            ];
            assert!(
                errors
                    .into_iter()
                    .all(|e| e.unwrap_err().kind() == ErrorKind::MessageEof)
            );
        }
    }

    #[test]
    fn strm_06_null_is_false_and_no_text() {
        let mut reader = reader([Value::Null, Value::Null, Value::Null]);
        assert!(!reader.read_bool().unwrap());
        assert_eq!(reader.read_string().unwrap(), None);
        assert_eq!(reader.read_value().unwrap(), Value::Null);
    }

    #[test]
    fn strm_07_bytes_come_in_pieces() {
        let mut reader = reader([b"abcde".into(), b"abcd".into(), 1.into()]);
        let mut buffer = [0; 2];
        for expected in [Some(2), Some(2), Some(1), Some(2), Some(2), None] {
            assert_eq!(reader.read_bytes(&mut buffer).unwrap(), expected);
        }
        assert_eq!(buffer, *b"cd");
        assert_eq!(reader.read_i32().unwrap(), 1);
    }

    #[test]
    fn strm_08_no_other_reader_in_between() {
        let mut reader = reader([b"ab".into(), 1.into()]);
        // Some bytes are left; then none, but the end was not seen.
        for _ in 0..2 {
            assert_eq!(reader.read_bytes(&mut [0]).unwrap(), Some(1));
            let mut other = reader.clone();
            assert_eq!(other.read_value().unwrap_err().kind(), ErrorKind::MessageFormat);
            assert_eq!(other.read_i32().unwrap_err().kind(), ErrorKind::MessageFormat);
            assert_eq!(other.read_string().unwrap_err().kind(), ErrorKind::MessageFormat);
            assert_eq!(other.read_bool().unwrap_err().kind(), ErrorKind::MessageFormat);
            assert_eq!(other.position(), 0);
        }
        let mut again = reader.clone();
        again.reset();
        assert_eq!(again.read_value().unwrap(), b"ab".into());
        assert_eq!(reader.read_bytes(&mut [0]).unwrap(), None);
        assert_eq!(reader.read_i32().unwrap(), 1);
    }

    #[test]
    fn strm_09_null_empty_and_what_is_no_bytes() {
        let mut reader = reader([Value::Null, Bytes::new().into(), 1.into()]);
        assert_eq!(reader.read_bytes(&mut [0]).unwrap(), None);
        assert_eq!(reader.read_bytes(&mut [0]).unwrap(), Some(0));
        assert_eq!(
            reader.read_bytes(&mut [0]).unwrap_err().kind(),
            ErrorKind::MessageFormat
        );
        assert_eq!(reader.position(), 2);
    }

    #[test]
    fn an_empty_buffer_is_always_full() {
        let mut reader = reader([b"a".into(), Bytes::new().into()]);
        assert_eq!(reader.read_bytes(&mut []).unwrap(), Some(0));
        assert_eq!(reader.read_bytes(&mut [0; 2]).unwrap(), Some(1));
        assert_eq!(reader.read_bytes(&mut []).unwrap(), Some(0));
        assert_eq!(reader.read_bytes(&mut []).unwrap(), None);
        assert_eq!(reader.remaining(), 0);
    }

    #[test]
    fn texts_and_bytes_are_shared() {
        let (text, bytes) = (ByteString::from("a"), Bytes::from(vec![1]));
        let mut reader = reader([text.clone().into(), bytes.clone().into()]);
        assert_eq!(reader.read_string().unwrap().unwrap().as_ptr(), text.as_ptr());
        let Value::Bytes(read) = reader.read_value().unwrap() else {
            panic!("no bytes")
        };
        assert_eq!(read.as_ptr(), bytes.as_ptr());
    }
}
