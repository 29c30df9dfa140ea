//! Random conditions on random messages: both evaluators agree.

use proptest::{prelude::*, sample::select};

use super::{
    naive::{self, Truth},
    parts::rebuilt,
    tree::{Condition, Number, Side},
    *,
};

const NAMES: [&str; 5] = ["a", "b", "größe", "_d", "absent"];
const TEXTS: [&str; 8] = ["", "a", "ab", "aab", "b%", "_", "日本", "it's"];

/// More by `PROPTEST_CASES`.
fn config() -> ProptestConfig {
    ProptestConfig {
        // What fails is printed whole, so there is nothing to keep in files.
        failure_persistence: None,
        ..ProptestConfig::with_cases(500)
    }
}

fn name() -> impl Strategy<Value = &'static str> {
    select(&NAMES[..])
}

fn int() -> impl Strategy<Value = i32> {
    prop_oneof![4 => -3..=3, 1 => any::<i32>(), 1 => select(&[i32::MIN, i32::MAX][..])]
}

fn long() -> impl Strategy<Value = i64> {
    let edges = [i64::MIN, i64::MAX, 9_007_199_254_740_993, -2_147_483_649, 2_147_483_648];
    prop_oneof![4 => -3..=3_i64, 1 => any::<i64>(), 2 => select(edges.to_vec())]
}

fn double() -> impl Strategy<Value = f64> {
    let some = [0.0, 0.1, 0.5, -1.0, 2.0, 1e300, 9_007_199_254_740_992.0, 0.1_f32.into()];
    prop_oneof![3 => select(some.to_vec()), 1 => proptest::num::f64::NORMAL]
}

fn number() -> impl Strategy<Value = Number> {
    let leaf = prop_oneof![
        3 => name().prop_map(Number::Name),
        2 => int().prop_map(Number::Int),
        1 => long().prop_map(Number::Long),
        1 => double().prop_map(Number::Double),
    ];
    leaf.prop_recursive(4, 12, 2, |inner| {
        let binary = (select(&['+', '-', '*', '/'][..]), inner.clone(), inner.clone());
        prop_oneof![
            1 => (select(&['+', '-'][..]), inner).prop_map(|(sign, it)| Number::Sign(sign, Box::new(it))),
            3 => binary.prop_map(|(operator, left, right)| Number::Binary(operator, Box::new(left), Box::new(right))),
        ]
    })
}

fn comparison() -> impl Strategy<Value = Condition> {
    let text = || select(&TEXTS[..]).prop_map(Side::Text);
    let other = prop_oneof![
        text(),
        any::<bool>().prop_map(Side::Bool),
        name().prop_map(|name| Side::Number(Number::Name(name)))
    ];
    let named = || name().prop_map(|name| Side::Number(Number::Name(name)));
    let equality = || select(&["=", "<>"][..]);
    prop_oneof![
        4 => (select(&["=", "<>", "<", "<=", ">", ">="][..]), number(), number())
            .prop_map(|(operator, left, right)| Condition::Compare(operator, Side::Number(left), Side::Number(right))),
        2 => (equality(), named(), other)
            .prop_map(|(operator, left, right)| Condition::Compare(operator, left, right)),
        1 => (equality(), text(), number())
            .prop_map(|(operator, left, right)| Condition::Compare(operator, left, Side::Number(right))),
    ]
}

fn like() -> impl Strategy<Value = Condition> {
    let pattern = proptest::collection::vec(
        select(&["%", "_", "a", "b", "日", "!!", "!%", "!_", "!a", "'"][..]),
        0..6,
    );
    (any::<bool>(), name(), pattern, any::<bool>())
        .prop_map(|(not, name, pattern, escape)| Condition::Like(not, name, pattern.concat(), escape.then_some('!')))
}

fn condition() -> impl Strategy<Value = Condition> {
    let texts = proptest::collection::vec(select(&TEXTS[..]), 1..5);
    let leaf = prop_oneof![
        1 => select(&[Condition::True, Condition::False][..]),
        2 => name().prop_map(Condition::Name),
        5 => comparison(),
        2 => (any::<bool>(), number(), number(), number())
            .prop_map(|(not, value, low, high)| Condition::Between(not, value, low, high)),
        1 => (any::<bool>(), name(), texts).prop_map(|(not, name, texts)| Condition::In(not, name, texts)),
        2 => like(),
        1 => (any::<bool>(), name()).prop_map(|(not, name)| Condition::IsNull(not, name)),
    ];
    leaf.prop_recursive(6, 40, 2, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            inner.prop_map(|it| Condition::Not(Box::new(it))),
            pair.clone()
                .prop_map(|(left, right)| Condition::And(Box::new(left), Box::new(right))),
            pair.prop_map(|(left, right)| Condition::Or(Box::new(left), Box::new(right))),
        ]
    })
}

fn value() -> impl Strategy<Value = PropertyValue> {
    prop_oneof![
        2 => any::<bool>().prop_map(PropertyValue::from),
        1 => any::<i8>().prop_map(PropertyValue::from),
        1 => (-3..=3_i16).prop_map(PropertyValue::from),
        2 => int().prop_map(PropertyValue::from),
        2 => long().prop_map(PropertyValue::from),
        1 => any::<f32>().prop_map(PropertyValue::from),
        1 => select(vec![0.1_f32, 0.5, f32::NAN, f32::INFINITY]).prop_map(PropertyValue::from),
        1 => double().prop_map(PropertyValue::from),
        3 => select(&TEXTS[..]).prop_map(PropertyValue::from),
    ]
}

fn properties() -> impl Strategy<Value = Properties> {
    let set = |name| proptest::option::weighted(0.8, value()).prop_map(move |value| (name, value));
    (set("a"), set("b"), set("größe"), set("_d")).prop_map(|(a, b, c, d)| {
        let mut properties = Properties::new();
        for (name, value) in [a, b, c, d] {
            if let Some(value) = value {
                properties.set(name, value).unwrap();
            }
        }
        properties
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn both_evaluators_agree(condition in condition(), messages in proptest::collection::vec(properties(), 8)) {
        let text = condition.to_string();
        let opposite = format!("NOT ({text})");
        let selector = Selector::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let opposite = Selector::parse(&opposite).unwrap_or_else(|error| panic!("{opposite}: {error}"));
        let again = [rebuilt(&selector), rebuilt(&opposite)];
        for properties in messages {
            let message = envelope(Message::empty().with_properties(properties));
            for (whole, again) in [&selector, &opposite].into_iter().zip(&again) {
                if let Some(again) = again {
                    prop_assert_eq!(whole.matches(&message), again.matches(&message), "{} {}", whole, again);
                }
            }
            let expected = naive::truth(&condition, &message);
            prop_assert_eq!(selector.matches(&message), expected == Truth::True, "{} {:?}", text, message.message());
            prop_assert_eq!(opposite.matches(&message), expected == Truth::False, "NOT ({}) {:?}", text, message.message());
        }
    }

    #[test]
    fn no_words_in_any_order_panic(words in proptest::collection::vec(select(&[
        "a", "'x'", "7", "0x7", ".5", "TRUE", "(", ")", ",", "=", "<>", "<", "+", "-", "*", "/", "NOT", "AND", "OR", "IN",
        "BETWEEN", "LIKE", "ESCAPE", "IS", "NULL", "IS NULL", "LIKE 'a%'", "IN ('a')", "JMSType", "'", "\"", ".", "é", "7e",
    ][..]), 0..12)) {
        for text in [words.concat(), words.join(" ")] {
            if let Ok(selector) = Selector::parse(&text) {
                selector.matches(&message());
            }
        }
    }

    #[test]
    fn no_characters_panic(characters in proptest::collection::vec(any::<char>(), 0..20)) {
        let text: String = characters.into_iter().collect();
        if let Err(error) = Selector::parse(&text) {
            prop_assert_eq!(error.kind(), ErrorKind::InvalidSelector);
        }
    }
}
