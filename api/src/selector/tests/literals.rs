//! The smallest parts: literals and identifiers.

use super::*;

#[test]
fn sel_05_texts() {
    yes(&["q='it''s'AND empty=''", "s <> ''''", "'blue' = s", "uni = '日本'"]);
    invalid(&["s = 'blue", "s = 'it's'", "s = '", "s = '''", "s = \"\""]);
}

#[test]
fn sel_06_exact_literals() {
    yes(&[
        "n=7 AND n=+7 AND neg=-5 AND neg= - 5 AND n=07 AND n=0X7 AND n=7l AND n=0x7L AND n=07L",
        "lmin = -9223372036854775808 AND lmin = -0x8000000000000000 AND lmin < -9223372036854775807",
        "lmin + 9223372036854775807 = -1 AND 0 = 00",
        "0xFFFFFFFF = 4294967295 AND 0x7fffffffffffffff = 9223372036854775807",
        "2147483647 + 1 = -2147483648 AND 2147483647L + 1 = 2147483648 AND 2147483648 + 1 = 2147483649",
    ]);
    invalid(&[
        "n = 9223372036854775808",
        "n = -9223372036854775809",
        "n = n - 9223372036854775808",
        "n = 08",
        "n = 0x",
        "n = 0xg",
        "n = 0b1",
        "n = 1_0",
        "n = 7LL",
        "n = 7.0L",
        "n = 99999999999999999999",
        "n = 0xFFFFFFFFFFFFFFFF",
    ]);
}

#[test]
fn sel_07_approximate_literals() {
    yes(&[
        "n = 7. AND n = 7.e0 AND n = .7e1 AND n = 70E-1 AND n = 0.7E+1 AND n = 7f AND n = 7D AND n = 7.0f AND n = 07.0",
        "7E3 = 7000 AND -57.9E2 = -5790 AND +6.2 > 6 AND n = 08.0 - 1",
        "f = 0.1f AND f <> 0.1 AND f <> 0.1d AND f < 0.2",
    ]);
    invalid(&[
        "n = 7.x",
        "n = 7e",
        "n = 7e+",
        "n = 7.5.5",
        "n = .",
        "n = 1e400",
        "n = 1e40f",
        "n = 7fd",
        "n = 0x1p3",
    ]);
}

#[test]
fn sel_08_09_identifiers() {
    let message = Message::empty()
        .with_property("größe", 1)
        .and_then(|it| it.with_property("数量", 2))
        .and_then(|it| it.with_property("$a", 3))
        .and_then(|it| it.with_property("nota", 4))
        .unwrap();
    let message = envelope(message);
    for text in ["größe=1", "数量 = 2", "$a = 3", "nota = 4", "_ IS NULL", "ANDs IS NULL"] {
        assert!(parsed(text).matches(&message), "{text}");
    }
    invalid(&[
        "1a = 1",
        "a.b = 1",
        "#a = 1",
        "@a = 1",
        "a-b",
        "☕ = 1",
        "n\u{a0}= 7",
        "n\u{b}= 7",
        "n = 7\0",
        "n != 7",
    ]);
    for word in [
        "NULL", "true", "False", "not", "AND", "or", "between", "Like", "IN", "is", "Escape",
    ] {
        invalid(&[&format!("{word} = 0"), &format!("0 = n + {word}")]);
    }
}
