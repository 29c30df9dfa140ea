//! The conversions between the types of values, written once for properties, maps and streams.
//!
//! Source: Jakarta Messaging 3.1, sections 3.5.4 and 3.11.3.

use std::borrow::Cow;

use bytes::Bytes;

use super::number::{f32_text, f64_text, parse_float, parse_integer};
use crate::{Error, ErrorKind, PropertyValue, Result, Value, error::excerpt};

/// A value seen for conversion. What is missing is seen as null.
#[derive(Clone, Copy)]
pub(super) enum View<'a> {
    Null,
    Bool(bool),
    I8(i8),
    I16(i16),
    Char(char),
    I32(i32),
    I64(i64),
    F32(f32),
    F64(f64),
    Text(&'a str),
    Bytes(&'a Bytes),
}

impl<'a> View<'a> {
    pub(super) fn to_bool(self) -> Result<bool> {
        match self {
            Self::Bool(value) => Ok(value),
            Self::Text(text) => Ok(text.eq_ignore_ascii_case("true")),
            Self::Null => Ok(false),
            other => Err(other.refuse("bool")),
        }
    }

    pub(super) fn to_i8(self) -> Result<i8> {
        match self {
            Self::I8(value) => Ok(value),
            Self::Text(text) => parsed(parse_integer(text), "i8"),
            other => Err(other.refuse("i8")),
        }
    }

    pub(super) fn to_i16(self) -> Result<i16> {
        match self {
            Self::I8(value) => Ok(value.into()),
            Self::I16(value) => Ok(value),
            Self::Text(text) => parsed(parse_integer(text), "i16"),
            other => Err(other.refuse("i16")),
        }
    }

    pub(super) fn to_char(self) -> Result<char> {
        match self {
            Self::Char(value) => Ok(value),
            Self::Null => Err(Error::new(ErrorKind::InvalidArgument, "null is no char")),
            other => Err(other.refuse("char")),
        }
    }

    pub(super) fn to_i32(self) -> Result<i32> {
        match self {
            Self::I8(value) => Ok(value.into()),
            Self::I16(value) => Ok(value.into()),
            Self::I32(value) => Ok(value),
            Self::Text(text) => parsed(parse_integer(text), "i32"),
            other => Err(other.refuse("i32")),
        }
    }

    pub(super) fn to_i64(self) -> Result<i64> {
        match self {
            Self::I8(value) => Ok(value.into()),
            Self::I16(value) => Ok(value.into()),
            Self::I32(value) => Ok(value.into()),
            Self::I64(value) => Ok(value),
            Self::Text(text) => parsed(parse_integer(text), "i64"),
            other => Err(other.refuse("i64")),
        }
    }

    pub(super) fn to_f32(self) -> Result<f32> {
        match self {
            Self::F32(value) => Ok(value),
            Self::Text(text) => parsed(parse_float(text), "f32"),
            other => Err(other.refuse("f32")),
        }
    }

    pub(super) fn to_f64(self) -> Result<f64> {
        match self {
            Self::F32(value) => Ok(value.into()),
            Self::F64(value) => Ok(value),
            Self::Text(text) => parsed(parse_float(text), "f64"),
            other => Err(other.refuse("f64")),
        }
    }

    pub(super) fn to_text(self) -> Result<Option<Cow<'a, str>>> {
        match self {
            Self::Bytes(_) => Err(self.refuse("text")),
            other => Ok(other.text()),
        }
    }

    pub(super) fn to_bytes(self) -> Result<Option<Bytes>> {
        match self {
            Self::Bytes(bytes) => Ok(Some(bytes.clone())),
            Self::Null => Ok(None),
            other => Err(other.refuse("bytes")),
        }
    }

    /// The text form; none of null and of bytes.
    fn text(self) -> Option<Cow<'a, str>> {
        let text = match self {
            Self::Text(text) => return Some(Cow::Borrowed(text)),
            Self::Bool(value) => return Some(Cow::Borrowed(if value { "true" } else { "false" })),
            Self::Null | Self::Bytes(_) => return None,
            Self::I8(value) => value.to_string(),
            Self::I16(value) => value.to_string(),
            Self::Char(value) => value.to_string(),
            Self::I32(value) => value.to_string(),
            Self::I64(value) => value.to_string(),
            Self::F32(value) => f32_text(value),
            Self::F64(value) => f64_text(value),
        };
        Some(Cow::Owned(text))
    }

    fn type_name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::I8(_) => "i8",
            Self::I16(_) => "i16",
            Self::Char(_) => "char",
            Self::I32(_) => "i32",
            Self::I64(_) => "i64",
            Self::F32(_) => "f32",
            Self::F64(_) => "f64",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
        }
    }

    fn refuse(self, target: &str) -> Error {
        match self {
            // Java hands null to the parser of numbers.
            Self::Null => Error::new(ErrorKind::NumberFormat, format!("null is no {target}")),
            other => refusal(other.type_name(), target),
        }
    }
}

/// The values of texts stay out of the error: they are the application's, and can be long or secret.
fn parsed<T>(value: Option<T>, target: &str) -> Result<T> {
    value.ok_or_else(|| Error::new(ErrorKind::NumberFormat, format!("the text is no {target}")))
}

fn refusal(from: &str, target: &str) -> Error {
    Error::new(
        ErrorKind::MessageFormat,
        format!("a value of type {from} does not convert to {target}"),
    )
}

/// The same error, telling which entry it concerns.
pub(super) fn about(what: &str, name: &str, error: &Error) -> Error {
    Error::new(error.kind(), format!("{what} `{}`: {}", excerpt(name), error.detail()))
}

impl PropertyValue {
    pub(super) fn view(&self) -> View<'_> {
        match self {
            Self::Bool(value) => View::Bool(*value),
            Self::I8(value) => View::I8(*value),
            Self::I16(value) => View::I16(*value),
            Self::I32(value) => View::I32(*value),
            Self::I64(value) => View::I64(*value),
            Self::F32(value) => View::F32(*value),
            Self::F64(value) => View::F64(*value),
            Self::String(value) => View::Text(value),
        }
    }

    /// The text form, which every property has: texts as they are, `true` and `false`, and numbers so that they parse
    /// back to the same value, in Java's form. JMS: `getStringProperty`.
    pub fn to_text(&self) -> Cow<'_, str> {
        self.view().text().unwrap_or_default()
    }
}

impl Value {
    pub(super) fn view(&self) -> View<'_> {
        match self {
            Self::Null => View::Null,
            Self::Bool(value) => View::Bool(*value),
            Self::I8(value) => View::I8(*value),
            Self::I16(value) => View::I16(*value),
            Self::Char(value) => View::Char(*value),
            Self::I32(value) => View::I32(*value),
            Self::I64(value) => View::I64(*value),
            Self::F32(value) => View::F32(*value),
            Self::F64(value) => View::F64(*value),
            Self::String(value) => View::Text(value),
            Self::Bytes(value) => View::Bytes(value),
        }
    }

    /// The character, of a character only: a text of one character does not convert. JMS: `getChar`.
    ///
    /// # Errors
    /// [`ErrorKind::MessageFormat`] for every other type; [`ErrorKind::InvalidArgument`] for null.
    pub fn to_char(&self) -> Result<char> {
        self.view().to_char()
    }

    /// The text form, of every type but bytes; none of null. JMS: `getString`.
    ///
    /// # Errors
    /// [`ErrorKind::MessageFormat`] for bytes.
    pub fn to_text(&self) -> Result<Option<Cow<'_, str>>> {
        self.view().to_text()
    }

    /// The bytes, shared and not copied; none of null. JMS: `getBytes`.
    ///
    /// # Errors
    /// [`ErrorKind::MessageFormat`] for every other type.
    pub fn to_bytes(&self) -> Result<Option<Bytes>> {
        self.view().to_bytes()
    }
}

macro_rules! conversions {
    ($owner:ty: $($name:ident -> $type:ty, $doc:literal;)*) => {
        impl $owner {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// [`ErrorKind::MessageFormat`] for a type that does not convert; [`ErrorKind::NumberFormat`] for a text
            /// that does not parse as the number (Java's forms), and where a number is asked of null.
            pub fn $name(&self) -> Result<$type> {
                self.view().$name()
            }
        )*}
    };
}

conversions! { PropertyValue:
    to_bool -> bool, "From `bool` or a text: `true` in any letter case is true, any other is false.";
    to_i8 -> i8, "From `i8` or a text.";
    to_i16 -> i16, "From `i8`, `i16` or a text.";
    to_i32 -> i32, "From `i8`, `i16`, `i32` or a text.";
    to_i64 -> i64, "From any integer or a text.";
    to_f32 -> f32, "From `f32` or a text; never from an integer.";
    to_f64 -> f64, "From `f32`, `f64` or a text; never from an integer.";
}

conversions! { Value:
    to_bool -> bool, "From `bool` or a text: `true` in any letter case is true, any other is false, and so is null.";
    to_i8 -> i8, "From `i8` or a text.";
    to_i16 -> i16, "From `i8`, `i16` or a text.";
    to_i32 -> i32, "From `i8`, `i16`, `i32` or a text.";
    to_i64 -> i64, "From any integer or a text.";
    to_f32 -> f32, "From `f32` or a text; never from an integer.";
    to_f64 -> f64, "From `f32`, `f64` or a text; never from an integer.";
}

#[cfg(test)]
mod tests {
    use super::super::conversion_table::{property_rows, rows, symbol};
    use super::*;

    /// Table 2b, all 100 cells, a bad text and null.
    #[test]
    fn values_convert_as_the_table_says() {
        for (value, expected) in rows() {
            let seen: String = [
                symbol(&value.to_bool()),
                symbol(&value.to_i8()),
                symbol(&value.to_i16()),
                symbol(&value.to_char()),
                symbol(&value.to_i32()),
                symbol(&value.to_i64()),
                symbol(&value.to_f32()),
                symbol(&value.to_f64()),
                symbol(&value.to_text()),
                symbol(&value.to_bytes()),
            ]
            .into_iter()
            .collect();
            assert_eq!(seen, expected, "{value:?}");
        }
    }

    /// Table 2a, all 64 cells and a bad text.
    #[test]
    fn prop_04_properties_convert_as_the_table_says() {
        for (value, expected) in property_rows() {
            let seen: String = [
                symbol(&value.to_bool()),
                symbol(&value.to_i8()),
                symbol(&value.to_i16()),
                symbol(&value.to_i32()),
                symbol(&value.to_i64()),
                symbol(&value.to_f32()),
                symbol(&value.to_f64()),
            ]
            .into_iter()
            .collect();
            assert_eq!(format!("{seen}+"), expected, "{value:?}");
        }
    }

    #[test]
    fn widening_keeps_the_value() {
        for value in [i8::MIN, -1, i8::MAX] {
            let set = Value::from(value);
            assert_eq!(set.to_i16().unwrap(), i16::from(value));
            assert_eq!(set.to_i32().unwrap(), i32::from(value));
            assert_eq!(set.to_i64().unwrap(), i64::from(value));
        }
        assert_eq!(Value::from(i16::MIN).to_i64().unwrap(), i64::from(i16::MIN));
        assert_eq!(Value::from(i32::MIN).to_i64().unwrap(), i64::from(i32::MIN));
        assert!(Value::from(0.1_f32).to_f64().unwrap() - f64::from(0.1_f32) == 0.0);
    }

    #[test]
    fn prop_05_a_text_that_overflows_is_a_number_format_error() {
        for (text, kind) in [("128", ErrorKind::NumberFormat), ("", ErrorKind::NumberFormat)] {
            assert_eq!(PropertyValue::from(text).to_i8().unwrap_err().kind(), kind);
        }
        assert_eq!(PropertyValue::from("128").to_i16().unwrap(), 128);
        let error = PropertyValue::from("secret").to_i64().unwrap_err();
        assert!(!error.to_string().contains("secret"));
    }

    #[test]
    fn prop_06_only_true_is_true() {
        for text in ["true", "TRUE", "tRuE"] {
            assert!(PropertyValue::from(text).to_bool().unwrap());
        }
        for text in ["", "1", "yes", " true", "false", "t"] {
            assert!(!PropertyValue::from(text).to_bool().unwrap(), "{text}");
        }
    }

    #[test]
    fn prop_07_every_property_has_a_text() {
        for (value, text) in [
            (PropertyValue::from(true), "true"),
            (false.into(), "false"),
            (i8::MIN.into(), "-128"),
            (i64::MIN.into(), "-9223372036854775808"),
            (0.5_f32.into(), "0.5"),
            (f64::NEG_INFINITY.into(), "-Infinity"),
            ("".into(), ""),
        ] {
            assert_eq!(value.to_text(), text);
        }
        assert_eq!(Value::from('é').to_text().unwrap().as_deref(), Some("é"));
    }
}
