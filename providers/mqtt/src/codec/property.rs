//! Properties as user properties: the plain value, which every reader understands, and beside them of which types they are.

use std::{borrow::Cow, fmt::Write as _};

use anymq_api::{Properties, PropertyValue};

use super::{
    escape::{is_forbidden, percent_decode, percent_encode},
    header::{self, ORIGIN, PROPERTY, TYPES},
};

/// Marks a text that holds what no string can, with that percent-encoded.
const ENCODED: &str = "%";

/// User properties on their way out, with their types.
#[derive(Default)]
pub(super) struct Writer {
    pairs: Vec<(String, String)>,
    types: String,
}

impl Writer {
    /// A text under a name that may stand for itself.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        if text.contains(is_forbidden) {
            // Then the percent sign, too.
            let encoded = percent_encode(text, |letter| letter == '%' || is_forbidden(letter));
            self.push(name.to_owned(), Some(ENCODED), encoded.into_owned());
        } else {
            self.push(name.to_owned(), None, text.to_owned());
        }
    }

    /// A text in which nothing is special, under such a name.
    pub(super) fn plain(&mut self, name: &str, text: String) {
        self.push(name.to_owned(), None, text);
    }

    pub(super) fn properties(&mut self, properties: &Properties) {
        for (name, value) in properties.iter().filter(|(name, _)| !header::is_private(name)) {
            let name = wire_name(name);
            match value {
                PropertyValue::String(text) => self.text(&name, text),
                PropertyValue::Bool(value) => self.push(name, Some("bool"), value.to_string()),
                PropertyValue::I8(value) => self.push(name, Some("i8"), value.to_string()),
                PropertyValue::I16(value) => self.push(name, Some("i16"), value.to_string()),
                PropertyValue::I32(value) => self.push(name, Some("i32"), value.to_string()),
                PropertyValue::I64(value) => self.push(name, Some("i64"), value.to_string()),
                PropertyValue::F32(value) => self.push(name, Some("f32"), float_text(value)),
                PropertyValue::F64(value) => self.push(name, Some("f64"), float_text(value)),
            }
        }
    }

    fn push(&mut self, name: String, mark: Option<&str>, text: String) {
        if let Some(mark) = mark {
            // Infallible.
            let _ = write!(self.types, ";{name}={mark}");
        }
        self.pairs.push((name, text));
    }

    /// All of them, and the types of those that have one.
    pub(super) fn finish(mut self) -> Vec<(String, String)> {
        if !self.types.is_empty() {
            self.pairs.push((TYPES.to_owned(), self.types));
        }
        self.pairs
    }
}

/// As Java reads it, too.
fn float_text(value: &impl ToString) -> String {
    match value.to_string().as_str() {
        "inf" => "Infinity".to_owned(),
        "-inf" => "-Infinity".to_owned(),
        text => text.to_owned(),
    }
}

/// User properties on their way in.
pub(super) struct Reader<'a> {
    pairs: &'a [(String, String)],
    types: Option<&'a str>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(pairs: &'a [(String, String)]) -> Self {
        let mut reader = Self { pairs, types: None };
        reader.types = reader.raw(TYPES);
        reader
    }

    /// Whether one of this make sent it.
    pub(super) fn is_ours(&self) -> bool {
        self.raw(ORIGIN).is_some()
    }

    /// The first of a name counts.
    fn raw(&self, name: &str) -> Option<&'a str> {
        let found = self.pairs.iter().find(|(known, _)| known == name);
        found.map(|(_, text)| text.as_str())
    }

    /// The text of a header.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        let text = self.raw(name)?;
        Some(match self.mark(name) {
            Some(ENCODED) => percent_decode(text).into(),
            _ => text.into(),
        })
    }

    /// Puts what there is of properties where they belong.
    pub(super) fn properties(&self, properties: &mut Properties) {
        let is_own = |name: &str| name.starts_with(PROPERTY);
        let own = self.pairs.iter().filter(|(name, _)| is_own(name));
        let plain = self.pairs.iter().filter(|(name, _)| !is_own(name));
        for (wire_name, text) in own.chain(plain) {
            let Some(name) = property_name(wire_name) else { continue };
            if !properties.contains(&name) {
                let typed = typed(self.mark(wire_name), text);
                properties.set_from_wire(
                    name,
                    typed.unwrap_or_else(|| PropertyValue::String(text.clone().into())),
                );
            }
        }
    }

    fn mark(&self, name: &str) -> Option<&'a str> {
        let mut entries = self.types?.split(';').filter_map(|entry| entry.split_once('='));
        entries.find(|(known, _)| *known == name).map(|(_, mark)| mark)
    }
}

/// The name itself, unless it would be taken for something else.
fn wire_name(name: &str) -> String {
    let is_special = |letter: char| matches!(letter, ';' | '=' | '%') || is_forbidden(letter);
    if !header::is_reserved(name) && !name.is_empty() && !name.contains(is_special) {
        return name.to_owned();
    }
    format!("{PROPERTY}{}", percent_encode(name, is_special))
}

fn property_name(wire_name: &str) -> Option<String> {
    match wire_name.strip_prefix(PROPERTY) {
        Some(encoded) => Some(percent_decode(encoded)),
        None => (!header::is_reserved(wire_name)).then(|| wire_name.to_owned()),
    }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(properties: &Properties) -> Vec<(String, String)> {
        let mut writer = Writer::default();
        writer.properties(properties);
        writer.finish()
    }

    fn through(properties: &Properties) -> Properties {
        let mut read_again = Properties::new();
        Reader::new(&written(properties)).properties(&mut read_again);
        read_again
    }

    #[test]
    fn plain_values_are_readable() {
        let mut properties = Properties::new();
        properties.set_from_wire("table", 7);
        properties.set_from_wire("who", "Ann; é=%41");
        let pairs = written(&properties);
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(
            pairs,
            [pair("table", "7"), pair("who", "Ann; é=%41"), pair(TYPES, ";table=i32")]
        );
    }

    #[test]
    fn control_characters_are_escaped() {
        let mut properties = Properties::new();
        properties.set_from_wire("text", "a\nb\t\0\u{85}\u{fffe}%41");
        let pairs = written(&properties);
        assert!(
            pairs
                .iter()
                .all(|(name, text)| !name.contains(is_forbidden) && !text.contains(is_forbidden))
        );
        assert_eq!(through(&properties), properties);
    }

    #[test]
    fn a_property_is_not_taken_for_a_header() {
        let mut properties = Properties::new();
        for name in ["a;b=c", "%", "JMS_anymq_body", "JMS_anymq_p_a", "", "a\nb"] {
            properties.set_from_wire(name, name);
        }
        let pairs = written(&properties);
        assert!(
            pairs
                .iter()
                .all(|(name, _)| name.starts_with(PROPERTY) || name == TYPES)
        );
        assert_eq!(through(&properties), properties);
    }

    #[test]
    fn what_is_not_of_its_type_is_a_text() {
        let pairs = [
            (TYPES, "a=i32;b=i99;c;=;d=bool"),
            ("a", "x"),
            ("b", "1"),
            ("c", "%00"),
            ("d", "true"),
            ("a", "2"),
        ];
        let pairs = pairs.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let mut properties = Properties::new();
        Reader::new(&pairs).properties(&mut properties);
        let texts = ["a", "b", "c"].map(|name| properties.string(name).map(Cow::into_owned));
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
            ".{0,9}|[\\x00\\n\\r%;=:\u{fffe}]{0,5}".prop_map(|text| PropertyValue::String(text.into())),
        ]
    }

    proptest! {
        #[test]
        fn all_properties_come_back(entries in proptest::collection::vec(("[a-z$_é;=%:\\x00]{1,6}|JMS_anymq_p", any_value()), 0..6)) {
            let mut properties = Properties::new();
            for (name, value) in entries {
                properties.set_from_wire(name, value);
            }
            prop_assert_eq!(through(&properties), properties);
        }
    }
}
