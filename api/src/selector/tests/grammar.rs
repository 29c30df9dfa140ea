//! How conditions are put together, and what a refusal says.

use super::*;

#[test]
fn sel_11_the_three_valued_tables() {
    let values = [('T', "t"), ('F', "fl"), ('U', "miss = 1")];
    let table = |operator| {
        let cell = |left, right| truth(&format!("{left} {operator} {right}"));
        let row = |left| values.map(|(_, right)| cell(left, right)).iter().collect::<String>();
        values.map(|(_, left)| row(left))
    };
    assert_eq!(table("AND"), ["TFU", "FFF", "UFU"]);
    assert_eq!(table("OR"), ["TTT", "TFU", "TUU"]);
    assert_eq!(values.map(|(_, text)| truth(&format!("NOT {text}"))), ['F', 'T', 'U']);
    assert_eq!(values.map(|(_, text)| truth(text)), ['T', 'F', 'U']);
}

#[test]
fn sel_11_jumps_land_where_they_should() {
    yes(&[
        "fl AND fl OR t",
        "t OR fl AND fl",
        "(fl OR (fl OR (fl OR t))) AND t",
        "NOT (fl OR fl OR (t AND fl))",
        "NOT (t AND (fl OR miss = 1 AND fl))",
        "(fl AND t OR t) AND (t OR fl) AND NOT (fl OR (t AND fl))",
        "NOT NOT t",
        "NOT (NOT (t OR fl) OR NOT (t AND t))",
    ]);
    no(&[
        "t AND (fl OR fl) OR fl",
        "NOT (t OR (fl AND miss = 1))",
        "(t OR fl) AND (fl OR fl)",
    ]);
}

#[test]
fn sel_02_refusals_tell_the_place() {
    for (text, detail) in [
        (
            "",
            "at character 1: expected an identifier, a literal or `(`, found the end",
        ),
        (
            " \t\r\n",
            "at character 5: expected an identifier, a literal or `(`, found the end",
        ),
        (
            "größe == 7",
            "at character 8: expected an identifier, a literal or `(`, found `=`",
        ),
        ("n = 7 n", "at character 7: expected an operator, found `n`"),
        ("n = 7 AND (t", "at character 11: `(`: this parenthesis is never closed"),
        ("(t))", "at character 4: `)`: no parenthesis is open here"),
        ("t AND s = 'x", "at character 11: `'x`: the closing quote is missing"),
        ("s = \"blue\"", "at character 5: `\"`: a text stands in single quotes"),
        (
            "s = 'blue' OR s > 'a'",
            "at character 19: `'a'`: only numbers have an order; this allows = and <> only",
        ),
        (
            "n BETWEEN 1 OR t",
            "at character 13: expected the AND of BETWEEN, found `OR`",
        ),
        (
            "s IN (7)",
            "at character 7: expected a text in single quotes, found `7`",
        ),
        (
            "s IN ('a';",
            "at character 10: `;`: no token starts with this character",
        ),
        ("s IS NOT", "at character 9: expected NULL, found the end"),
        ("s NOT = 'x'", "at character 7: expected BETWEEN, IN or LIKE, found `=`"),
        (
            "s LIKE 'a' ESCAPE 'xy'",
            "at character 19: `'xy'`: an escape is one character",
        ),
        ("t AND n + 1", "at character 7: `n + 1`: this is no condition"),
        ("(n = 7) = TRUE", "at character 1: `(n = 7)`: a condition is no operand"),
        ("lower(s) = 'blue'", "at character 6: expected an operator, found `(`"),
        (
            "JMSReplyTo IS NULL",
            "at character 1: `JMSReplyTo`: selectors see these headers only: JMSCorrelationID, JMSDeliveryMode, \
             JMSMessageID, JMSPriority, JMSTimestamp, JMSType",
        ),
    ] {
        assert_eq!(refusal(text), detail, "{text}");
    }
    let long = format!("t {}", "x".repeat(100));
    assert!(refusal(&long).ends_with(&format!("found `{}…`", "x".repeat(30))));
}

#[test]
fn sel_12_precedence() {
    yes(&[
        "-n + 1 = -6 AND 2 + 3 * 4 - 6 / 2 = 11 AND 2 * 3 + 4 = 10 AND 12 / 2 / 3 = 2 AND - (n) = -7 AND - -n = n",
        "n = 7 AND NOT n = 8 OR fl",
        "(((n))) = ((7)) AND ((s = 'blue'))",
        "2 * -n = -14 AND n - -n = 14 AND n-1=6 AND +-+n = -7",
    ]);
    no(&["NOT n = 7 OR fl", "n + neg * 2 > 0"]);
    invalid(&[
        "n = NOT t",
        "n + NOT t = 1",
        "- NOT t",
        "NOT",
        "n NOT",
        "t AND OR t",
        "(t) (t)",
        "n = 7 = t",
        "*n = 7",
    ]);
}

#[test]
fn a_selector_is_its_text() {
    let selector: Selector = "n = 7".parse().unwrap();
    assert_eq!(selector.text(), "n = 7");
    assert_eq!(selector.to_string(), "n = 7");
    assert_eq!(format!("{selector:?}"), "Selector(\"n = 7\")");
    assert_eq!(selector, selector.clone());
    assert_ne!(selector, parsed("n=7"));
    assert!(std::ptr::eq(selector.text(), selector.clone().text()));
}
