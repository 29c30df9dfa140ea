//! Properties, their names and conversions, and the headers.

use std::time::{Duration, SystemTime};

use anymq_api::{
    Envelope, ErrorKind, Headers, Message, MessageId, Priority, Properties, PropertyValue, Queue, Selector, Timestamp,
    Value,
};

use super::{
    conversion::{self, Cell, TARGETS, Target, of_value},
    error::{self, SECRET},
    input::Input,
    values,
};

pub(super) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let mut message = Message::empty();
    let count = input.below(8);
    for _ in 0..count {
        let name = input.text();
        if let Ok(value) = PropertyValue::try_from(values::value(&mut input)) {
            message = set(message, &name, &value);
        }
    }
    shown(&message);
    headers(&message, &mut input);
}

/// Sets it, or has the reason why it cannot be set.
fn set(message: Message, name: &str, value: &PropertyValue) -> Message {
    let refused = refusal(name, value);
    let changed = match message.clone().with_property(name, value.clone()) {
        Ok(changed) => {
            assert_eq!(refused, None, "{name:?} {value:?}");
            selectable(&changed, name);
            changed
        }
        Err(refusal) => {
            error::check(&refusal, &refused.into_iter().collect::<Vec<_>>());
            let mut properties = message.properties().clone();
            properties.set_from_wire(name, value.clone());
            message.with_properties(properties)
        }
    };
    converted(changed.properties(), name, value);
    changed
}

/// Sections 3.5.1 and 3.5.9 of the specification.
fn refusal(name: &str, value: &PropertyValue) -> Option<ErrorKind> {
    let words = "NULL TRUE FALSE NOT AND OR BETWEEN LIKE IN IS ESCAPE";
    let good = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let fits = match name {
        "JMSXGroupID" => matches!(value, PropertyValue::String(_)),
        "JMSXGroupSeq" => matches!(value, PropertyValue::I32(_)),
        _ => {
            let identifier = name.chars().all(good)
                && name
                    .chars()
                    .next()
                    .is_some_and(|c| c.is_alphabetic() || good(c) && !c.is_alphanumeric());
            let word = words.split(' ').any(|word| word == name.to_ascii_uppercase());
            let free = identifier && !word && !name.starts_with("JMS");
            return (!free).then_some(ErrorKind::InvalidArgument);
        }
    };
    (!fits).then_some(ErrorKind::MessageFormat)
}

/// Whatever may be set can be selected by.
fn selectable(message: &Message, name: &str) {
    let headers = Headers::new(Queue::new("q").unwrap().into());
    let envelope = Envelope::new(headers, message.clone());
    for (text, expected) in [
        (format!("{name} IS NOT NULL"), true),
        (format!("{name} IS NULL"), false),
    ] {
        let selector = Selector::parse(&text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
        assert_eq!(selector.matches(&envelope), expected, "{text}");
    }
}

fn converted(properties: &Properties, name: &str, value: &PropertyValue) {
    let whole = Value::from(value.clone());
    conversion::check_float(&whole);
    assert!(properties.contains(name) && properties.names().any(|it| it == name));
    for target in TARGETS {
        let expected = conversion::expected(&whole, target);
        let (own, get) = match target {
            Target::Bool => (value.to_bool().into(), properties.bool(name).into()),
            Target::I8 => (value.to_i8().into(), properties.i8(name).into()),
            Target::I16 => (value.to_i16().into(), properties.i16(name).into()),
            Target::I32 => (value.to_i32().into(), properties.i32(name).into()),
            Target::I64 => (value.to_i64().into(), properties.i64(name).into()),
            Target::F32 => (value.to_f32().into(), properties.f32(name).into()),
            Target::F64 => (value.to_f64().into(), properties.f64(name).into()),
            Target::Text => {
                let text = properties.string(name).map(String::from);
                (Cell::Text(Some(value.to_text().into_owned())), Cell::Text(text))
            }
            Target::Char | Target::Bytes => {
                assert_eq!(expected, Cell::Refused(ErrorKind::MessageFormat));
                continue;
            }
        };
        assert_eq!((&own, &get), (&expected, &expected), "{name:?} {value:?} {target:?}");
        assert_eq!(of_value(&whole, target), own);
    }
}

/// `Debug` tells the names and never the values, nor the body.
fn shown(message: &Message) {
    if message.properties().names().any(|name| name.contains(SECRET)) {
        return;
    }
    let mut properties = message.properties().clone();
    properties.set_from_wire("kept", SECRET);
    let message = message
        .clone()
        .with_properties(properties)
        .with_body(anymq_api::Body::Text(SECRET.into()));
    let shown = format!("{message:?} {message:#?}");
    assert!(!shown.contains(SECRET), "{shown}");
}

fn headers(message: &Message, input: &mut Input<'_>) {
    let text = input.text();
    match MessageId::parse(&text) {
        Ok(id) => {
            assert_eq!((&*id.text(), id.to_string().as_str()), (text.as_str(), text.as_str()));
            let shown = format!("{id:?}");
            assert!(!shown.contains(char::is_control) && shown.len() < 2000, "{shown}");
            let message = message.clone().with_correlation_id(&id);
            assert_eq!(message.correlation_id(), Some(text.as_str()));
        }
        Err(refusal) => {
            assert!(text.is_empty());
            error::check(&refusal, &[ErrorKind::InvalidArgument]);
        }
    }
    let level = input.byte();
    match Priority::new(level) {
        Ok(priority) => assert!(priority.level() == level && level < 10),
        Err(refusal) => {
            assert!(level > 9);
            error::check(&refusal, &[ErrorKind::InvalidArgument]);
        }
    }
    times(i64::from_le_bytes(input.array()), u64::from_le_bytes(input.array()));
}

fn times(millis: i64, later: u64) {
    let instant = Timestamp::from_millis(millis);
    assert_eq!(instant.as_millis(), millis.min(i64::MAX - 1));
    let json = serde_json::to_string(&instant).unwrap();
    assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), instant);
    let system = SystemTime::from(instant);
    if system != SystemTime::UNIX_EPOCH {
        assert_eq!(Timestamp::from(system), instant);
    }
    let exact = i128::from(instant.as_millis()) + i128::from(later);
    if let Some(sum) = instant.checked_add(Duration::from_millis(later)) {
        assert_eq!(i128::from(sum.as_millis()), exact.min(i128::from(i64::MAX) - 1));
        assert!(sum.saturating_since(instant) <= Duration::from_millis(later));
        assert_eq!(instant.saturating_since(sum), Duration::ZERO);
    } else {
        assert!(exact > i128::from(i64::MAX) || i64::try_from(later).is_err());
    }
}
