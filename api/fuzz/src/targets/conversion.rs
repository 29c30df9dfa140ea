//! The conversions of properties, map entries and stream values, as the specification's tables say, without the
//! crate's code.

use anymq_api::{ErrorKind, Result, Value};

use super::{error, numeral};

/// What a getter or reader asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Target {
    Bool,
    I8,
    I16,
    Char,
    I32,
    I64,
    F32,
    F64,
    Text,
    Bytes,
}

pub(super) const TARGETS: [Target; 10] = [
    Target::Bool,
    Target::I8,
    Target::I16,
    Target::Char,
    Target::I32,
    Target::I64,
    Target::F32,
    Target::F64,
    Target::Text,
    Target::Bytes,
];

/// What comes of it; floats by their bits, with one NaN only.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Bool(bool),
    Integer(i64),
    Char(char),
    F32(u32),
    F64(u64),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Refused(ErrorKind),
}

macro_rules! from {
    ($($type:ty, $value:ident => $cell:expr;)*) => {$(
        impl From<$type> for Cell {
            fn from($value: $type) -> Self {
                $cell
            }
        }
    )*};
}

from! {
    bool, value => Self::Bool(value);
    i8, value => Self::Integer(value.into());
    i16, value => Self::Integer(value.into());
    i32, value => Self::Integer(value.into());
    i64, value => Self::Integer(value);
    char, value => Self::Char(value);
    f32, value => Self::F32(if value.is_nan() { f32::NAN } else { value }.to_bits());
    f64, value => Self::F64(if value.is_nan() { f64::NAN } else { value }.to_bits());
    Option<String>, value => Self::Text(value);
    Option<bytes::Bytes>, value => Self::Bytes(value.map(Into::into));
}

impl<T: Into<Cell>> From<Result<T>> for Cell {
    fn from(result: Result<T>) -> Self {
        result.map_or_else(
            |refusal| {
                let kinds = [
                    ErrorKind::MessageFormat,
                    ErrorKind::NumberFormat,
                    ErrorKind::InvalidArgument,
                ];
                error::check(&refusal, &kinds);
                Self::Refused(refusal.kind())
            },
            Into::into,
        )
    }
}

/// What `to_…` make of the value.
pub(super) fn of_value(value: &Value, target: Target) -> Cell {
    match target {
        Target::Bool => value.to_bool().into(),
        Target::I8 => value.to_i8().into(),
        Target::I16 => value.to_i16().into(),
        Target::Char => value.to_char().into(),
        Target::I32 => value.to_i32().into(),
        Target::I64 => value.to_i64().into(),
        Target::F32 => value.to_f32().into(),
        Target::F64 => value.to_f64().into(),
        Target::Text => value.to_text().map(|text| text.map(String::from)).into(),
        Target::Bytes => value.to_bytes().into(),
    }
}

/// The table's cell.
pub(super) fn expected(value: &Value, target: Target) -> Cell {
    let refused = Cell::Refused(ErrorKind::MessageFormat);
    let bits = match target {
        Target::I8 => 8,
        Target::I16 => 16,
        Target::I32 => 32,
        Target::I64 => 64,
        _ => 0,
    };
    match (value, target) {
        (Value::Null, _) => null(target),
        (Value::Bytes(bytes), Target::Bytes) => Some(bytes.clone()).into(),
        (Value::Bytes(_), _) | (_, Target::Bytes) | (Value::String(_), Target::Char) => refused,
        (Value::String(text), Target::Text) => Some(text.to_string()).into(),
        (Value::String(text), Target::Bool) => text.to_ascii_lowercase().eq("true").into(),
        (Value::String(text), Target::F32) => parsed(numeral::float(text).map(|it| it.parse::<f32>().unwrap())),
        (Value::String(text), Target::F64) => parsed(numeral::float(text).map(|it| it.parse::<f64>().unwrap())),
        (Value::String(text), _) => parsed(numeral::integer(text, bits)),
        (_, Target::Text) => text(value),
        (Value::Bool(value), Target::Bool) => (*value).into(),
        (Value::Char(value), Target::Char) => (*value).into(),
        (Value::I8(value), _) if bits >= 8 => (*value).into(),
        (Value::I16(value), _) if bits >= 16 => (*value).into(),
        (Value::I32(value), _) if bits >= 32 => (*value).into(),
        (Value::I64(value), _) if bits >= 64 => (*value).into(),
        (Value::F32(value), Target::F32) => (*value).into(),
        (Value::F32(value), Target::F64) => f64::from(*value).into(),
        (Value::F64(value), Target::F64) => (*value).into(),
        _ => refused,
    }
}

fn null(target: Target) -> Cell {
    match target {
        Target::Bool => false.into(),
        Target::Text => Cell::Text(None),
        Target::Bytes => Cell::Bytes(None),
        Target::Char => Cell::Refused(ErrorKind::InvalidArgument),
        _ => Cell::Refused(ErrorKind::NumberFormat),
    }
}

fn parsed<T: Into<Cell>>(value: Option<T>) -> Cell {
    value.map_or(Cell::Refused(ErrorKind::NumberFormat), Into::into)
}

fn text(value: &Value) -> Cell {
    let text = match value {
        Value::Bool(value) => value.to_string(),
        Value::Char(value) => value.to_string(),
        Value::I8(value) => value.to_string(),
        Value::I16(value) => value.to_string(),
        Value::I32(value) => value.to_string(),
        Value::I64(value) => value.to_string(),
        // How a float is written is the crate's choice: `check_float` says what holds of it.
        other => return of_value(other, Target::Text),
    };
    Some(text).into()
}

/// The text of a float reads back to the same bits, and has Java's form.
pub(super) fn check_float(value: &Value) {
    let target = match value {
        Value::F32(_) => Target::F32,
        Value::F64(_) => Target::F64,
        _ => return,
    };
    let Cell::Text(Some(text)) = of_value(value, Target::Text) else {
        panic!("{value:?} has no text");
    };
    let word = ["NaN", "Infinity", "-Infinity"].contains(&text.as_str());
    assert!(word || text.contains('.') && !text.contains(['e', '+']), "{text}");
    assert_eq!(numeral::float(&text), Some(text.as_str()));
    assert_eq!(of_value(&text.into(), target), of_value(value, target));
}
