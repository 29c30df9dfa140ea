//! Conditions as trees, written as texts: the second evaluator, which follows the tree, agrees with the crate's.

use anymq_api::{Envelope, Headers, Message, Properties, PropertyValue, Queue, Selector};

use super::{
    input::Input,
    naive::{self, Truth},
    selector::property,
    tree::{Condition, Number, Side},
};

const NAMES: [&str; 5] = ["a", "b", "größe", "_d", "absent"];
const TEXTS: [&str; 8] = ["", "a", "ab", "aab", "b%", "_", "日本", "it's"];
const COMPARISONS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];
/// Deep enough for every precedence; the second evaluator recurses, and its `LIKE` takes its time.
const DEPTH: u8 = 5;

pub(super) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let condition = condition(&mut input, DEPTH);
    let text = condition.to_string();
    let opposite = format!("NOT ({text})");
    let selector = Selector::parse(&text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
    let opposite = Selector::parse(&opposite).unwrap_or_else(|refusal| panic!("{opposite}: {refusal}"));
    for _ in 0..3 {
        let message = message(&mut input);
        let expected = naive::truth(&condition, &message);
        let properties = message.message().properties();
        assert_eq!(
            selector.matches(&message),
            expected == Truth::True,
            "{text} {properties:?}"
        );
        assert_eq!(
            opposite.matches(&message),
            expected == Truth::False,
            "NOT ({text}) {properties:?}"
        );
    }
}

fn message(input: &mut Input<'_>) -> Envelope {
    let mut properties = Properties::new();
    for name in &NAMES[..4] {
        match property(input) {
            // The second evaluator would take too long for some patterns.
            Some(PropertyValue::String(text)) if text.len() > 40 => properties.set(*name, "a").unwrap(),
            Some(value) => properties.set(*name, value).unwrap(),
            None => {}
        }
    }
    let headers = Headers::new(Queue::new("q").unwrap().into());
    Envelope::new(headers, Message::empty().with_properties(properties))
}

fn condition(input: &mut Input<'_>, depth: u8) -> Condition {
    let kinds = if depth == 0 || input.is_empty() { 7 } else { 10 };
    let inner = |input: &mut Input<'_>| Box::new(condition(input, depth - 1));
    match input.below(kinds) {
        0 => input.pick(&[Condition::True, Condition::False]),
        1 => Condition::Name(input.pick(&NAMES)),
        2 => comparison(input),
        3 => Condition::Between(input.bool(), number(input, 3), number(input, 3), number(input, 3)),
        4 => {
            let count = 1 + input.below(4);
            Condition::In(
                input.bool(),
                input.pick(&NAMES),
                (0..count).map(|_| input.pick(&TEXTS)).collect(),
            )
        }
        5 => like(input),
        6 => Condition::IsNull(input.bool(), input.pick(&NAMES)),
        7 => Condition::Not(inner(input)),
        8 => Condition::And(inner(input), inner(input)),
        _ => Condition::Or(inner(input), inner(input)),
    }
}

/// No operand that the crate refuses: texts and booleans have no order, and literals of unlike types no equality.
fn comparison(input: &mut Input<'_>) -> Condition {
    let named = |input: &mut Input<'_>| Side::Number(Number::Name(input.pick(&NAMES)));
    match input.below(4) {
        0 => {
            let (left, right) = (number(input, 4), number(input, 4));
            Condition::Compare(input.pick(&COMPARISONS), Side::Number(left), Side::Number(right))
        }
        1 => Condition::Compare(input.pick(&COMPARISONS[..2]), named(input), Side::Bool(input.bool())),
        2 => Condition::Compare(
            input.pick(&COMPARISONS[..2]),
            named(input),
            Side::Text(input.pick(&TEXTS)),
        ),
        _ => {
            let text = Side::Text(input.pick(&TEXTS));
            Condition::Compare(input.pick(&COMPARISONS[..2]), text, Side::Number(number(input, 4)))
        }
    }
}

fn like(input: &mut Input<'_>) -> Condition {
    let (not, name, escape) = (input.bool(), input.pick(&NAMES), input.bool().then_some('!'));
    let pieces = input.below(6);
    let pattern = (0..pieces).map(|_| match input.below(8) {
        0 | 1 => "%",
        2 => "_",
        3 => "a",
        4 => "b",
        5 => "日",
        6 if escape.is_some() => "!%",
        7 if escape.is_some() => "!!",
        _ => "'",
    });
    Condition::Like(not, name, pattern.collect(), escape)
}

fn number(input: &mut Input<'_>, depth: u8) -> Number {
    let kinds = if depth == 0 || input.is_empty() { 5 } else { 7 };
    let inner = |input: &mut Input<'_>| Box::new(number(input, depth - 1));
    match input.below(kinds) {
        0 => Number::Name(input.pick(&NAMES)),
        1 => Number::Int(i8::from_le_bytes(input.array()).into()),
        2 => Number::Int(i32::from_le_bytes(input.array())),
        3 => Number::Long(i64::from_le_bytes(input.array())),
        4 => {
            let value = f64::from_le_bytes(input.array());
            // There are no literals of other values.
            Number::Double(if value.is_finite() { value } else { 0.5 })
        }
        5 => Number::Sign(input.pick(&['+', '-']), inner(input)),
        _ => Number::Binary(input.pick(&['+', '-', '*', '/']), inner(input), inner(input)),
    }
}
