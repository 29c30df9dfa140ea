//! Percent-encoding of single letters.

use std::fmt::Write as _;

/// Encodes what is special, of ASCII; the percent sign must be.
pub(crate) fn percent_encode(text: &str, is_special: impl Fn(char) -> bool) -> String {
    let mut encoded = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if letter.is_ascii() && is_special(letter) {
            // Infallible.
            let _ = write!(encoded, "%{:02X}", u32::from(letter));
        } else {
            encoded.push(letter);
        }
    }
    encoded
}

/// What is badly encoded stands for itself.
pub(crate) fn percent_decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        decoded.push_str(before);
        let code = after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(code) = code.filter(u8::is_ascii) {
            decoded.push(code.into());
            rest = &after[2..];
        } else {
            decoded.push('%');
            rest = after;
        }
    }
    decoded.push_str(rest);
    decoded
}
