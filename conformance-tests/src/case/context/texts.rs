//! Messages in a few words.

use anymq_api::Received;

/// The text of a message; the kind of another.
pub fn text_of(received: &Received) -> String {
    received
        .as_text()
        .map_or_else(|| format!("{:?}", received.kind()), ToOwned::to_owned)
}

/// The texts of messages.
pub fn texts_of(received: &[Received]) -> Vec<String> {
    received.iter().map(text_of).collect()
}
