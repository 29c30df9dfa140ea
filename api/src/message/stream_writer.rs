use bytes::Bytes;
use bytestring::ByteString;

use super::slice;
use crate::{Result, Stream, Value};

/// Writes the body of a stream message value by value. JMS: a `StreamMessage` in its write-only mode.
///
/// A writer cannot read, and a [`StreamReader`](crate::StreamReader) cannot write: what is
/// `MessageNotReadableException` and `MessageNotWriteableException` in JMS does not compile here, and neither does a
/// value of an unsupported type.
///
/// ```
/// use anymq_api::{Message, StreamWriter, Value};
///
/// let mut writer = StreamWriter::new();
/// writer.write_string("espresso");
/// writer.write_i16(2);
/// writer.write_value(Value::Null);
/// assert_eq!(Message::stream(writer.finish()).as_stream().unwrap().len(), 3);
/// ```
#[derive(Clone, Debug, Default)]
pub struct StreamWriter(Vec<Value>);

impl StreamWriter {
    /// An empty body.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was written, as a body. JMS: `reset`.
    pub fn finish(self) -> Stream {
        self.0.into()
    }

    /// How many values were written.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Discards what was written. JMS: `clearBody`.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Writes a text; a `String` or `ByteString` is taken without a copy. JMS: `writeString`.
    pub fn write_string(&mut self, text: impl Into<ByteString>) {
        self.write_value(text.into());
    }

    /// Writes bytes as one value; `Bytes` and `Vec<u8>` are taken without a copy. JMS: `writeBytes`.
    pub fn write_bytes(&mut self, bytes: impl Into<Bytes>) {
        self.write_value(bytes.into());
    }

    /// Writes a copy of `length` bytes from `offset` on as one value. JMS: `writeBytes(value, offset, length)`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) when the range is not within `bytes`; then
    /// nothing is written.
    pub fn write_bytes_slice(&mut self, bytes: &[u8], offset: usize, length: usize) -> Result<()> {
        self.write_value(slice::part(bytes, offset, length)?);
        Ok(())
    }

    /// Writes a value of any type, null too. JMS: `writeObject`.
    pub fn write_value(&mut self, value: impl Into<Value>) {
        self.0.push(value.into());
    }
}

macro_rules! writers {
    ($($name:ident($type:ty), $doc:literal;)*) => {
        impl StreamWriter {$(
            #[doc = $doc]
            pub fn $name(&mut self, value: $type) {
                self.write_value(value);
            }
        )*}
    };
}

writers! {
    write_bool(bool), "Writes a `bool`. JMS: `writeBoolean`.";
    write_i8(i8), "Writes an `i8`. JMS: `writeByte`.";
    write_i16(i16), "Writes an `i16`. JMS: `writeShort`.";
    write_char(char), "Writes a character. JMS: `writeChar`.";
    write_i32(i32), "Writes an `i32`. JMS: `writeInt`.";
    write_i64(i64), "Writes an `i64`. JMS: `writeLong`.";
    write_f32(f32), "Writes an `f32`. JMS: `writeFloat`.";
    write_f64(f64), "Writes an `f64`. JMS: `writeDouble`.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn strm_02_every_type_is_written_with_its_type() {
        let mut writer = StreamWriter::new();
        writer.write_bool(true);
        writer.write_i8(1);
        writer.write_i16(1);
        writer.write_char('1');
        writer.write_i32(1);
        writer.write_i64(1);
        writer.write_f32(1.0);
        writer.write_f64(1.0);
        writer.write_string("1");
        writer.write_bytes(vec![1]);
        writer.write_bytes_slice(&[0, 1, 2], 1, 1).unwrap();
        writer.write_value(Value::Null);
        let expected = [
            Value::Bool(true),
            Value::I8(1),
            Value::I16(1),
            Value::Char('1'),
            Value::I32(1),
            Value::I64(1),
            Value::F32(1.0),
            Value::F64(1.0),
            "1".into(),
            (&[1]).into(),
            (&[1]).into(),
            Value::Null,
        ];
        assert_eq!(writer.finish().values(), expected);
    }

    #[test]
    fn a_range_beyond_the_bytes_writes_nothing() {
        let mut writer = StreamWriter::new();
        let error = writer.write_bytes_slice(&[1], 0, 2).unwrap_err();
        assert_eq!((error.kind(), writer.is_empty()), (ErrorKind::InvalidArgument, true));
        writer.write_bool(true);
        assert_eq!(writer.len(), 1);
        writer.clear();
        assert!(writer.is_empty());
    }
}
