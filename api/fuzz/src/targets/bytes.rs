//! Bodies of bytes: readers over any bytes with a model of the position, and what writers wrote.

use anymq_api::{BytesReader, BytesWriter, ErrorKind, Message, Value};

use super::{error, input::Input, values};

/// The first byte tells whether values are written, which the others make, or read: then the second byte tells how many
/// of those behind it say what is read, and the others are the body.
pub(super) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    if input.bool() {
        written(&mut input);
    } else {
        let steps = input.bytes();
        let body = input.take(usize::MAX);
        read(steps, body);
    }
}

/// A value that was read, to be written again.
#[derive(Clone, Debug, PartialEq)]
enum Item {
    U8(u8),
    U16(u16),
    Utf(String),
    Value(Value),
}

fn read(steps: &[u8], body: &[u8]) {
    let mut reader = Message::bytes(body.to_vec()).bytes_reader().unwrap();
    let mut items = Vec::new();
    for step in steps {
        let before = reader.position();
        let rest = &body[before..];
        assert_eq!(reader.remaining(), rest);
        assert_eq!(reader.body_length(), body.len());
        match read_one(&mut reader, step % 13, rest) {
            Ok((item, length)) => {
                assert_eq!(reader.position(), before + length, "{item:?}");
                items.push((item, step % 13));
            }
            Err(refusal) => {
                error::check(&refusal, &[ErrorKind::MessageEof, ErrorKind::MessageFormat]);
                assert_eq!(reader.position(), before, "{refusal}");
                assert_eq!(Some(refusal.kind()), expected_refusal(step % 13, rest), "{refusal}");
            }
        }
    }
    write_again(&items);
    pieces(body, steps);
}

/// One value and how many bytes it takes.
fn read_one(reader: &mut BytesReader, step: u8, rest: &[u8]) -> anymq_api::Result<(Item, usize)> {
    macro_rules! number {
        ($read:ident, $type:ty) => {{
            let value = reader.$read()?;
            let bytes: [u8; size_of::<$type>()] = rest[..size_of::<$type>()].try_into().unwrap();
            assert_eq!(value.to_be_bytes(), bytes);
            (Item::Value(value.into()), size_of::<$type>())
        }};
    }
    Ok(match step {
        0 => {
            let value = reader.read_bool()?;
            assert_eq!(value, rest[0] != 0);
            (Item::Value(value.into()), 1)
        }
        1 => number!(read_i8, i8),
        2 => (Item::U8(reader.read_u8()?), 1),
        3 => number!(read_i16, i16),
        4 => (Item::U16(reader.read_u16()?), 2),
        5 => (Item::Value(reader.read_char()?.into()), 2),
        6 => number!(read_i32, i32),
        7 => number!(read_i64, i64),
        8 => number!(read_f32, f32),
        9 => number!(read_f64, f64),
        _ => {
            let text = reader.read_utf()?;
            let length = usize::from(u16::from_be_bytes([rest[0], rest[1]]));
            assert_eq!(utf(&rest[2..2 + length]).as_deref(), Some(&*text));
            (Item::Utf(text.to_string()), 2 + length)
        }
    })
}

fn expected_refusal(step: u8, rest: &[u8]) -> Option<ErrorKind> {
    let needed = match step {
        0..=2 => 1,
        6 | 8 => 4,
        7 | 9 => 8,
        _ => 2,
    };
    let Some(head) = rest.get(..needed) else {
        return Some(ErrorKind::MessageEof);
    };
    match step {
        5 => (0xd8..=0xdf).contains(&head[0]).then_some(ErrorKind::MessageFormat),
        10.. => {
            let length = usize::from(u16::from_be_bytes([head[0], head[1]]));
            match rest.get(2..2 + length) {
                None => Some(ErrorKind::MessageEof),
                Some(bytes) => utf(bytes).is_none().then_some(ErrorKind::MessageFormat),
            }
        }
        _ => None,
    }
}

/// As `DataInput.readUTF` is specified.
fn utf(bytes: &[u8]) -> Option<String> {
    let (mut units, mut at) = (Vec::new(), 0);
    let tail = |at: usize| {
        bytes
            .get(at)
            .filter(|byte| **byte >> 6 == 0b10)
            .map(|byte| u16::from(byte % 64))
    };
    while at < bytes.len() {
        let head = u16::from(bytes[at]);
        let (unit, length) = match head >> 4 {
            0..=7 => (head, 1),
            12 | 13 => ((head % 32) * 64 + tail(at + 1)?, 2),
            14 => ((head % 16) * 4096 + tail(at + 1)? * 64 + tail(at + 2)?, 3),
            _ => return None,
        };
        units.push(unit);
        at += length;
    }
    String::from_utf16(&units).ok()
}

/// What was read is written and read again, in the same way.
fn write_again(items: &[(Item, u8)]) {
    let mut writer = BytesWriter::new();
    for (item, _) in items {
        match item {
            Item::U8(value) => writer.write_u8(*value),
            Item::U16(value) => writer.write_u16(*value),
            Item::Utf(text) if writer.write_utf(text).is_err() => {
                // The body had its characters in fewer bytes than they are written in.
                assert!(text.len() > 21_845);
                return;
            }
            Item::Utf(_) => {}
            Item::Value(value) => writer.write_value(value).unwrap(),
        }
    }
    let body = writer.finish();
    let mut reader = BytesReader::new(body.clone());
    for (item, step) in items {
        let rest = reader.remaining();
        let (again, _) = read_one(&mut reader, *step, &rest).unwrap();
        assert_eq!(format!("{again:?}"), format!("{item:?}"));
    }
    assert_eq!(reader.position(), body.len());
}

/// The body in pieces is the body.
fn pieces(body: &[u8], sizes: &[u8]) {
    let mut reader = BytesReader::new(body.to_vec());
    let mut seen = Vec::new();
    for size in sizes {
        let mut buffer = vec![0; usize::from(*size)];
        let length = usize::from(size / 2);
        let left = body.len() - seen.len();
        let expected = if length > 0 && left == 0 {
            None
        } else {
            Some(length.min(left))
        };
        assert_eq!(reader.read_up_to(&mut buffer, length).unwrap(), expected);
        seen.extend_from_slice(&buffer[..expected.unwrap_or(0)]);
        assert!(buffer[length..].iter().all(|byte| *byte == 0));
        let refusal = reader.read_up_to(&mut buffer, usize::from(*size) + 1).unwrap_err();
        error::check(&refusal, &[ErrorKind::InvalidArgument]);
    }
    assert_eq!(reader.position(), seen.len());
    assert!(body.starts_with(&seen));
}

/// Values that are written take the bytes that they must, or none; and read back as themselves.
fn written(input: &mut Input<'_>) {
    let mut writer = BytesWriter::new();
    let mut values = Vec::new();
    while !input.is_empty() {
        let mut value = values::value(input);
        if let (Value::String(text), true) = (&value, input.below(16) == 0) {
            // Near the limit of 65535 bytes.
            value = text.repeat(1 + 65_535 / text.len().max(1)).into();
        }
        let before = writer.len();
        match writer.write_value(&value) {
            Ok(()) => {
                assert_eq!(
                    writer.len() - before,
                    length(&value).expect("it has a length"),
                    "{value:?}"
                );
                values.push(value);
            }
            Err(refusal) => {
                let null = value == Value::Null;
                let kind = if null {
                    ErrorKind::InvalidArgument
                } else {
                    ErrorKind::MessageFormat
                };
                error::check(&refusal, &[kind]);
                assert_eq!((writer.len(), length(&value)), (before, None), "{value:?}");
            }
        }
    }
    let mut reader = BytesReader::new(writer.finish());
    for value in values {
        let again = read_back(&mut reader, &value);
        assert_eq!(format!("{again:?}"), format!("{value:?}"));
    }
    assert!(reader.remaining().is_empty());
}

fn length(value: &Value) -> Option<usize> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(_) | Value::I8(_) => 1,
        Value::Char(value) if value.len_utf16() == 2 => return None,
        Value::I16(_) | Value::Char(_) => 2,
        Value::I32(_) | Value::F32(_) => 4,
        Value::I64(_) | Value::F64(_) => 8,
        Value::Bytes(bytes) => bytes.len(),
        Value::String(text) => {
            let units = text.encode_utf16().map(|unit| match unit {
                1..=0x7f => 1,
                0..=0x7ff => 2,
                _ => 3,
            });
            let length: usize = units.sum();
            return (length <= 65_535).then_some(2 + length);
        }
    })
}

fn read_back(reader: &mut BytesReader, value: &Value) -> Value {
    match value {
        Value::Null => unreachable!("null is not written"),
        Value::Bool(_) => reader.read_bool().unwrap().into(),
        Value::I8(_) => reader.read_i8().unwrap().into(),
        Value::I16(_) => reader.read_i16().unwrap().into(),
        Value::Char(_) => reader.read_char().unwrap().into(),
        Value::I32(_) => reader.read_i32().unwrap().into(),
        Value::I64(_) => reader.read_i64().unwrap().into(),
        Value::F32(_) => reader.read_f32().unwrap().into(),
        Value::F64(_) => reader.read_f64().unwrap().into(),
        Value::String(_) => reader.read_utf().unwrap().into(),
        Value::Bytes(bytes) => {
            let mut buffer = vec![0; bytes.len()];
            reader.read_bytes(&mut buffer).unwrap();
            buffer.into()
        }
    }
}
