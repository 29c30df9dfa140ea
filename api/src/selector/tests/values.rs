//! Arithmetic and comparisons.

use super::*;

#[test]
fn sel_13_18_39_numbers_of_all_types() {
    for value in [
        PropertyValue::from(5_i8),
        5_i16.into(),
        5_i32.into(),
        5_i64.into(),
        5_f32.into(),
        5_f64.into(),
    ] {
        let message = envelope(Message::empty().with_property("p", value.clone()).unwrap());
        for text in [
            "p = 5",
            "p = 5.0",
            "p = 5L",
            "p <> 6",
            "p + p = 10",
            "p * 2 - 1 = 9",
            "p BETWEEN 5 AND 5.0",
        ] {
            assert!(parsed(text).matches(&message), "{text} {value:?}");
        }
        let halves = matches!(value, PropertyValue::F32(_) | PropertyValue::F64(_));
        assert_eq!(parsed("p / 2 = 2.5").matches(&message), halves, "{value:?}");
    }
    yes(&[
        "b8 + b8 = 254",
        "big = 9007199254740992.0",
        "-neg = 5",
        "neg / 2 = -2",
        "big * 1 = 9007199254740993",
    ]);
}

#[test]
fn what_integers_cannot_do() {
    for text in ["n / 0 = 0", "n / (n - 7) = 1", "lmin / 0L <> 1", "1 / 0 = 1 / 0"] {
        assert_eq!(truth(text), 'U', "{text}");
    }
    yes(&[
        "lmin / -1 = lmin AND -lmin = lmin AND lmin - 1 = 9223372036854775807 AND lmin * -1 = lmin",
        "-2147483648 / -1 = -2147483648 AND - (-2147483647 - 1) = -2147483648",
        "1 / 0.0 > 1e308 AND 0.0 / 0 <> 0.0 / 0 AND NOT 0.0 / 0 = 0.0 / 0 AND 0.0 = -0.0",
    ]);
}

#[test]
fn sel_14_15_16_17_what_is_unlike() {
    for text in [
        "n = '7'",
        "n <> '7'",
        "t = 'true'",
        "t <> 'true'",
        "t <> n",
        "num > 1",
        "s > q",
        "t >= fl",
        "'a' = 5",
    ] {
        assert_eq!(truth(text), 'F', "{text}");
    }
    for text in [
        "miss = 1",
        "miss <> 'a'",
        "miss > miss",
        "1 < miss",
        "miss + 1 = 2",
        "-miss = 1",
        "t = miss",
    ] {
        assert_eq!(truth(text), 'U', "{text}");
    }
    for text in [
        "num + 1 = 8",
        "+num = 7",
        "-t = 1",
        "+s = 'blue'",
        "num",
        "n",
        "s",
        "JMSPriority",
    ] {
        assert_eq!(truth(text), 'U', "{text}");
    }
    yes(&["TRUE = TRUE", "t = (TRUE)", "FALSE <> t", "(t) AND (TRUE)"]);
    invalid(&[
        "s < 'a'",
        "'a' <= s",
        "t > FALSE",
        "TRUE >= t",
        "TRUE = 0",
        "TRUE <> 'a'",
        "n + 1 = TRUE",
        "n + 'a' = 1",
        "-'a' = 1",
        "TRUE + 1 = 2",
        "5",
        "5.0",
        "'a'",
        "n * 2",
        "NOT 5",
        "NOT 'a'",
        "t AND 5",
        "5 OR t",
        "(n = 7) + 1 = 1",
        "n = (t AND t)",
        "n = 7 = 7",
    ]);
}
