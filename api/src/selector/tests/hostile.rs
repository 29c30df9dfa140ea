//! Texts that are made to hurt.

use std::fmt::Write;

use super::*;
use crate::selector::LONGEST;

/// Runs on a stack of the size that threads usually have, whatever `RUST_MIN_STACK` says.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(256 * 1024).spawn(work).unwrap();
    thread.join().unwrap();
}

#[test]
fn sel_40_a_thousand_levels_work() {
    on_a_small_stack(|| {
        for (open, close) in [
            ("(", ")"),
            ("NOT (", ")"),
            ("(fl OR ", ")"),
            ("(t AND ", ")"),
            ("NOT (fl OR NOT (fl OR ", "))"),
            ("", " OR fl)"),
        ] {
            let open = if open.is_empty() {
                "(".repeat(1000)
            } else {
                open.repeat(1000)
            };
            let text = format!("{open}n = 7{}", close.repeat(1000));
            assert!(matches(&text), "{}", &text[..20]);
        }
        assert!(matches(&format!("{}n{} = 7", "(".repeat(1000), ")".repeat(1000))));
        assert!(matches(&format!(
            "{}n{} = 2007",
            "(1 + ".repeat(1000),
            " + 1)".repeat(1000)
        )));
        assert!(matches(&format!("{}n = 7", "- ".repeat(1000))));
        assert!(!matches(&format!("{}t", "NOT ".repeat(1001))));
    });
}

#[test]
fn sel_40_a_hundred_thousand_levels_are_refused() {
    on_a_small_stack(|| {
        for unit in ["(", "NOT ", "- ", "+", "+-", "NOT(", "-("] {
            assert!(refusal(&unit.repeat(50_000)).contains("nested too deeply"), "{unit}");
        }
        let deep = format!("{}n = 7{}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(refusal(&deep).contains("nested too deeply"));
        let deeper = format!("{}n = 7{}", "(".repeat(1_000_000), ")".repeat(1_000_000));
        assert!(refusal(&deeper).contains("longer than"));
        assert!(refusal(&format!("n = 7{}", ")".repeat(100_000))).contains("no parenthesis is open"));
    });
}

#[test]
fn too_many_intermediate_results_are_refused() {
    let nested = |levels: usize| format!("{}1{} > 0", "(n * n) + (".repeat(levels), ")".repeat(levels));
    assert!(matches(&nested(31)));
    assert!(refusal(&nested(33)).contains("intermediate results"));
    assert!(refusal(&nested(2000)).contains("intermediate results"));
}

#[test]
fn sel_40_a_long_chain_works() {
    for (unit, last, expected) in [
        ("n = 8 OR ", "t", true),
        ("n = 7 AND ", "t", true),
        ("n = 7 AND ", "fl", false),
        ("n = 7 AND n = 8 OR ", "t", true),
    ] {
        let text = format!("{}{last}", unit.repeat(200_000 / unit.len()));
        assert!(text.len() > 64 * 1024);
        assert_eq!(matches(&text), expected, "{unit}");
    }
    assert!(matches(&format!("n{} = 7", " + 1 - 1".repeat(20_000))));
}

#[test]
fn sel_40_only_beyond_the_limit_a_text_is_too_long() {
    let text = |length: usize| format!("s <> '{}'", "x".repeat(length - "s <> ''".len()));
    assert!(matches(&text(64 * 1024)));
    assert!(matches(&text(LONGEST)));
    assert!(refusal(&text(LONGEST + 1)).contains("longer than"));
    assert!(matches(&format!("{} s = 'blue'", " ".repeat(64 * 1024))));
}

#[test]
fn sel_40_a_long_list_works() {
    let mut list = String::new();
    for item in 0..1000 {
        write!(list, "'item {item}', ").unwrap();
    }
    assert!(matches(&format!("s IN ({list} 'blue')")));
    assert!(!matches(&format!("s IN ({list} 'green')")));
    assert!(matches(&format!("s NOT IN ({list} 'green')")));
}

#[test]
fn sel_40_a_pattern_of_wildcards_comes_to_an_end() {
    let message = envelope(Message::empty().with_property("a", "a".repeat(100_000)).unwrap());
    assert!(!parsed(&format!("a LIKE '{}b'", "%a".repeat(40))).matches(&message));
    assert!(parsed(&format!("a LIKE '{}'", "%a".repeat(40))).matches(&message));
    assert!(!parsed(&format!("a LIKE '{}b'", "%_".repeat(40))).matches(&message));
}
