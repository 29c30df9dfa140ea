use super::super::like::Pattern;

fn like(pattern: &str, text: &str) -> bool {
    Pattern::new(pattern, Some('\\')).unwrap().matches(text)
}

#[test]
fn sel_26_patterns_cover_the_whole_text() {
    for (pattern, text) in [
        ("", ""),
        ("%", ""),
        ("%", "a"),
        ("%%", "ab"),
        ("_", "a"),
        ("_", "😀"),
        ("_", "\n"),
        ("a%c", "a\n\nc"),
        ("a%b%c", "abbc"),
        ("%ab", "aab"),
        ("%aab", "aaab"),
        ("a_%", "ab"),
        ("%_%", "x"),
        ("%b%b", "abab"),
        ("日%", "日本"),
        ("__", "é😀"),
        (".*", ".*"),
        ("[a-z]+$", "[a-z]+$"),
        ("\\%\\_\\\\", "%_\\"),
        ("\\a", "a"),
        ("a%_", "ab"),
        ("%a_b%", "xaabcaxby"),
    ] {
        assert!(like(pattern, text), "{pattern} {text}");
    }
    for (pattern, text) in [
        ("", "a"),
        ("_", ""),
        ("_", "ab"),
        ("a", "A"),
        ("a%", "ba"),
        ("%a", "ab"),
        ("a%c", "abcd"),
        (".", "a"),
        ("a.c", "abc"),
        ("__", "a"),
        ("%_%_%", "a"),
        ("a\\%", "ab"),
        ("%b%b", "ab"),
        ("%aab", "aabb"),
        ("a%a", "a"),
    ] {
        assert!(!like(pattern, text), "{pattern} {text}");
    }
}

#[test]
fn a_dangling_escape_is_no_pattern() {
    assert!(Pattern::new("a\\", Some('\\')).is_none());
    assert!(Pattern::new("a\\", None).is_some());
    assert!(Pattern::new("%", Some('%')).is_none());
}

#[test]
fn many_wildcards_take_no_more_than_the_product_of_the_lengths() {
    let pattern = Pattern::new(&format!("{}b", "%a".repeat(40)), None).unwrap();
    for length in [100_u64, 1_000, 10_000] {
        let text = "a".repeat(usize::try_from(length).unwrap());
        let (matches, steps) = pattern.matches_counted(&text);
        assert!(!matches);
        assert!(steps <= 82 * (length + 1), "{steps} for {length}");
    }
}
