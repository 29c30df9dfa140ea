use bytes::Bytes;
use bytestring::ByteString;

/// The value of an application property: the eight types that JMS allows, and no other.
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
/// Source: Jakarta Messaging 3.1, section 3.11.3.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
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
