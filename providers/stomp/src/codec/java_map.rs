//! Maps as `ActiveMQ` turns them into `MapMessage` and back: the XML of Java's `XStream`.
//!
//! ```xml
//! <map><entry><string>table</string><int>7</int></entry></map>
//! ```

use std::fmt::Write as _;

use anymq_api::{Map, Value};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// `None` for what that cannot carry: bytes, which the broker refuses, and letters that do not survive.
pub(super) fn write(map: &Map) -> Option<String> {
    let mut xml = "<map>".to_owned();
    for (name, value) in map {
        xml.push_str("<entry>");
        element("string", name, &mut xml)?;
        write_value(value, &mut xml)?;
        xml.push_str("</entry>");
    }
    xml.push_str("</map>");
    Some(xml)
}

fn write_value(value: &Value, xml: &mut String) -> Option<()> {
    let (name, text) = match value {
        Value::Null => {
            xml.push_str("<null/>");
            return Some(());
        }
        Value::Bool(value) => ("boolean", value.to_string()),
        Value::I8(value) => ("byte", value.to_string()),
        Value::I16(value) => ("short", value.to_string()),
        Value::Char(value) => ("char", value.to_string()),
        Value::I32(value) => ("int", value.to_string()),
        Value::I64(value) => ("long", value.to_string()),
        Value::F32(value) => ("float", super::property::float_text(value)),
        Value::F64(value) => ("double", super::property::float_text(value)),
        Value::String(value) => return element("string", value, xml),
        Value::Bytes(_) => return None,
    };
    element(name, &text, xml)
}

fn element(name: &str, text: &str, xml: &mut String) -> Option<()> {
    // Infallible.
    let _ = write!(xml, "<{name}>");
    for letter in text.chars() {
        match letter {
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '&' => xml.push_str("&amp;"),
            '\r' => xml.push_str("&#xd;"),
            '\t' | '\n' => xml.push(letter),
            // The broker's reader makes two of a letter beyond the basic plane.
            _ if letter.is_control() || letter >= '\u{fffe}' => return None,
            _ => xml.push(letter),
        }
    }
    let _ = write!(xml, "</{name}>");
    Some(())
}

/// `None` when it is no map of this form.
pub(super) fn read(xml: &[u8]) -> Option<Map> {
    let mut reader = Reader(std::str::from_utf8(xml).ok()?);
    let mut map = Map::default();
    match reader.open()? {
        "map/" => return reader.is_at_end().then_some(map),
        "map" => {}
        _ => return None,
    }
    loop {
        match reader.open()? {
            "entry" => {}
            "/map" => return reader.is_at_end().then_some(map),
            _ => return None,
        }
        let Some(Value::String(name)) = reader.value() else {
            return None;
        };
        let value = reader.value()?;
        map.set_from_wire(name.to_string(), value);
        (reader.open()? == "/entry").then_some(())?;
    }
}

/// What is left to be read.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    /// The inside of the next tag, after blanks.
    fn open(&mut self) -> Option<&'a str> {
        let (tag, rest) = self.0.trim_ascii_start().strip_prefix('<')?.split_once('>')?;
        self.0 = rest;
        Some(tag)
    }

    /// What stands before the end of an element that is open.
    fn text(&mut self, name: &str) -> Option<String> {
        let (text, rest) = self.0.split_once('<')?;
        self.0 = rest.strip_prefix('/')?.strip_prefix(name)?.strip_prefix('>')?;
        unescaped(text)
    }

    fn value(&mut self) -> Option<Value> {
        let kind = self.open()?;
        match kind {
            "null/" => return Some(Value::Null),
            "string/" => return Some(Value::String("".into())),
            "byte-array/" => return Some(Value::Bytes(bytes::Bytes::new())),
            _ => {}
        }
        let text = self.text(kind)?;
        Some(match kind {
            "string" => Value::String(text.into()),
            "boolean" => Value::Bool(text.parse().ok()?),
            "byte" => Value::I8(text.parse().ok()?),
            "short" => Value::I16(text.parse().ok()?),
            "char" => Value::Char(text.parse().ok()?),
            "int" => Value::I32(text.parse().ok()?),
            "long" => Value::I64(text.parse().ok()?),
            "float" => Value::F32(text.parse().ok()?),
            "double" => Value::F64(text.parse().ok()?),
            "byte-array" => {
                let digits: String = text.split_ascii_whitespace().collect();
                Value::Bytes(STANDARD.decode(digits).ok()?.into())
            }
            _ => return None,
        })
    }

    fn is_at_end(&self) -> bool {
        self.0.trim_ascii().is_empty()
    }
}

fn unescaped(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let (entity, after) = after.split_once(';')?;
        plain.push_str(before);
        plain.push(match entity {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => numbered(entity)?,
        });
        rest = after;
    }
    plain.push_str(rest);
    Some(plain)
}

fn numbered(entity: &str) -> Option<char> {
    let number = entity.strip_prefix('#')?;
    let code = match number.strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_the_broker_writes_is_read() {
        let xml = b"<map>\n  <entry>\n    <string>a b</string>\n    <int>7</int>\n  </entry>\n  <entry>\n    <string>c</string>\n    \
            <byte-array>AP8=</byte-array>\n  </entry>\n  <entry>\n    <string>d</string>\n    <string> &lt;&#xd;\n</string>\n  \
            </entry>\n  <entry>\n    <string>e</string>\n    <null/>\n  </entry>\n</map>";
        let map = read(xml).unwrap();
        assert_eq!(map.get("a b"), Some(&Value::I32(7)));
        assert_eq!(map.get("c"), Some(&Value::Bytes(vec![0, 255].into())));
        assert_eq!(map.get("d"), Some(&Value::String(" <\r\n".into())));
        assert_eq!((map.get("e"), map.len()), (Some(&Value::Null), 4));
        assert_eq!(read(b"<map/>").map(|map| map.len()), Some(0));
    }

    #[test]
    fn what_is_no_map_is_none() {
        for xml in [
            &b""[..],
            b"<map>",
            b"<map></maps>",
            b"<map></map>x",
            b"<list></list>",
            b"<map><entry><int>1</int><int>2</int></entry></map>",
            b"<map><entry><string>a</string><int>x</int></entry></map>",
            b"<map><entry><string>a</string><int>1</long></entry></map>",
            b"<map><entry><string>a&x;</string><int>1</int></entry></map>",
            b"<map><entry><string>a</string><list/></entry></map>",
            b"\xff",
        ] {
            assert_eq!(read(xml), None, "{}", String::from_utf8_lossy(xml));
        }
    }

    #[test]
    fn what_it_cannot_carry_is_left_to_another_form() {
        for value in [
            Value::Bytes(vec![1].into()),
            Value::String("\0".into()),
            Value::Char('😀'),
        ] {
            let mut map = Map::default();
            map.set_from_wire("a", value);
            assert_eq!(write(&map), None);
        }
    }

    proptest! {
        #[test]
        fn maps_come_back(entries in proptest::collection::vec(("[a-z<&>\\r\\n é]{1,5}", "[ -~\\r\\n\\té日]{0,9}", any::<i64>(), any::<f32>()), 0..4)) {
            let mut map = Map::default();
            for (name, text, number, float) in entries {
                map.set_from_wire(format!("{name}i"), Value::I64(number));
                if !float.is_nan() {
                    map.set_from_wire(format!("{name}f"), Value::F32(float));
                }
                map.set_from_wire(name, Value::String(text.into()));
            }
            prop_assert_eq!(write(&map).and_then(|xml| read(xml.as_bytes())), Some(map));
        }

        #[test]
        fn nothing_panics(xml in "(<(/)?(map|entry|string|int|null/)>|&(lt|#x|#)?;?|[a7 ]){0,12}") {
            let _ = read(xml.as_bytes());
        }
    }
}
