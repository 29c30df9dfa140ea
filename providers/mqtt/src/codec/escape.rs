//! What no UTF-8 string of MQTT may hold, percent-encoded.
//!
//! Source: MQTT 5, section 1.5.4. A broker may end the connection at these, and Mosquitto does.

use std::{borrow::Cow, fmt::Write as _};

/// Whether a letter must not stand in a string.
pub(crate) fn is_forbidden(letter: char) -> bool {
    letter.is_control() || matches!(u32::from(letter), 0xFDD0..=0xFDEF) || u32::from(letter) & 0xFFFE == 0xFFFE
}

/// Appends a letter's bytes, percent-encoded.
pub(crate) fn push_encoded(text: &mut String, letter: char) {
    for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
        // Infallible.
        let _ = write!(text, "%{byte:02X}");
    }
}

/// Encodes what is special; the percent sign must be.
pub(crate) fn percent_encode(text: &str, is_special: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_special) {
        return Cow::Borrowed(text);
    }
    let mut encoded = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if is_special(letter) {
            push_encoded(&mut encoded, letter);
        } else {
            encoded.push(letter);
        }
    }
    Cow::Owned(encoded)
}

/// What is badly encoded stands for itself.
pub(crate) fn percent_decode(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| first == b'%').and_then(hex);
        decoded.push(code.unwrap_or(first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
}

/// Two digits.
pub(crate) fn hex(digits: &[u8]) -> Option<u8> {
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_brokers_hang_up_at_is_forbidden() {
        for letter in [
            '\0',
            '\n',
            '\t',
            '\u{7f}',
            '\u{85}',
            '\u{fdd0}',
            '\u{fffe}',
            '\u{ffff}',
            '\u{1fffe}',
            '\u{10ffff}',
        ] {
            assert!(is_forbidden(letter), "{letter:?}");
        }
        for letter in ['a', ' ', 'é', '日', '😀', '\u{fffd}', '\u{fdcf}', '\u{e000}'] {
            assert!(!is_forbidden(letter), "{letter:?}");
        }
    }

    #[test]
    fn what_is_badly_encoded_stands_for_itself() {
        for text in ["%", "%4", "%zz", "%+1", "100%", "%FF"] {
            assert_eq!(percent_decode(text), text);
        }
    }

    proptest! {
        #[test]
        fn all_texts_come_back(text in "[%a-zé\\x00\\n\u{85}\u{fffe}]{0,12}|\\PC{0,6}") {
            let special = |letter| letter == '%' || is_forbidden(letter);
            let encoded = percent_encode(&text, special);
            prop_assert!(!encoded.contains(is_forbidden));
            prop_assert_eq!(percent_decode(&encoded), text);
        }
    }
}
