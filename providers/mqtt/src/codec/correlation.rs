//! Correlation data, which are bytes, as the text that JMS has.

use std::fmt::Write as _;

use bytes::Bytes;

use super::escape::hex;

/// Before the hexadecimal digits of what is no text, so that a reply carries the same bytes.
const BYTES: &str = "mqtt-bytes:";

pub(super) fn data(text: &str) -> Bytes {
    match text.strip_prefix(BYTES).and_then(from_hex) {
        Some(bytes) => bytes.into(),
        None => Bytes::copy_from_slice(text.as_bytes()),
    }
}

pub(super) fn text(data: &[u8]) -> String {
    match std::str::from_utf8(data) {
        Ok(text) => text.to_owned(),
        Err(_) => data.iter().fold(BYTES.to_owned(), |mut text, byte| {
            // Infallible.
            let _ = write!(text, "{byte:02x}");
            text
        }),
    }
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.as_bytes().chunks(2).map(hex).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_texts_come_back() {
        for bytes in [&b""[..], b"\x00\xff", b"plain", "é\n".as_bytes()] {
            assert_eq!(data(&text(bytes)), bytes);
        }
        for words in ["", "ID:7", "mqtt-bytes:", "mqtt-bytes:0", "mqtt-bytes:zz"] {
            assert_eq!(text(&data(words)), if words == "mqtt-bytes:" { "" } else { words });
        }
    }
}
