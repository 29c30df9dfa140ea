use bytes::Bytes;
use bytestring::ByteString;

use crate::{Error, ErrorKind};

/// The value of an application property: the eight types that JMS allows, and no other.
///
/// `From` takes each of them; the `to_…` methods convert as JMS allows.
///
/// ```
/// use anymq_api::{ErrorKind, PropertyValue};
///
/// let table = PropertyValue::from(7_i16);
/// assert_eq!(table.to_i64()?, 7);
/// assert_eq!(table.to_text(), "7");
/// assert_eq!(table.to_i8().unwrap_err().kind(), ErrorKind::MessageFormat);
/// # Ok::<(), anymq_api::Error>(())
/// ```
///
/// Source: Jakarta Messaging 3.1, section 3.5.2.
#[derive(Clone, Debug, PartialEq)]
pub enum PropertyValue {
    /// `boolean`
    Bool(bool),
    /// `byte`
    I8(i8),
    /// `short`
    I16(i16),
    /// `int`
    I32(i32),
    /// `long`
    I64(i64),
    /// `float`
    F32(f32),
    /// `double`
    F64(f64),
    /// `String`
    String(ByteString),
}

/// The value of a map entry or a stream element: what a property can hold, and null, characters and bytes.
///
/// `From` takes each of them, and `None` as null; the `to_…` methods convert as JMS allows.
///
/// ```
/// use anymq_api::{ErrorKind, Value};
///
/// assert_eq!(Value::from("7").to_i32()?, 7);
/// assert_eq!(Value::from(Some(7)).to_i32()?, 7);
/// assert_eq!(Value::from(None::<i32>), Value::Null);
/// assert_eq!(Value::from("x").to_char().unwrap_err().kind(), ErrorKind::MessageFormat);
/// # Ok::<(), anymq_api::Error>(())
/// ```
///
/// Source: Jakarta Messaging 3.1, section 3.11.3.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// `boolean`
    Bool(bool),
    /// `byte`
    I8(i8),
    /// `short`
    I16(i16),
    /// `char`; JMS knows only the basic multilingual plane, Rust and this crate know all scalar values.
    Char(char),
    /// `int`
    I32(i32),
    /// `long`
    I64(i64),
    /// `float`
    F32(f32),
    /// `double`
    F64(f64),
    /// `String`
    String(ByteString),
    /// `byte[]`
    Bytes(Bytes),
}

macro_rules! from {
    ($target:ty: $($source:ty => $variant:ident,)*) => {$(
        impl From<$source> for $target {
            fn from(value: $source) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from! { PropertyValue:
    bool => Bool,
    i8 => I8,
    i16 => I16,
    i32 => I32,
    i64 => I64,
    f32 => F32,
    f64 => F64,
    &str => String,
    String => String,
    Box<str> => String,
    ByteString => String,
}

from! { Value:
    bool => Bool,
    i8 => I8,
    i16 => I16,
    char => Char,
    i32 => I32,
    i64 => I64,
    f32 => F32,
    f64 => F64,
    &str => String,
    String => String,
    Box<str> => String,
    ByteString => String,
    Bytes => Bytes,
    Vec<u8> => Bytes,
}

impl From<&String> for PropertyValue {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<&[u8]> for Value {
    /// Copies the bytes, so later changes to them are not seen.
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(Bytes::copy_from_slice(bytes))
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    /// Copies the bytes, so later changes to them are not seen.
    fn from(bytes: &[u8; N]) -> Self {
        bytes.as_slice().into()
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<PropertyValue> for Value {
    fn from(value: PropertyValue) -> Self {
        match value {
            PropertyValue::Bool(value) => Self::Bool(value),
            PropertyValue::I8(value) => Self::I8(value),
            PropertyValue::I16(value) => Self::I16(value),
            PropertyValue::I32(value) => Self::I32(value),
            PropertyValue::I64(value) => Self::I64(value),
            PropertyValue::F32(value) => Self::F32(value),
            PropertyValue::F64(value) => Self::F64(value),
            PropertyValue::String(value) => Self::String(value),
        }
    }
}

impl TryFrom<Value> for PropertyValue {
    type Error = Error;

    /// Takes the eight types that properties have. JMS: `setObjectProperty`.
    ///
    /// # Errors
    /// [`ErrorKind::MessageFormat`] for null, characters and bytes.
    fn try_from(value: Value) -> Result<Self, Error> {
        match value {
            Value::Bool(value) => Ok(Self::Bool(value)),
            Value::I8(value) => Ok(Self::I8(value)),
            Value::I16(value) => Ok(Self::I16(value)),
            Value::I32(value) => Ok(Self::I32(value)),
            Value::I64(value) => Ok(Self::I64(value)),
            Value::F32(value) => Ok(Self::F32(value)),
            Value::F64(value) => Ok(Self::F64(value)),
            Value::String(value) => Ok(Self::String(value)),
            Value::Null | Value::Char(_) | Value::Bytes(_) => Err(Error::new(
                ErrorKind::MessageFormat,
                "a property is neither null nor a character nor bytes",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prop_10_properties_take_their_eight_types_only() {
        for value in [
            Value::from(true),
            1_i8.into(),
            1_i16.into(),
            1_i32.into(),
            1_i64.into(),
            1_f32.into(),
            1_f64.into(),
            "".into(),
        ] {
            let property = PropertyValue::try_from(value.clone()).unwrap();
            assert_eq!(Value::from(property), value);
        }
        for value in [Value::Null, 'a'.into(), b"a".into()] {
            let error = PropertyValue::try_from(value).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::MessageFormat);
        }
    }

    #[test]
    fn msg_09_bytes_are_taken_as_they_are_now() {
        let mut bytes = vec![1, 2];
        let value = Value::from(bytes.as_slice());
        bytes[0] = 9;
        assert_eq!(value, Value::from(&[1, 2]));
        let owned = Bytes::from(bytes);
        let start = owned.as_ptr();
        assert_eq!(Value::from(owned).to_bytes().unwrap().unwrap().as_ptr(), start);
    }

    #[test]
    fn a_literal_is_an_i32_or_an_f64() {
        fn take(value: impl Into<Value>) -> Value {
            value.into()
        }
        assert_eq!(take(7), Value::I32(7));
        assert_eq!(take(7.0), Value::F64(7.0));
        assert_eq!(take(Some(7)), Value::I32(7));
    }
}
