//! Awkward values, and comparing values exactly: type by type, and floats bit by bit.

use anymq_api::{Body, Map, Message, Properties, PropertyValue, Value};

use super::Failure;

/// Texts that a careless encoding damages, each with a name for reports.
pub(super) const TEXTS: [(&str, &str); 14] = [
    ("empty", ""),
    ("ascii", "one espresso"),
    ("spaces", "  lead and trail\t "),
    ("lines", "one\ntwo\n\nfour\n"),
    ("crlf", "one\r\ntwo\rthree\r\n"),
    ("unicode", "größe · Ελλάδα · 数量 · שלום"),
    ("non-BMP", "😀 𝄞 \u{10ffff}"),
    ("combining", "e\u{301} é a\u{308}\u{323} 👩\u{200d}🔬"),
    ("NUL", "\0a\0\0b\0"),
    (
        "controls",
        "\u{1}\u{2}\u{7}\u{8}\u{b}\u{c}\u{e}\u{1b}\u{1f}\u{7f}\u{80}\u{85}\u{9f}",
    ),
    (
        "marks",
        "\u{feff}bom \u{2028}\u{2029} \u{fffd}\u{fffe}\u{ffff} \u{202e}rtl",
    ),
    ("separators", r"a:b\c\n\\d;e,f=g&h?i#j%20+k"),
    ("quotes", r#""double" 'single' `back` <tag/> {"json":[1]} ${x}"#),
    ("number", "007"),
];

/// The extremes of each type, and what lies on an edge of an encoding.
pub(super) fn numbers() -> Vec<Value> {
    let mut all = vec![Value::Bool(false), Value::Bool(true)];
    all.extend([i8::MIN, -1, 0, 1, i8::MAX].map(Value::I8));
    all.extend([i16::MIN, -1, 0, 1, i16::MAX].map(Value::I16));
    all.extend([i32::MIN, -1, 0, 1, i32::MAX].map(Value::I32));
    // 2⁵³ + 1 is the first integer that a double cannot hold.
    all.extend([i64::MIN, -1, 0, 1, (1 << 53) + 1, i64::MAX].map(Value::I64));
    all.extend(
        [
            0.0,
            -0.0,
            f32::MIN,
            f32::MAX,
            f32::MIN_POSITIVE,
            f32::from_bits(1),
            0.1,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::NAN,
        ]
        .map(Value::F32),
    );
    all.extend(
        [
            0.0,
            -0.0,
            f64::MIN,
            f64::MAX,
            f64::MIN_POSITIVE,
            f64::from_bits(1),
            0.1,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ]
        .map(Value::F64),
    );
    all
}

/// What a property can hold: [`numbers`] and [`TEXTS`].
pub(super) fn property_values() -> Vec<Value> {
    let texts = TEXTS.iter().map(|(_, text)| Value::from(*text));
    numbers().into_iter().chain(texts).collect()
}

/// What a map or a stream can hold: the same, and null, characters and bytes.
pub(super) fn values() -> Vec<Value> {
    let mut all = property_values();
    all.push(Value::Null);
    all.extend(['\0', 'x', '7', '"', 'é', '€', '\u{ffff}', '😀'].map(Value::Char));
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    all.extend([Vec::new(), vec![0], b"text".to_vec(), every_byte].map(Value::from));
    all
}

/// The same type and value; floats bit by bit, but every NaN is the same.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::F32(left), Value::F32(right)) => left.to_bits() == right.to_bits() || (left.is_nan() && right.is_nan()),
        (Value::F64(left), Value::F64(right)) => left.to_bits() == right.to_bits() || (left.is_nan() && right.is_nan()),
        _ => left == right,
    }
}

/// The application's properties, as [`Value`]s in the order of their names. A provider may add its own, named
/// `JMS_vendor…`.
pub(super) fn properties_of(properties: &Properties) -> Vec<(String, Value)> {
    let own = properties.iter().filter(|(name, _)| !name.starts_with("JMS_"));
    own.map(|(name, value)| (name.to_owned(), value.clone().into()))
        .collect()
}

/// The entries of a map, in the order of their names.
pub(super) fn entries_of(map: &Map) -> Vec<(String, Value)> {
    map.iter()
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
}

/// Properties of these values, named `p0`, `p1` and so on.
///
/// # Errors
/// When a value is none that a property can hold.
pub(super) fn as_properties(values: Vec<Value>) -> anymq_api::Result<Properties> {
    let numbered = values.into_iter().enumerate();
    numbered
        .into_iter()
        .try_fold(Properties::new(), |properties, (number, value)| {
            properties.with(format!("p{number}"), PropertyValue::try_from(value)?)
        })
}

/// Fails unless the value is this one, of this type.
///
/// # Errors
/// [`Failure`] showing both.
#[track_caller]
pub(super) fn expect_value(got: &Value, expected: &Value, what: &str) -> Result<(), Failure> {
    if same(got, expected) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{what}: got {}, expected {}",
        shown(got),
        shown(expected)
    )))
}

/// Fails unless the names are these, each once, with these values.
///
/// # Errors
/// [`Failure`] naming the first differences.
#[track_caller]
pub(super) fn expect_entries(got: &[(String, Value)], expected: &[(String, Value)]) -> Result<(), Failure> {
    let names = |entries: &[(String, Value)]| entries.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    super::expect_set(&names(got), &names(expected))?;
    let mut sorted = [got.to_vec(), expected.to_vec()];
    for entries in &mut sorted {
        entries.sort_by(|(left, _), (right, _)| left.cmp(right));
    }
    let [got, expected] = sorted;
    for ((name, got), (_, expected)) in got.iter().zip(&expected) {
        expect_value(got, expected, name)?;
    }
    Ok(())
}

/// Fails unless these are the values, in this order.
///
/// # Errors
/// [`Failure`] naming the first difference.
#[track_caller]
pub(super) fn expect_values<'a>(
    got: impl ExactSizeIterator<Item = &'a Value>,
    expected: &[Value],
) -> Result<(), Failure> {
    let count = got.len();
    if count != expected.len() {
        return Err(Failure::new(format!("{count} values instead of {}", expected.len())));
    }
    for (position, (got, expected)) in got.zip(expected).enumerate() {
        expect_value(got, expected, &format!("value {position}"))?;
    }
    Ok(())
}

/// Fails unless the message has this one's kind and body.
///
/// # Errors
/// [`Failure`] telling what differs.
#[track_caller]
pub(super) fn expect_body(got: &Message, expected: &Message) -> Result<(), Failure> {
    if got.kind() != expected.kind() {
        let text = format!("it is of kind {} instead of {}", got.kind(), expected.kind());
        return Err(Failure::new(text));
    }
    match (got.body(), expected.body()) {
        (Body::Text(got), Body::Text(expected)) => {
            expect_value(&got.clone().into(), &expected.clone().into(), "the text")
        }
        (Body::Bytes(got), Body::Bytes(expected)) => {
            expect_value(&got.clone().into(), &expected.clone().into(), "the bytes")
        }
        (Body::Map(got), Body::Map(expected)) => expect_entries(&entries_of(got), &entries_of(expected)),
        (Body::Stream(got), Body::Stream(expected)) => expect_values(got.iter(), expected.values()),
        _ => Ok(()),
    }
}

/// For reports: a long text or long bytes by their length and where they begin.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 120;
    let text = match value {
        Value::Bytes(bytes) if bytes.len() > LONGEST => format!("{} bytes", bytes.len()),
        Value::String(text) if text.len() > LONGEST => format!("a text of {} bytes", text.len()),
        _ => format!("{value:?}"),
    };
    match value {
        // Two zeros or NaNs look alike.
        Value::F32(value) => format!("{text} (bits {:#x})", value.to_bits()),
        Value::F64(value) => format!("{text} (bits {:#x})", value.to_bits()),
        _ => text,
    }
}
