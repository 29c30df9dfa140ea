const MOST: usize = 80;

/// A text of unknown origin as an error may show it: at most 80 characters, with `…` when there are more, and with
/// what a terminal would act upon (control characters, line breaks, marks that turn the direction) escaped.
///
/// Quotes and backslashes stay as they are, so what is escaped already is not escaped again.
///
/// ```
/// use anymq_api::spi::excerpt;
///
/// assert_eq!(excerpt("a\nFAKE LINE"), "a\\nFAKE LINE");
/// assert_eq!(excerpt(&"x".repeat(1_000_000)), format!("{}…", "x".repeat(80)));
/// ```
pub fn excerpt(text: &str) -> String {
    excerpt_of(text, MOST)
}

/// As [`excerpt`], with `most` characters.
pub(crate) fn excerpt_of(text: &str, most: usize) -> String {
    let mut chars = text.chars();
    let mut shown = String::with_capacity(text.len().min(most));
    for char in chars.by_ref().take(most) {
        match char {
            '"' | '\'' | '\\' => shown.push(char),
            other => shown.extend(other.escape_debug()),
        }
    }
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_that_a_terminal_acts_upon() {
        for (text, shown) in [
            ("", ""),
            ("größe 'a' \"b\" C:\\d", "größe 'a' \"b\" C:\\d"),
            ("x\u{1b}[31mred", "x\\u{1b}[31mred"),
            ("a\r\n\u{202e}b\u{0}", "a\\r\\n\\u{202e}b\\0"),
        ] {
            assert_eq!(excerpt(text), shown);
            assert_eq!(excerpt(shown), shown);
        }
    }

    #[test]
    fn it_is_bounded() {
        assert_eq!(excerpt_of("abc", 3), "abc");
        assert_eq!(excerpt_of("abcd", 3), "abc…");
        assert!(excerpt(&"\u{0}".repeat(1_000_000)).len() < 1000);
    }
}
