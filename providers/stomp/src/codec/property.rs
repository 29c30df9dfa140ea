//! Properties as headers: the plain value, which every reader understands, and beside them of which types they are.

use std::fmt::Write as _;

use anymq_api::{Properties, PropertyValue};

use super::{
    header::{self, PROPERTY, TYPES},
    percent::{percent_decode, percent_encode},
};
use crate::frame::Headers;

/// Marks a text that holds what no header can, with that percent-encoded.
const ENCODED: &str = "%";

/// Appends headers for all of them.
pub(super) fn write(properties: &Properties, keeps_line_breaks: bool, headers: &mut Headers) {
    let mut types = String::new();
    for (name, value) in properties.iter().filter(|(name, _)| !header::is_private(name)) {
        let (mark, text) = value_text(value, keeps_line_breaks);
        let header = header_name(name);
        if name.starts_with("JMSX") {
            // Brokers know it and keep it for themselves, so it goes twice.
            headers.push(name.to_owned(), text.clone());
        }
        if let Some(mark) = mark {
            // Infallible.
            let _ = write!(types, ";{header}={mark}");
        }
        headers.push(header, text);
    }
    headers.push(bytestring::ByteString::from_static(TYPES), types);
}

/// Puts what the headers hold of properties where they belong.
pub(super) fn read(headers: &Headers, properties: &mut Properties) {
    let types = headers.get(TYPES).unwrap_or_default();
    let (own, plain): (Vec<_>, Vec<_>) = headers.iter().partition(|(header, _)| header.starts_with(PROPERTY));
    for (header, text) in own.into_iter().chain(plain) {
        let Some(name) = property_name(header) else { continue };
        // The first of a name counts.
        if !properties.contains(&name) {
            properties.set_from_wire(name, value(mark_of(types, header), text));
        }
    }
}

/// The name itself, unless it would be taken for something else.
fn header_name(name: &str) -> String {
    let is_special =
        |letter: char| letter.is_ascii() && !letter.is_ascii_alphanumeric() && !matches!(letter, '_' | '$' | '.' | '-');
    if !header::is_risky(name) && !name.starts_with("JMSX") && !name.is_empty() && !name.contains(is_special) {
        return name.to_owned();
    }
    format!("{PROPERTY}{}", percent_encode(name, is_special))
}

fn property_name(header: &str) -> Option<String> {
    match header.strip_prefix(PROPERTY) {
        Some(encoded) => Some(percent_decode(encoded)),
        None => (!header::is_reserved(header)).then(|| header.to_owned()),
    }
}

fn value_text(value: &PropertyValue, keeps_line_breaks: bool) -> (Option<&'static str>, String) {
    match value {
        PropertyValue::Bool(value) => (Some("bool"), value.to_string()),
        PropertyValue::I8(value) => (Some("i8"), value.to_string()),
        PropertyValue::I16(value) => (Some("i16"), value.to_string()),
        PropertyValue::I32(value) => (Some("i32"), value.to_string()),
        PropertyValue::I64(value) => (Some("i64"), value.to_string()),
        PropertyValue::F32(value) => (Some("f32"), float_text(value)),
        PropertyValue::F64(value) => (Some("f64"), float_text(value)),
        PropertyValue::String(text) if needs_encoding(text, keeps_line_breaks) => {
            let is_special = |letter| matches!(letter, '\0' | '\r' | '\n' | '%');
            (Some(ENCODED), percent_encode(text, is_special))
        }
        PropertyValue::String(text) => (None, text.to_string()),
    }
}

/// As Java reads it, too.
pub(super) fn float_text(value: &(impl ToString + PartialOrd)) -> String {
    match value.to_string().as_str() {
        "inf" => "Infinity".to_owned(),
        "-inf" => "-Infinity".to_owned(),
        text => text.to_owned(),
    }
}

/// Whether a property of this name is the header of this name.
pub(crate) fn is_plain_name(name: &str) -> bool {
    header_name(name) == name
}

/// NUL has no escape; some brokers take line breaks away although they were escaped.
fn needs_encoding(text: &str, keeps_line_breaks: bool) -> bool {
    text.contains('\0') || !keeps_line_breaks && text.contains(['\r', '\n'])
}

fn value(mark: Option<&str>, text: &str) -> PropertyValue {
    typed(mark, text).unwrap_or_else(|| PropertyValue::String(text.to_owned().into()))
}

/// `None` where it is a text, or not of the type that is said.
fn typed(mark: Option<&str>, text: &str) -> Option<PropertyValue> {
    Some(match mark? {
        "bool" => PropertyValue::Bool(text.parse().ok()?),
        "i8" => PropertyValue::I8(text.parse().ok()?),
        "i16" => PropertyValue::I16(text.parse().ok()?),
        "i32" => PropertyValue::I32(text.parse().ok()?),
        "i64" => PropertyValue::I64(text.parse().ok()?),
        "f32" => PropertyValue::F32(text.parse().ok()?),
        "f64" => PropertyValue::F64(text.parse().ok()?),
        ENCODED => PropertyValue::String(percent_decode(text).into()),
        _ => return None,
    })
}

fn mark_of<'a>(types: &'a str, header: &str) -> Option<&'a str> {
    let mut entries = types.split(';').filter_map(|entry| entry.split_once('='));
    entries.find(|(name, _)| *name == header).map(|(_, mark)| mark)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn through(properties: &Properties) -> Properties {
        let mut headers = Headers::new();
        write(properties, false, &mut headers);
        let mut read_again = Properties::new();
        read(&headers, &mut read_again);
        read_again
    }

    #[test]
    fn plain_values_are_readable() {
        let mut properties = Properties::new();
        for (name, value) in [
            ("table", PropertyValue::I32(7)),
            ("who", PropertyValue::String("Ann: é".into())),
        ] {
            properties.set_from_wire(name, value);
        }
        let mut headers = Headers::new();
        write(&properties, false, &mut headers);
        assert_eq!((headers.get("table"), headers.get("who")), (Some("7"), Some("Ann: é")));
        assert_eq!(headers.get(TYPES), Some(";table=i32"));
        assert_eq!(headers.len(), 3);
    }

    #[test]
    fn a_property_is_not_taken_for_a_header() {
        let mut properties = Properties::new();
        for name in [
            "type",
            "receipt",
            "x-anymq-body",
            "a;b=c",
            "%",
            "content-length",
            "x-anymq-p-a",
            "AMQ_SCHEDULED_DELAY",
        ] {
            properties.set_from_wire(name, name);
        }
        let mut headers = Headers::new();
        write(&properties, false, &mut headers);
        assert!(
            headers
                .iter()
                .all(|(name, _)| name.starts_with(PROPERTY) || **name == *TYPES)
        );
        assert_eq!(through(&properties), properties);
    }

    #[test]
    fn what_is_not_of_its_type_is_a_text() {
        let mut headers = Headers::new();
        for (name, text) in [
            (TYPES, "a=i32;b=i99;c;=;d=bool"),
            ("a", "x"),
            ("b", "1"),
            ("c", "%00"),
            ("d", "true"),
            ("a", "2"),
        ] {
            headers.push(name, text);
        }
        let mut properties = Properties::new();
        read(&headers, &mut properties);
        let texts = ["a", "b", "c"].map(|name| properties.string(name).map(std::borrow::Cow::into_owned));
        assert_eq!(texts.map(Option::unwrap), ["x", "1", "%00"]);
        assert_eq!(properties.get("d"), Some(&PropertyValue::Bool(true)));
    }

    fn any_value() -> impl Strategy<Value = PropertyValue> {
        prop_oneof![
            any::<bool>().prop_map(PropertyValue::Bool),
            any::<i8>().prop_map(PropertyValue::I8),
            any::<i16>().prop_map(PropertyValue::I16),
            any::<i32>().prop_map(PropertyValue::I32),
            any::<i64>().prop_map(PropertyValue::I64),
            any::<f32>()
                .prop_filter("comparable", |value| !value.is_nan())
                .prop_map(PropertyValue::F32),
            any::<f64>()
                .prop_filter("comparable", |value| !value.is_nan())
                .prop_map(PropertyValue::F64),
            ".{0,9}|[\\x00\\n\\r%;=:]{0,5}".prop_map(|text| PropertyValue::String(text.into())),
        ]
    }

    proptest! {
        #[test]
        fn all_properties_come_back(entries in proptest::collection::vec(("[a-z$_é;=%:\\x00]{1,6}|type|id", any_value()), 0..6)) {
            let mut properties = Properties::new();
            for (name, value) in entries {
                properties.set_from_wire(name, value);
            }
            prop_assert_eq!(through(&properties), properties);
        }
    }
}
