use bytes::Bytes;
use bytestring::ByteString;

use super::{modified_utf8, slice};
use crate::{Error, ErrorKind, Result};

/// Reads the body of a bytes message value by value, from the start. JMS: a `BytesMessage` in its read-only mode.
///
/// The layout is that of [`BytesWriter`](crate::BytesWriter). The bytes are shared, not copied, and types are not
/// checked: four bytes of an `i32` can be read as four `i8`. A call that fails leaves the position where it was.
/// [`Message::bytes_reader`](crate::Message::bytes_reader) makes one; each has its own position.
///
/// ```
/// use anymq_api::{BytesReader, ErrorKind};
///
/// let mut reader = BytesReader::new(vec![0, 1, 2]);
/// assert_eq!(reader.read_i32().unwrap_err().kind(), ErrorKind::MessageEof);
/// assert_eq!(reader.read_i16()?, 1);
/// assert_eq!((reader.position(), reader.body_length()), (2, 3));
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct BytesReader {
    body: Bytes,
    position: usize,
}

impl BytesReader {
    /// Reads these bytes.
    pub fn new(body: impl Into<Bytes>) -> Self {
        Self {
            body: body.into(),
            position: 0,
        }
    }

    /// Goes back to the start. JMS: `reset`.
    pub fn reset(&mut self) {
        self.position = 0;
    }

    /// How many bytes were read.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The length of the whole body, wherever the position is. JMS: `getBodyLength`.
    pub fn body_length(&self) -> usize {
        self.body.len()
    }

    /// What was not read yet, shared and not copied; the position stays.
    pub fn remaining(&self) -> Bytes {
        // The position is never past the end, so nothing is cut off here.
        self.body.slice(self.position.min(self.body.len())..)
    }

    /// Reads one byte; all but 0 are true. JMS: `readBoolean`.
    ///
    /// # Errors
    /// [`ErrorKind::MessageEof`] at the end.
    pub fn read_bool(&mut self) -> Result<bool> {
        Ok(self.read_u8()? != 0)
    }

    /// Reads the UTF-16 unit of a character, two bytes. JMS: `readChar`.
    ///
    /// # Errors
    /// [`ErrorKind::MessageEof`] when fewer bytes are left; [`ErrorKind::MessageFormat`] for half a surrogate pair,
    /// which is no character (but can be read as `u16`).
    pub fn read_char(&mut self) -> Result<char> {
        let unit = u16::from_be_bytes(*self.peek()?);
        let Some(value) = char::from_u32(unit.into()) else {
            return Err(Error::new(
                ErrorKind::MessageFormat,
                "half a surrogate pair is no character",
            ));
        };
        self.position += 2;
        Ok(value)
    }

    /// Reads a text: two bytes of length, then modified UTF-8. Shares the bytes unless the text holds NUL or
    /// characters outside the basic multilingual plane. JMS: `readUTF`.
    ///
    /// # Errors
    /// [`ErrorKind::MessageEof`] when fewer bytes are left than it says; [`ErrorKind::MessageFormat`] when they are
    /// no modified UTF-8, or hold half a surrogate pair.
    pub fn read_utf(&mut self) -> Result<ByteString> {
        let length = u16::from_be_bytes(*self.peek()?);
        let start = self.position + 2;
        let end = start + usize::from(length);
        if end > self.body.len() {
            return Err(end_of_message());
        }
        let text = modified_utf8::decode(&self.body.slice(start..end))
            .ok_or_else(|| Error::new(ErrorKind::MessageFormat, "the text is no modified UTF-8"))?;
        self.position = end;
        Ok(text)
    }

    /// Reads as many bytes as are left and fit, and tells how many; none at the end of the body, and 0 into an empty
    /// buffer. JMS: `readBytes`, with its -1 as none.
    ///
    /// # Errors
    /// None so far.
    pub fn read_bytes(&mut self, buffer: &mut [u8]) -> Result<Option<usize>> {
        if buffer.is_empty() {
            return Ok(Some(0));
        }
        let count = slice::copy(self.rest(), buffer);
        self.position += count;
        Ok((count > 0).then_some(count))
    }

    /// Reads at most `length` bytes to the start of `buffer`, as [`read_bytes`](Self::read_bytes).
    /// JMS: `readBytes(value, length)`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] when the buffer is shorter than that.
    pub fn read_up_to(&mut self, buffer: &mut [u8], length: usize) -> Result<Option<usize>> {
        let size = buffer.len();
        let Some(buffer) = buffer.get_mut(..length) else {
            let detail = format!("{length} bytes do not fit in a buffer of {size}");
            return Err(Error::new(ErrorKind::InvalidArgument, detail));
        };
        self.read_bytes(buffer)
    }

    fn rest(&self) -> &[u8] {
        self.body.get(self.position..).unwrap_or_default()
    }

    fn peek<const N: usize>(&self) -> Result<&[u8; N]> {
        self.rest().first_chunk().ok_or_else(end_of_message)
    }
}

fn end_of_message() -> Error {
    Error::new(ErrorKind::MessageEof, "fewer bytes are left in the body")
}

macro_rules! readers {
    ($($name:ident -> $type:ty, $doc:literal;)*) => {
        impl BytesReader {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// [`ErrorKind::MessageEof`] when fewer bytes are left.
            pub fn $name(&mut self) -> Result<$type> {
                let value = <$type>::from_be_bytes(*self.peek()?);
                self.position += size_of::<$type>();
                Ok(value)
            }
        )*}
    };
}

readers! {
    read_i8 -> i8, "Reads one byte. JMS: `readByte`.";
    read_u8 -> u8, "Reads one byte. JMS: `readUnsignedByte`.";
    read_i16 -> i16, "Reads two bytes. JMS: `readShort`.";
    read_u16 -> u16, "Reads two bytes. JMS: `readUnsignedShort`.";
    read_i32 -> i32, "Reads four bytes. JMS: `readInt`.";
    read_i64 -> i64, "Reads eight bytes. JMS: `readLong`.";
    read_f32 -> f32, "Reads four bytes of IEEE 754. JMS: `readFloat`.";
    read_f64 -> f64, "Reads eight bytes of IEEE 754. JMS: `readDouble`.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BytesWriter;

    #[test]
    fn bytes_03_everything_is_read_back_in_order() {
        let mut writer = BytesWriter::new();
        writer.write_bool(true);
        writer.write_i8(i8::MIN);
        writer.write_u8(u8::MAX);
        writer.write_i16(i16::MIN);
        writer.write_u16(u16::MAX);
        writer.write_char('é').unwrap();
        writer.write_i32(i32::MIN);
        writer.write_i64(i64::MIN);
        writer.write_f32(f32::MIN_POSITIVE);
        writer.write_f64(-0.0);
        writer.write_utf("größe \0 😀").unwrap();
        writer.write_bytes(&[1, 2, 3]);
        let mut reader = BytesReader::new(writer.finish());
        for _ in 0..2 {
            assert!(reader.read_bool().unwrap());
            assert_eq!(reader.read_i8().unwrap(), i8::MIN);
            assert_eq!(reader.read_u8().unwrap(), u8::MAX);
            assert_eq!(reader.read_i16().unwrap(), i16::MIN);
            assert_eq!(reader.read_u16().unwrap(), u16::MAX);
            assert_eq!(reader.read_char().unwrap(), 'é');
            assert_eq!(reader.read_i32().unwrap(), i32::MIN);
            assert_eq!(reader.read_i64().unwrap(), i64::MIN);
            assert_eq!(reader.read_f32().unwrap().to_bits(), f32::MIN_POSITIVE.to_bits());
            assert_eq!(reader.read_f64().unwrap().to_bits(), (-0.0_f64).to_bits());
            assert_eq!(reader.read_utf().unwrap(), "größe \0 😀");
            assert_eq!(reader.remaining(), [1, 2, 3].as_slice());
            let mut rest = [0; 3];
            assert_eq!(reader.read_bytes(&mut rest).unwrap(), Some(3));
            assert_eq!(rest, [1, 2, 3]);
            reader.reset(); // BYTES-02
        }
    }

    #[test]
    fn bytes_05_types_are_not_checked() {
        let mut reader = BytesReader::new(0x0102_0304_i32.to_be_bytes().to_vec());
        for byte in 1..=4 {
            assert_eq!(reader.read_i8().unwrap(), byte);
        }
        assert!(reader.read_bool().is_err());
        reader.reset();
        assert!(reader.read_bool().unwrap() && reader.read_u16().unwrap() == 0x0203);
    }

    #[test]
    fn bytes_06_07_too_few_bytes_leave_the_position() {
        let mut reader = BytesReader::new(vec![0]);
        let kinds = |reader: &mut BytesReader| {
            [
                reader.read_i16().map(drop),
                reader.read_u16().map(drop),
                reader.read_char().map(drop),
                reader.read_i32().map(drop),
                reader.read_i64().map(drop),
                reader.read_f32().map(drop),
                reader.read_f64().map(drop),
                reader.read_utf().map(drop),
            ]
            .map(|result| result.unwrap_err().kind())
        };
        assert_eq!(kinds(&mut reader), [ErrorKind::MessageEof; 8]);
        assert_eq!(reader.position(), 0);
        assert_eq!(reader.read_i8().unwrap(), 0);
        assert_eq!(kinds(&mut reader), [ErrorKind::MessageEof; 8]);
        for end in [reader.read_i8().map(drop), reader.read_bool().map(drop)] {
            assert_eq!(end.unwrap_err().kind(), ErrorKind::MessageEof);
        }
    }

    #[test]
    fn bytes_06_bad_texts_leave_the_position() {
        for (body, kind) in [
            (vec![0, 2, b'a'], ErrorKind::MessageEof),
            (vec![0, 1, 0xff], ErrorKind::MessageFormat),
            (vec![0, 3, 0xed, 0xa0, 0xbd], ErrorKind::MessageFormat),
        ] {
            let mut reader = BytesReader::new(body);
            assert_eq!(reader.read_utf().unwrap_err().kind(), kind);
            assert_eq!(reader.position(), 0);
        }
        let mut reader = BytesReader::new(vec![0xd8, 0]);
        assert_eq!(reader.read_char().unwrap_err().kind(), ErrorKind::MessageFormat);
        assert_eq!(reader.read_u16().unwrap(), 0xd800);
    }

    #[test]
    fn bytes_06_arrays_are_counted() {
        let mut reader = BytesReader::new(vec![1, 2, 3]);
        let mut buffer = [0; 2];
        assert_eq!(reader.read_bytes(&mut []).unwrap(), Some(0));
        assert_eq!(reader.read_bytes(&mut buffer).unwrap(), Some(2));
        assert_eq!(buffer, [1, 2]);
        assert_eq!(reader.read_bytes(&mut buffer).unwrap(), Some(1));
        assert_eq!(buffer, [3, 2]);
        assert_eq!(reader.read_bytes(&mut buffer).unwrap(), None);
        assert_eq!(reader.read_bytes(&mut []).unwrap(), Some(0));
    }

    #[test]
    fn bytes_08_a_length_beyond_the_buffer_reads_nothing() {
        let mut reader = BytesReader::new(vec![1, 2, 3]);
        let mut buffer = [0; 2];
        let error = reader.read_up_to(&mut buffer, 3).unwrap_err();
        assert_eq!((error.kind(), reader.position()), (ErrorKind::InvalidArgument, 0));
        assert_eq!(reader.read_up_to(&mut buffer, 1).unwrap(), Some(1));
        assert_eq!((buffer, reader.position()), ([1, 0], 1));
    }

    #[test]
    fn bytes_10_the_length_is_the_whole_body_s() {
        let mut reader = BytesReader::new(vec![1, 2, 3]);
        reader.read_i16().unwrap();
        assert_eq!(reader.body_length(), 3);
    }

    #[test]
    fn what_remains_is_shared() {
        let body = Bytes::from(vec![1, 2, 3]);
        let mut reader = BytesReader::new(body.clone());
        assert_eq!(reader.remaining().as_ptr(), body.as_ptr());
        reader.read_bytes(&mut [0; 3]).unwrap();
        assert!(reader.remaining().is_empty());
    }
}
