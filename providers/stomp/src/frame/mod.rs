//! STOMP's frames, and how they stand on the wire. Does no input or output.
//!
//! [`FrameDecoder`] reads what arrives, in pieces of any size and without copying bodies or headers; [`FrameEncoder`] writes
//! frames. Both follow the version that was negotiated, and refuse what it cannot represent.
//!
//! ```
//! use anymq_stomp::frame::{Command, Frame, FrameDecoder, FrameEncoder, Limits, Version};
//! use bytes::BytesMut;
//! use tokio_util::codec::{Decoder as _, Encoder as _};
//!
//! let mut wire = BytesMut::new();
//! let sent = Frame::new(Command::Send)
//!     .with_header("destination", "/queue/orders")
//!     .with_body("one espresso");
//! FrameEncoder::new(Version::V1_2).encode(&sent, &mut wire)?;
//!
//! let mut decoder = FrameDecoder::new(Version::V1_2, Limits::default());
//! let received = decoder.decode(&mut wire)?.expect("a whole frame");
//! assert_eq!(received.headers.get("destination"), Some("/queue/orders"));
//! assert_eq!(received.body, "one espresso");
//! # Ok::<(), anymq_stomp::frame::FrameError>(())
//! ```

mod command;
mod decoder;
mod encoder;
mod error;
mod escape;
mod headers;
mod limits;
#[cfg(test)]
mod tests;
mod version;

pub use command::Command;
pub use decoder::FrameDecoder;
pub use encoder::FrameEncoder;
pub use error::FrameError;
pub use headers::Headers;
pub use limits::Limits;
pub use version::Version;

use bytes::Bytes;
use bytestring::ByteString;

/// A frame: a command with headers and, for some commands, a body.
///
/// Its `Debug` form shows neither body nor values of headers: they may be secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// What it is.
    pub command: Command,
    /// Its headers. What they say as `content-length` is told when a frame was read, and follows from the body when it is
    /// written.
    pub headers: Headers,
    /// Its body.
    pub body: Bytes,
}

impl Frame {
    /// A frame without headers and body.
    pub const fn new(command: Command) -> Self {
        Self {
            command,
            headers: Headers::new(),
            body: Bytes::new(),
        }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<ByteString>, value: impl Into<ByteString>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// The same with this body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frame")
            .field("command", &self.command)
            .field("headers", &self.headers)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}
