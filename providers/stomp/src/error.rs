//! Where STOMP's errors become anymq's, once.

use anymq_api::{Error, ErrorKind, Retry};

use crate::frame::{Frame, FrameError};

/// The provider's name, in errors and elsewhere.
pub(crate) const PROVIDER: &str = "stomp";

/// An error of this provider.
pub(crate) fn error(kind: ErrorKind, detail: impl Into<String>) -> Error {
    Error::new(kind, detail).with_provider(PROVIDER)
}

/// The link is gone.
pub(crate) fn lost(detail: impl Into<String>) -> Error {
    error(ErrorKind::ConnectionLost, detail).with_retry(Retry::Safe)
}

/// A frame that could not be written.
pub(crate) fn unwritable(cause: FrameError) -> Error {
    error(ErrorKind::MessageFormat, cause.to_string()).with_source(cause)
}

/// A stream that cannot be read on.
pub(crate) fn unreadable(cause: FrameError) -> Error {
    lost(format!("the broker's words are not STOMP: {cause}")).with_source(cause)
}

/// How much of a broker's words is shown: some send the trace of a stack.
const LONGEST: usize = 300;

/// The broker's words in an ERROR frame: its header, and the first line of its body where that says more.
pub(crate) fn words(frame: &Frame) -> String {
    let summary = frame.headers.get("message").unwrap_or_default().trim();
    let body = String::from_utf8_lossy(&frame.body);
    let detail = body
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let told = match (summary, detail) {
        ("", detail) => detail.to_owned(),
        (summary, detail) if detail.is_empty() || detail.contains(summary) || summary.contains(detail) => {
            if detail.len() > summary.len() { detail } else { summary }.to_owned()
        }
        (summary, detail) => format!("{summary}: {detail}"),
    };
    if told.is_empty() {
        return "the broker refused something without saying what".to_owned();
    }
    match told.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &told[..end]),
        None => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Command;

    fn told(message: &str, body: &str) -> String {
        let frame = Frame::new(Command::Error).with_header("message", message.to_owned());
        words(&frame.with_body(body.to_owned()))
    }

    #[test]
    fn the_broker_s_words_are_told_once_and_briefly() {
        assert_eq!(told("not found", ""), "not found");
        assert_eq!(
            told("Bad CONNECT", "Access refused\n\tat x"),
            "Bad CONNECT: Access refused"
        );
        assert_eq!(
            told("User name is invalid", "java.lang.X: User name is invalid\n"),
            "java.lang.X: User name is invalid"
        );
        assert!(told("", "").contains("without saying"));
        assert_eq!(told("é", &"é".repeat(1000)).chars().count(), LONGEST + 1);
    }
}
