mod examples;
mod grammar;
mod headers;
mod hostile;
mod like;
mod literals;
mod naive;
mod parts;
mod predicates;
mod random;
mod tree;
mod values;

use super::Selector;
use crate::{
    Destination, Envelope, ErrorKind, Headers, Message, MessageId, Properties, PropertyValue, Queue, Timestamp,
};

/// The message of the examples.
fn message() -> Envelope {
    let properties: [(&str, PropertyValue); 20] = [
        ("s", "blue".into()),
        ("q", "it's".into()),
        ("u", "_foo".into()),
        ("uni", "日本".into()),
        ("empty", "".into()),
        ("phone", "12993".into()),
        ("num", "7".into()),
        ("pct", "50% off".into()),
        ("dot", "abc".into()),
        ("nl", "a\nb".into()),
        ("n", 7.into()),
        ("neg", (-5).into()),
        ("eight", 8.into()),
        ("b8", 127_i8.into()),
        ("big", 9_007_199_254_740_993_i64.into()),
        ("lmin", i64::MIN.into()),
        ("f", 0.1_f32.into()),
        ("d", 2.5.into()),
        ("t", true.into()),
        ("fl", false.into()),
    ];
    let properties = properties
        .into_iter()
        .fold(Properties::new(), |all, (name, value)| all.with(name, value).unwrap());
    let properties = properties.with("_x$1", 1).unwrap();
    envelope(Message::empty().with_message_type("car").with_properties(properties))
}

fn envelope(message: Message) -> Envelope {
    let mut headers = Headers::new(Queue::new("q").unwrap().address().clone());
    headers.message_id = Some(MessageId::parse("ID:1").unwrap());
    headers.timestamp = Some(Timestamp::from_millis(1_700_000_000_000));
    Envelope::new(headers, message)
}

fn parsed(text: &str) -> Selector {
    Selector::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn matches(text: &str) -> bool {
    parsed(text).matches(&message())
}

/// Why it is invalid.
fn refusal(text: &str) -> String {
    let error = Selector::parse(text).map(|_| panic!("{text} is accepted")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSelector, "{text}");
    error.detail().to_owned()
}

fn yes(texts: &[&str]) {
    for text in texts {
        assert!(matches(text), "{text}");
    }
}

fn no(texts: &[&str]) {
    for text in texts {
        assert!(!matches(text), "{text}");
    }
}

fn invalid(texts: &[&str]) {
    for text in texts {
        refusal(text);
    }
}

/// A condition that is true, false or unknown for the message, in terms of what selects.
fn truth(text: &str) -> char {
    match (matches(text), matches(&format!("NOT ({text})"))) {
        (true, false) => 'T',
        (false, true) => 'F',
        (false, false) => 'U',
        (true, true) => panic!("{text} and its opposite are true"),
    }
}
