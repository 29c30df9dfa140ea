use bytes::{BufMut, Bytes, BytesMut};

use super::{modified_utf8, slice};
use crate::{Error, ErrorKind, Result, Value};

/// Writes the body of a bytes message value by value. JMS: a `BytesMessage` in its write-only mode.
///
/// The layout is that of `java.io.DataOutput`, which other JMS clients read: big-endian, and texts as two bytes of
/// length and modified UTF-8. The types are not written; whoever reads must know them. A call that fails writes
/// nothing.
///
/// A writer cannot read, and a [`BytesReader`](crate::BytesReader) cannot write: what is
/// `MessageNotReadableException` and `MessageNotWriteableException` in JMS does not compile here.
///
/// ```
/// use anymq_api::{BytesWriter, Message};
///
/// let mut writer = BytesWriter::new();
/// writer.write_i32(7);
/// writer.write_utf("espresso")?;
/// let message = Message::bytes(writer.finish());
///
/// let mut reader = message.bytes_reader()?;
/// assert_eq!(reader.read_i32()?, 7);
/// assert_eq!(reader.read_utf()?, "espresso");
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct BytesWriter(BytesMut);

impl BytesWriter {
    /// An empty body.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was written, as a body; no copy is made. JMS: `reset`.
    pub fn finish(self) -> Bytes {
        self.0.freeze()
    }

    /// How many bytes were written.
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

    /// Writes one byte, 1 for true and 0 for false. JMS: `writeBoolean`.
    pub fn write_bool(&mut self, value: bool) {
        self.0.put_u8(value.into());
    }

    /// Writes one byte. JMS: `writeByte`.
    pub fn write_i8(&mut self, value: i8) {
        self.0.put_i8(value);
    }

    /// Writes one byte. JMS: `writeByte`.
    pub fn write_u8(&mut self, value: u8) {
        self.0.put_u8(value);
    }

    /// Writes two bytes. JMS: `writeShort`.
    pub fn write_i16(&mut self, value: i16) {
        self.0.put_i16(value);
    }

    /// Writes two bytes. JMS: `writeShort`.
    pub fn write_u16(&mut self, value: u16) {
        self.0.put_u16(value);
    }

    /// Writes a character's UTF-16 unit, two bytes. JMS: `writeChar`.
    ///
    /// # Errors
    /// [`ErrorKind::MessageFormat`] for a character outside the basic multilingual plane, which has no single unit.
    pub fn write_char(&mut self, value: char) -> Result<()> {
        let unit = u16::try_from(u32::from(value)).map_err(|_| {
            let detail = format!("`{value}` lies outside the basic multilingual plane");
            Error::new(ErrorKind::MessageFormat, detail)
        })?;
        self.0.put_u16(unit);
        Ok(())
    }

    /// Writes four bytes. JMS: `writeInt`.
    pub fn write_i32(&mut self, value: i32) {
        self.0.put_i32(value);
    }

    /// Writes eight bytes. JMS: `writeLong`.
    pub fn write_i64(&mut self, value: i64) {
        self.0.put_i64(value);
    }

    /// Writes four bytes of IEEE 754. JMS: `writeFloat`.
    pub fn write_f32(&mut self, value: f32) {
        self.0.put_f32(value);
    }

    /// Writes eight bytes of IEEE 754. JMS: `writeDouble`.
    pub fn write_f64(&mut self, value: f64) {
        self.0.put_f64(value);
    }

    /// Writes a text: two bytes of length, then modified UTF-8. JMS: `writeUTF`.
    ///
    /// # Errors
    /// [`ErrorKind::MessageFormat`] when the text takes more than 65535 bytes.
    pub fn write_utf(&mut self, text: &str) -> Result<()> {
        let length = u16::try_from(modified_utf8::encoded_len(text)).map_err(|_| {
            let detail = format!("a text of {} bytes is too long: 65535 are allowed", text.len());
            Error::new(ErrorKind::MessageFormat, detail)
        })?;
        self.0.put_u16(length);
        modified_utf8::encode(text, &mut self.0);
        Ok(())
    }

    /// Writes bytes as they are, without their number. JMS: `writeBytes`.
    pub fn write_bytes(&mut self, bytes: &[u8]) {
        self.0.put_slice(bytes);
    }

    /// Writes `length` bytes from `offset` on. JMS: `writeBytes(value, offset, length)`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] when the range is not within `bytes`.
    pub fn write_bytes_slice(&mut self, bytes: &[u8], offset: usize, length: usize) -> Result<()> {
        self.write_bytes(slice::part(bytes, offset, length)?);
        Ok(())
    }

    /// Writes a value by its type; a text as [`write_utf`](Self::write_utf). JMS: `writeObject`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for null; as [`write_char`](Self::write_char) and
    /// [`write_utf`](Self::write_utf).
    pub fn write_value(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Null => return Err(Error::new(ErrorKind::InvalidArgument, "null has no bytes")),
            Value::Bool(value) => self.write_bool(*value),
            Value::I8(value) => self.write_i8(*value),
            Value::I16(value) => self.write_i16(*value),
            Value::Char(value) => self.write_char(*value)?,
            Value::I32(value) => self.write_i32(*value),
            Value::I64(value) => self.write_i64(*value),
            Value::F32(value) => self.write_f32(*value),
            Value::F64(value) => self.write_f64(*value),
            Value::String(text) => self.write_utf(text)?,
            Value::Bytes(bytes) => self.write_bytes(bytes),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut BytesWriter)) -> Bytes {
        let mut writer = BytesWriter::new();
        write(&mut writer);
        writer.finish()
    }

    #[test]
    fn bytes_04_the_layout_is_data_output_s() {
        assert_eq!(written(|w| w.write_bool(true)), [1].as_slice());
        assert_eq!(written(|w| w.write_i8(-2)), [0xfe].as_slice());
        assert_eq!(written(|w| w.write_u8(0xfe)), [0xfe].as_slice());
        assert_eq!(written(|w| w.write_i16(-2)), [0xff, 0xfe].as_slice());
        assert_eq!(written(|w| w.write_u16(0x0102)), [1, 2].as_slice());
        assert_eq!(written(|w| w.write_char('€').unwrap()), [0x20, 0xac].as_slice());
        assert_eq!(written(|w| w.write_i32(0x0102_0304)), [1, 2, 3, 4].as_slice());
        assert_eq!(written(|w| w.write_i64(-1)), [0xff; 8].as_slice());
        assert_eq!(written(|w| w.write_f32(1.0)), [0x3f, 0x80, 0, 0].as_slice());
        assert_eq!(written(|w| w.write_f64(-2.0)), [0xc0, 0, 0, 0, 0, 0, 0, 0].as_slice());
        assert_eq!(
            written(|w| w.write_utf("a\0").unwrap()),
            [0, 3, b'a', 0xc0, 0x80].as_slice()
        );
        assert_eq!(written(|w| w.write_bytes(&[9, 8])), [9, 8].as_slice());
        assert_eq!(
            written(|w| w.write_bytes_slice(&[1, 2, 3], 1, 1).unwrap()),
            [2].as_slice()
        );
    }

    #[test]
    fn a_text_has_at_most_65535_bytes() {
        let mut writer = BytesWriter::new();
        writer.write_utf(&"x".repeat(65_535)).unwrap();
        assert_eq!(writer.len(), 65_537);
        writer.clear();
        for text in ["x".repeat(65_536), "\0".repeat(32_768), "😀".repeat(10_923)] {
            assert_eq!(writer.write_utf(&text).unwrap_err().kind(), ErrorKind::MessageFormat);
        }
        assert!(writer.is_empty());
    }

    #[test]
    fn bytes_09_values_are_written_by_their_type() {
        for (value, bytes) in [
            (Value::from(true), &[1][..]),
            (1_i8.into(), &[1]),
            (1_i16.into(), &[0, 1]),
            ('a'.into(), &[0, 97]),
            (1_i32.into(), &[0, 0, 0, 1]),
            (1_i64.into(), &[0, 0, 0, 0, 0, 0, 0, 1]),
            (1_f32.into(), &[0x3f, 0x80, 0, 0]),
            (1_f64.into(), &[0x3f, 0xf0, 0, 0, 0, 0, 0, 0]),
            ("a".into(), &[0, 1, 97]),
            (b"ab".into(), &[97, 98]),
        ] {
            assert_eq!(written(|w| w.write_value(&value).unwrap()), bytes, "{value:?}");
        }
    }

    #[test]
    fn what_fails_writes_nothing() {
        let mut writer = BytesWriter::new();
        for (result, kind) in [
            (writer.write_value(&Value::Null), ErrorKind::InvalidArgument),
            (writer.write_char('😀'), ErrorKind::MessageFormat),
            (writer.write_value(&'😀'.into()), ErrorKind::MessageFormat),
            (writer.write_bytes_slice(&[1], 1, 1), ErrorKind::InvalidArgument),
        ] {
            assert_eq!(result.unwrap_err().kind(), kind);
        }
        assert!(writer.is_empty());
    }
}
