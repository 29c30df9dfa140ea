use bytes::{Buf as _, Bytes, BytesMut};
use tokio_util::codec::Decoder;

use super::{Command, Frame, FrameError, Headers, Limits, Version, escape::Escaping};

/// Reads frames. Line breaks between them, which are heart-beats, are passed over.
///
/// It looks at each byte once, however small the pieces are in which they arrive, and keeps no more than [`Limits`] allow.
/// After an error the stream cannot be read on.
#[derive(Debug)]
pub struct FrameDecoder {
    version: Version,
    limits: Limits,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Command and headers.
    Head {
        /// Where the last line begins.
        line: usize,
        /// How many bytes have been looked at.
        seen: usize,
    },
    /// The body.
    Body {
        head: Head,
        /// How many bytes have been looked at, where nothing tells the length.
        seen: usize,
    },
}

#[derive(Debug)]
struct Head {
    command: Command,
    headers: Headers,
    /// Of the body.
    length: Option<usize>,
}

const BEGIN: State = State::Head { line: 0, seen: 0 };

impl FrameDecoder {
    /// For this version, and what a peer may send at most.
    pub const fn new(version: Version, limits: Limits) -> Self {
        Self {
            version,
            limits,
            state: BEGIN,
        }
    }

    /// From the next frame on, this version.
    pub fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    /// Whether it is in the middle of a frame, of which `rest` is not read yet.
    pub fn is_within_a_frame(&self, rest: &[u8]) -> bool {
        matches!(self.state, State::Body { .. }) || rest.iter().any(|byte| !matches!(byte, b'\n' | b'\r'))
    }

    fn head(&mut self, buffer: &mut BytesMut) -> Result<Option<Head>, FrameError> {
        let State::Head { mut line, mut seen } = self.state else {
            return Ok(None);
        };
        while let Some(found) = memchr::memchr2(b'\n', 0, &buffer[seen..]) {
            let end = seen + found;
            if buffer[end] == 0 {
                // As if it had not been read yet: what is too long is so however it arrives.
                self.within_head(end)?;
                return Err(FrameError::MalformedHeader);
            }
            seen = end + 1;
            if matches!(&buffer[line..end], b"" | b"\r") {
                if line == 0 {
                    // A heart-beat, or what some brokers write behind a frame.
                    buffer.advance(seen);
                    seen = 0;
                    continue;
                }
                self.within_head(seen)?;
                let lines = buffer.split_to(seen).freeze();
                return self.parse_head(&lines, line).map(Some);
            }
            line = seen;
        }
        self.within_head(buffer.len())?;
        self.state = State::Head {
            line,
            seen: buffer.len(),
        };
        Ok(None)
    }

    fn within_head(&self, bytes: usize) -> Result<(), FrameError> {
        let limit = self.limits.head;
        if bytes > limit {
            return Err(FrameError::HeadTooLong { limit });
        }
        Ok(())
    }

    /// `end` is where the blank line begins.
    fn parse_head(&self, lines: &Bytes, end: usize) -> Result<Head, FrameError> {
        let mut begins = 0;
        let mut next = || {
            let line = lines.slice(begins..begins + memchr::memchr(b'\n', &lines[begins..end])?);
            begins += line.len() + 1;
            Some(line)
        };
        let command = next().and_then(|line| Command::parse(without_return(&line)));
        let command = command.ok_or(FrameError::UnknownCommand)?;
        let escaping = Escaping::of(command, self.version);
        let ends_with_return = self.version == Version::V1_2 || command == Command::Connected;
        let mut headers = Headers::with_capacity(12);
        let mut length = None;
        while let Some(mut line) = next() {
            if ends_with_return {
                line.truncate(without_return(&line).len());
            }
            let colon = memchr::memchr(b':', &line).ok_or(FrameError::MalformedHeader)?;
            let value = line.split_off(colon + 1);
            line.truncate(colon);
            let name = escaping.read(line)?;
            if name == "content-length" {
                length.get_or_insert(self.length(&value)?);
            }
            if headers.len() == self.limits.headers {
                let limit = self.limits.headers;
                return Err(FrameError::TooManyHeaders { limit });
            }
            headers.push(name, escaping.read(value)?);
        }
        Ok(Head {
            command,
            headers,
            length,
        })
    }

    fn length(&self, digits: &[u8]) -> Result<usize, FrameError> {
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(FrameError::ContentLength);
        }
        let limit = self.limits.body;
        let number = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
        // What no number can hold is too long as well.
        number
            .filter(|&length| length <= limit)
            .ok_or(FrameError::BodyTooLong { limit })
    }

    /// The body, when all of it is there.
    fn body(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        let State::Body { head, seen } = &mut self.state else {
            return Ok(None);
        };
        let limit = self.limits.body;
        let length = match head.length {
            Some(length) => match buffer.get(length) {
                None => return Ok(None),
                Some(0) => length,
                Some(_) => return Err(FrameError::Unterminated),
            },
            None => match memchr::memchr(0, &buffer[*seen..]) {
                Some(found) if *seen + found <= limit => *seen + found,
                None if buffer.len() <= limit => {
                    *seen = buffer.len();
                    return Ok(None);
                }
                _ => return Err(FrameError::BodyTooLong { limit }),
            },
        };
        let body = buffer.split_to(length).freeze();
        buffer.advance(1);
        Ok(Some(body))
    }
}

impl Decoder for FrameDecoder {
    type Item = Frame;
    type Error = FrameError;

    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        if let Some(head) = self.head(buffer)? {
            self.state = State::Body { head, seen: 0 };
        }
        let Some(body) = self.body(buffer)? else {
            return Ok(None);
        };
        match std::mem::replace(&mut self.state, BEGIN) {
            State::Body { head, .. } => Ok(Some(Frame {
                command: head.command,
                headers: head.headers,
                body,
            })),
            State::Head { .. } => Ok(None),
        }
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}
