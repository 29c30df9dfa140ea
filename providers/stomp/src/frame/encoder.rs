use bytes::{BufMut as _, BytesMut};
use tokio_util::codec::Encoder;

use super::{Frame, FrameError, Version, escape::Escaping};

const LENGTH: &str = "content-length";
const TRANSFORMATION: &str = "transformation";

/// Writes frames of one version.
#[derive(Clone, Copy, Debug)]
pub struct FrameEncoder {
    version: Version,
}

impl FrameEncoder {
    /// For this version. `CONNECT` is the same in all of them.
    pub const fn new(version: Version) -> Self {
        Self { version }
    }

    /// Writes all that stands before the body; for those who do not want to copy large bodies. A NUL follows the body.
    ///
    /// # Errors
    /// [`FrameError::Unrepresentable`]; nothing is written then.
    pub fn encode_head(self, frame: &Frame, out: &mut BytesMut) -> Result<(), FrameError> {
        self.encode_head_with(frame, None, out)
    }

    /// The same, asking for this receipt.
    pub(crate) fn encode_head_with(
        self,
        frame: &Frame,
        receipt: Option<u64>,
        out: &mut BytesMut,
    ) -> Result<(), FrameError> {
        let begin = out.len();
        let written = self.write_head(frame, receipt, out);
        if written.is_err() {
            out.truncate(begin);
        }
        written
    }

    fn write_head(self, frame: &Frame, receipt: Option<u64>, out: &mut BytesMut) -> Result<(), FrameError> {
        let escaping = Escaping::of(frame.command, self.version);
        out.put_slice(frame.command.word().as_bytes());
        out.put_u8(b'\n');
        let mut tells_length = frame.command.has_body();
        for (name, value) in frame.headers.iter() {
            if *name == LENGTH {
                continue;
            }
            if *name == TRANSFORMATION {
                // ActiveMQ transforms nothing that has a length.
                tells_length &= frame.body.contains(&0);
            }
            escaping.write_name(name, out)?;
            out.put_u8(b':');
            escaping.write(value, out)?;
            out.put_u8(b'\n');
        }
        if let Some(receipt) = receipt {
            write_number(b"receipt:", receipt, out);
        }
        // Otherwise always, because a text may hold NUL.
        if tells_length {
            write_number(b"content-length:", frame.body.len() as u64, out);
        }
        out.put_u8(b'\n');
        Ok(())
    }
}

fn write_number(name: &[u8], number: u64, out: &mut BytesMut) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = number;
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.put_slice(name);
    out.put_slice(&digits[at..]);
    out.put_u8(b'\n');
}

impl Encoder<&Frame> for FrameEncoder {
    type Error = FrameError;

    fn encode(&mut self, frame: &Frame, out: &mut BytesMut) -> Result<(), FrameError> {
        self.encode_head(frame, out)?;
        if frame.command.has_body() {
            out.put_slice(&frame.body);
        }
        out.put_u8(0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Command;

    #[test]
    fn the_length_of_a_body_is_always_told() {
        for length in [0, 9, 10, 1234] {
            let frame = Frame::new(Command::Send).with_body(vec![b'x'; length]);
            let mut out = BytesMut::new();
            FrameEncoder::new(Version::V1_2).encode(&frame, &mut out).unwrap();
            let expected = format!("SEND\ncontent-length:{length}\n\n{}\0", "x".repeat(length));
            assert_eq!(out, expected.as_bytes());
        }
    }

    #[test]
    fn what_cannot_be_sent_leaves_nothing_behind() {
        let frame = Frame::new(Command::Connect).with_header("login", "a\npasscode:x");
        let mut out = BytesMut::from("before");
        let refused = FrameEncoder::new(Version::V1_2).encode(&frame, &mut out);
        assert!(matches!(refused, Err(FrameError::Unrepresentable)));
        assert_eq!(out, "before");
    }
}
