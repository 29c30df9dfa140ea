//! Texts of selectors: what is accepted obeys the laws of logic on any message, and what is refused tells where.

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use anymq_api::{
    DeliveryMode, Envelope, ErrorKind, Headers, Message, MessageId, Priority, Properties, PropertyValue, Queue,
    Selector, Timestamp,
};

use super::{error, input::Input};

/// No selector of this length may take long, whatever it says.
const LONG: usize = 64 * 1024;
/// Far more than it needs, for machines that are busy.
const SLOW: Duration = Duration::from_secs(5);

/// The input is a text; what stands behind its last NUL, if anything, makes the messages.
pub(super) fn run(data: &[u8]) {
    let nul = data.iter().rposition(|byte| *byte == 0);
    let (text, rest) = nul.map_or((data, &[][..]), |nul| (&data[..nul], &data[nul + 1..]));
    let text = String::from_utf8_lossy(text);
    let mut input = Input::new(rest);
    let repeat = input.below(8) == 7;
    match Selector::parse(&text) {
        Ok(selector) => {
            let messages = [message(&text, &mut input), message(&text, &mut input)];
            accepted(&selector, &text, &messages);
            if repeat {
                long(&text, &messages);
            }
        }
        Err(refusal) => {
            error::check(&refusal, &[ErrorKind::InvalidSelector]);
            let place = place(refusal.detail()).unwrap_or_else(|| panic!("no place: {refusal}"));
            assert!((1..=text.chars().count() + 1).contains(&place), "{refusal}");
        }
    }
}

/// `at character N: …`, from one; counted in characters, so it is a boundary.
fn place(detail: &str) -> Option<usize> {
    let rest = detail.strip_prefix("at character ")?;
    rest.split_once(':')?.0.parse().ok()
}

fn accepted(selector: &Selector, text: &str, messages: &[Envelope]) {
    assert_eq!((selector.text(), selector.to_string().as_str()), (text, text));
    let again: Selector = selector.text().parse().unwrap();
    assert_eq!(&again, selector);
    for message in messages {
        let holds = selector.matches(message);
        assert_eq!(again.matches(message), holds, "{text:?}");
        laws(text, holds, message);
    }
}

/// What follows from the selector's truth. Refused is only what nests too deeply by the parentheses that are added.
fn laws(text: &str, holds: bool, message: &Envelope) {
    let judge = |text: String| match Selector::parse(&text) {
        Ok(selector) => Some(selector.matches(message)),
        Err(refusal) => {
            assert!(refusal.detail().contains("nested too deeply"), "{text:?}: {refusal}");
            None
        }
    };
    let opposite = judge(format!("NOT ({text})"));
    assert!(!(holds && opposite == Some(true)), "{text:?} and its opposite");
    let unknown = !holds && opposite == Some(false);
    for (text, expected) in [
        (format!(" ({text}\n)"), Some(holds)),
        (format!("NOT(NOT({text}))"), Some(holds)),
        (format!("TRUE AND ({text})"), Some(holds)),
        (format!("({text}) OR FALSE"), Some(holds)),
        (format!("({text}) AND ({text})"), Some(holds)),
        (format!("({text}) OR NOT ({text})"), opposite.map(|_| !unknown)),
        (format!("NOT (({text}) OR absent_)"), Some(false)),
        (format!("NOT (({text}) AND FALSE)"), Some(true)),
        (format!("NOT (TRUE AND ({text}))"), opposite),
    ] {
        let Some(seen) = judge(text.clone()) else { continue };
        assert!(expected.is_none_or(|expected| seen == expected), "{text:?}: {seen}");
    }
}

/// The text again and again, up to a great length, is parsed and judged in time: once of three times, for a machine that
/// is busy may hold up anything.
fn long(text: &str, messages: &[Envelope]) {
    let mut long = format!("({text})");
    while long.len() + text.len() + 10 < LONG {
        write!(long, " AND ({text})").unwrap();
    }
    let in_time = (0..3).any(|_| {
        let start = Instant::now();
        judged_as_once(text, &long, messages);
        start.elapsed() < SLOW
    });
    assert!(in_time, "{text:?} repeated takes more than {SLOW:?}");
}

fn judged_as_once(text: &str, long: &str, messages: &[Envelope]) {
    match Selector::parse(long) {
        Ok(selector) => {
            for message in messages {
                let once = Selector::parse(text).unwrap().matches(message);
                assert_eq!(selector.matches(message), once, "{text:?}");
            }
        }
        Err(refusal) => {
            assert!(
                refusal.detail().contains("nested too deeply"),
                "{text:?} repeated: {refusal}"
            );
        }
    }
}

/// With values of all types, some of them made of the input, for the names that the text holds.
fn message(text: &str, input: &mut Input<'_>) -> Envelope {
    let mut properties = Properties::new();
    let names = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$')));
    for name in names
        .filter(|name| name.len() < 20)
        .take(12)
        .filter(|name| *name != "absent_")
    {
        if let Some(value) = property(input) {
            // Numbers and reserved words are no names.
            let _ = properties.set(name, value);
        }
    }
    let mut headers = Headers::new(Queue::new("q").unwrap().into());
    headers.priority = Priority::new(input.below(10)).unwrap();
    if input.bool() {
        headers.message_id = Some(MessageId::parse("ID:1").unwrap());
        headers.timestamp = Some(Timestamp::from_millis(i64::from_le_bytes(input.array())));
        headers.delivery_mode = DeliveryMode::NonPersistent;
    }
    let message = Message::empty().with_properties(properties);
    Envelope::new(
        headers,
        message.with_message_type(input.text()).with_correlation_id("a"),
    )
}

/// One in ten is missing.
pub(super) fn property(input: &mut Input<'_>) -> Option<PropertyValue> {
    Some(match input.below(10) {
        0 => return None,
        1 => input.bool().into(),
        2 => i8::from_le_bytes(input.array()).into(),
        3 => i16::from_le_bytes(input.array()).into(),
        4 => i32::from_le_bytes(input.array()).into(),
        5 => i64::from_le_bytes(input.array()).into(),
        6 => f32::from_le_bytes(input.array()).into(),
        7 => f64::from_le_bytes(input.array()).into(),
        8 => input.pick(&["", "a", "ab", "aab", "b%", "_", "日本", "it's"]).into(),
        _ => input.text().into(),
    })
}
