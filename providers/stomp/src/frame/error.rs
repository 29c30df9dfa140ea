use std::io;

/// What is wrong with a frame. No text shows what a frame holds.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The first line is no command.
    #[error("a frame does not begin with a command")]
    UnknownCommand,
    /// A header's line has no colon, or a NUL stands among the headers.
    #[error("a header is malformed")]
    MalformedHeader,
    /// A header is not UTF-8.
    #[error("a header is not UTF-8")]
    NotUtf8,
    /// A backslash is followed by what this version does not know.
    #[error("a header has an unknown escape")]
    UnknownEscape,
    /// `content-length` is no number.
    #[error("the content-length is no number")]
    ContentLength,
    /// The body is not followed by NUL where `content-length` ends it.
    #[error("a frame is longer than its content-length says")]
    Unterminated,
    /// Command and headers are larger than allowed.
    #[error("command and headers take more than {limit} bytes")]
    HeadTooLong {
        /// What is allowed.
        limit: usize,
    },
    /// There are more headers than allowed.
    #[error("a frame has more than {limit} headers")]
    TooManyHeaders {
        /// What is allowed.
        limit: usize,
    },
    /// The body is larger than allowed.
    #[error("a body is larger than {limit} bytes")]
    BodyTooLong {
        /// What is allowed.
        limit: usize,
    },
    /// This version cannot carry a character of a header.
    #[error("a header holds what cannot be sent: a line break, a NUL or a colon where it cannot be escaped")]
    Unrepresentable,
    /// The stream failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}
