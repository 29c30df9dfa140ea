//! PROP, with message objects alone.

use anymq_api::{ErrorKind, Message, Properties, PropertyValue, Value};

use super::super::{
    Failure, Passed, Verdict, expect_kind,
    tables::{Column, expect_cells, null_row, property_rows, read_property},
    values::{expect_value, numbers, property_values},
};

fn of(value: impl Into<PropertyValue>) -> anymq_api::Result<Properties> {
    Properties::new().with("p", value)
}

fn expect_number_format(text: &str, columns: &[Column]) -> Result<(), Failure> {
    let properties = of(text)?;
    for &column in columns {
        let outcome = read_property(&properties, "p", column);
        ensure!(
            matches!(&outcome, Err(error) if error.kind() == ErrorKind::NumberFormat),
            "{text:?} as {column:?}: {outcome:?} instead of a number format error"
        );
    }
    Ok(())
}

pub(super) fn bad_numbers() -> Verdict {
    use Column::{F32, F64, I8, I16, I32, I64};
    for text in ["", " ", "one", "1x", "--1", "0x1", "1_000", "1,5", "true", "١x"] {
        expect_number_format(text, &Column::NUMBERS)?;
    }
    for text in ["1.0", "1e2", " 1", "1 ", "NaN"] {
        expect_number_format(text, &[I8, I16, I32, I64])?;
    }
    for text in ["1.2.3", "1e", "nan", "inf", "infinity", "."] {
        expect_number_format(text, &[F32, F64])?;
    }
    for (text, columns) in [
        ("128", &[I8][..]),
        ("-129", &[I8]),
        ("32768", &[I8, I16]),
        ("-32769", &[I8, I16]),
        ("2147483648", &[I8, I16, I32]),
        ("-2147483649", &[I8, I16, I32]),
        ("9223372036854775808", &[I8, I16, I32, I64]),
        ("-9223372036854775809", &[I8, I16, I32, I64]),
    ] {
        expect_number_format(text, columns)?;
    }
    // The edges themselves are numbers.
    ensure_eq!(of("-128")?.i8("p")?, i8::MIN);
    ensure_eq!(of("32767")?.i16("p")?, i16::MAX);
    ensure_eq!(of("-2147483648")?.i32("p")?, i32::MIN);
    ensure_eq!(of("9223372036854775807")?.i64("p")?, i64::MAX);
    Ok(Passed::AsStated)
}

pub(super) fn text_as_boolean() -> Verdict {
    for text in ["true", "TRUE", "True", "tRuE"] {
        ensure!(of(text)?.bool("p")?, "{text:?} is not true");
    }
    for text in ["", "false", "1", "yes", "on", "t", " true", "true ", "truee", "ᴛrue"] {
        ensure!(!of(text)?.bool("p")?, "{text:?} is not false");
    }
    Ok(Passed::AsStated)
}

pub(super) fn as_text() -> Verdict {
    for (value, text) in [
        (PropertyValue::Bool(true), "true"),
        (false.into(), "false"),
        (i8::MIN.into(), "-128"),
        (i16::MAX.into(), "32767"),
        (0_i32.into(), "0"),
        (i64::MIN.into(), "-9223372036854775808"),
        (1.0_f32.into(), "1.0"),
        ((-0.5_f64).into(), "-0.5"),
        (1e10_f64.into(), "1.0E10"),
        (1e-5_f32.into(), "1.0E-5"),
        (f64::INFINITY.into(), "Infinity"),
        (f32::NEG_INFINITY.into(), "-Infinity"),
        (f64::NAN.into(), "NaN"),
    ] {
        ensure_eq!(of(value)?.string("p").as_deref(), Some(text));
    }
    for value in numbers() {
        let properties = of(PropertyValue::try_from(value.clone())?)?;
        let text = properties.string("p").map(String::from).unwrap_or_default();
        let parsed = of(text.as_str())?;
        let back: Value = match value {
            Value::F32(_) => parsed.f32("p")?.into(),
            Value::F64(_) => parsed.f64("p")?.into(),
            Value::Bool(_) => parsed.bool("p")?.into(),
            Value::I8(_) => parsed.i8("p")?.into(),
            Value::I16(_) => parsed.i16("p")?.into(),
            Value::I32(_) => parsed.i32("p")?.into(),
            _ => parsed.i64("p")?.into(),
        };
        expect_value(&back, &value, &format!("parsed back from {text:?}"))?;
    }
    Ok(Passed::AsStated)
}

pub(super) fn missing() -> Verdict {
    let none = Properties::new();
    expect_cells(&[null_row()], &Column::OF_PROPERTIES, |row, column| {
        read_property(&none, row.name, column)
    })?;
    ensure_eq!(none.get("v_null"), None);
    ensure_eq!(Message::empty().property("v_null"), None);
    Ok(Passed::AsStated)
}

pub(super) fn existence() -> Verdict {
    let mut properties = of(false)?.with("empty", "")?;
    for name in ["p", "empty"] {
        ensure!(properties.contains(name), "`{name}` was set and does not exist");
    }
    for name in ["P", "q", "", "JMSPriority", "JMSXDeliveryCount"] {
        ensure!(!properties.contains(name), "`{name}` was not set and exists");
    }
    ensure_eq!(properties.remove("p"), Some(PropertyValue::Bool(false)));
    ensure!(!properties.contains("p"), "`p` was removed and exists");
    // None cannot be set: it is no value of a property.
    expect_kind(PropertyValue::try_from(Value::Null), ErrorKind::MessageFormat)?;
    Ok(Passed::AsStated)
}

pub(super) fn untyped_setter() -> Verdict {
    for row in property_rows() {
        let properties = of(PropertyValue::try_from(row.set.clone())?)?;
        let got = properties.get("p").cloned().map(Value::from).unwrap_or_default();
        expect_value(&got, &row.set, row.name)?;
    }
    for value in [Value::Char('a'), Value::from(b"bytes"), Value::from(Vec::new())] {
        expect_kind(PropertyValue::try_from(value), ErrorKind::MessageFormat)?;
    }
    Ok(Passed::AsStated)
}

pub(super) fn untyped_getter() -> Verdict {
    for value in property_values() {
        let properties = of(PropertyValue::try_from(value.clone())?)?;
        let got = properties.get("p").cloned().map(Value::from).unwrap_or_default();
        expect_value(&got, &value, "the untyped getter")?;
        ensure_eq!(properties.get("q"), None);
    }
    Ok(Passed::AsStated)
}

/// A refused name sets nothing, on a message or on properties.
fn expect_refused(name: &str) -> Result<(), Failure> {
    let mut properties = of(1)?;
    let refused = properties.set(name, 2);
    ensure!(
        matches!(&refused, Err(error) if error.kind() == ErrorKind::InvalidArgument),
        "as the name {name:?}: {refused:?} instead of an invalid argument"
    );
    ensure_eq!(properties, of(1)?, "after the name {name:?} was refused");
    expect_kind(Message::empty().with_property(name, 2), ErrorKind::InvalidArgument)?;
    Ok(())
}

pub(super) fn empty_name() -> Verdict {
    expect_refused("")?;
    Ok(Passed::AsStated)
}

pub(super) fn identifiers() -> Verdict {
    for name in [
        "a",
        "Z",
        "_",
        "$",
        "a1",
        "_1",
        "$a$_9",
        "größe",
        "数量",
        "Ελλάδα",
        "jms",
        "JMs",
    ] {
        let properties = Properties::new().with(name, 1)?;
        ensure_eq!(properties.i32(name)?, 1, "{name}");
    }
    for name in [
        "1", "1a", " ", "a b", " a", "a ", "a.b", ".", "a-b", "-a", "a:b", "a'b", "a\"b", "a\n", "a\0", "a,b", "a=b",
        "(a)", "☕", "a😀",
    ] {
        expect_refused(name)?;
    }
    Ok(Passed::AsStated)
}

pub(super) fn reserved_words() -> Verdict {
    const WORDS: [&str; 11] = [
        "NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE",
    ];
    for word in WORDS {
        let lower = word.to_lowercase();
        let mixed: String = word
            .chars()
            .enumerate()
            .map(|(at, c)| if at % 2 == 0 { c } else { c.to_ascii_lowercase() })
            .collect();
        for name in [word, &lower, &mixed] {
            expect_refused(name)?;
        }
        // Only the word itself is reserved.
        let longer = format!("{word}_");
        ensure_eq!(Properties::new().with(longer.as_str(), 1)?.i32(&longer)?, 1);
    }
    Ok(Passed::AsStated)
}

pub(super) fn set_again() -> Verdict {
    let mut properties = Properties::new();
    let mut message = Message::empty();
    for row in property_rows() {
        let value = PropertyValue::try_from(row.set.clone())?;
        properties.set("p", value.clone())?;
        message = message.with_property("p", value.clone())?;
        for properties in [&properties, message.properties()] {
            ensure_eq!(properties.get("p"), Some(&value));
            ensure_eq!(properties.len(), 1);
        }
    }
    Ok(Passed::AsStated)
}
