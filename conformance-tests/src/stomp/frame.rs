//! Frames, as they are on the wire.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// How long a line may be, of which each header is one.
const MAX_LINE: u64 = 1 << 16;
const MAX_HEADERS: usize = 1000;
const MAX_BODY: u64 = 1 << 28;

/// What stands for a letter that would end a header early.
const ESCAPES: [(char, char); 4] = [('\\', '\\'), ('\n', 'n'), ('\r', 'r'), (':', 'c')];

/// A frame of STOMP 1.2. Nothing is added to it: a body with NUL needs a header `content-length`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StompFrame {
    /// Such as `SEND`.
    pub command: String,
    /// Names and values without escapes, in their order.
    pub headers: Vec<(String, String)>,
    /// What comes between the headers and NUL.
    pub body: Vec<u8>,
}

impl StompFrame {
    /// A frame without headers and body.
    pub fn new(command: &str) -> Self {
        Self {
            command: command.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// What a client begins with.
    pub fn connect(user: &str, password: &str) -> Self {
        Self::new("CONNECT")
            .with("accept-version", "1.2")
            .with("host", "localhost")
            .with("login", user)
            .with("passcode", password)
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The value of a header; of repeated ones the first counts.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// As bytes.
    pub(super) fn encode(&self) -> Vec<u8> {
        let escapes = has_escapes(&self.command);
        let written = |text: &str| if escapes { escape(text) } else { text.to_owned() };
        let mut bytes = format!("{}\n", self.command).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend(format!("{}:{}\n", written(name), written(value)).into_bytes());
        }
        bytes.push(b'\n');
        bytes.extend(&self.body);
        bytes.push(0);
        bytes
    }

    /// Reads the next one, and what comes before it to keep the connection alive.
    pub(super) async fn read<R: AsyncBufRead + Unpin>(input: &mut R) -> io::Result<Self> {
        let mut command = line(input).await?;
        while command.is_empty() {
            command = line(input).await?;
        }
        let mut frame = Self::new(&command);
        frame.headers = headers(input, has_escapes(&command)).await?;
        frame.body = match frame.header("content-length") {
            Some(length) => counted(input, length).await?,
            None => until(input, 0, MAX_BODY).await?,
        };
        Ok(frame)
    }
}

/// STOMP 1.0 had no escapes, and these two come before the version is agreed on.
fn has_escapes(command: &str) -> bool {
    !matches!(command, "CONNECT" | "CONNECTED")
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match ESCAPES.iter().find(|(plain, _)| *plain == letter) {
            Some((_, code)) => escaped.extend(['\\', *code]),
            None => escaped.push(letter),
        }
    }
    escaped
}

fn unescape(text: &str) -> io::Result<String> {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            plain.push(letter);
            continue;
        }
        let code = letters.next();
        let known = ESCAPES.iter().find(|(_, known)| Some(*known) == code);
        plain.push(known.ok_or_else(|| malformed("an unknown escape"))?.0);
    }
    Ok(plain)
}

async fn headers<R: AsyncBufRead + Unpin>(input: &mut R, escapes: bool) -> io::Result<Vec<(String, String)>> {
    let read = |text: &str| if escapes { unescape(text) } else { Ok(text.to_owned()) };
    let mut headers = Vec::new();
    loop {
        let line = line(input).await?;
        if line.is_empty() {
            return Ok(headers);
        }
        if headers.len() == MAX_HEADERS {
            return Err(malformed("too many headers"));
        }
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| malformed("a header without a colon"))?;
        headers.push((read(name)?, read(value)?));
    }
}

async fn line<R: AsyncBufRead + Unpin>(input: &mut R) -> io::Result<String> {
    let mut bytes = until(input, b'\n', MAX_LINE).await?;
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    String::from_utf8(bytes).map_err(|_| malformed("a line that is not UTF-8"))
}

/// A body of so many bytes, and the NUL after it.
async fn counted<R: AsyncBufRead + Unpin>(input: &mut R, length: &str) -> io::Result<Vec<u8>> {
    let length: u64 = length.parse().map_err(|_| malformed("a length that is no number"))?;
    if length > MAX_BODY {
        return Err(malformed("a body that is too long"));
    }
    let mut body = Vec::new();
    (&mut *input).take(length).read_to_end(&mut body).await?;
    match input.read_u8().await? {
        0 => Ok(body),
        _ => Err(malformed("a body that is longer than it says")),
    }
}

/// The bytes before this one.
async fn until<R: AsyncBufRead + Unpin>(input: &mut R, end: u8, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    (&mut *input).take(limit).read_until(end, &mut bytes).await?;
    match bytes.pop() {
        Some(last) if last == end => Ok(bytes),
        _ if (bytes.len() as u64) < limit - 1 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Err(malformed("something that is too long")),
    }
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("malformed STOMP: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(mut bytes: &[u8]) -> Result<StompFrame, io::ErrorKind> {
        StompFrame::read(&mut bytes).await.map_err(|error| error.kind())
    }

    #[tokio::test]
    async fn what_is_written_is_read() {
        let frame = StompFrame::new("MESSAGE")
            .with("a:b", "c\\d\n\r")
            .with("a:b", "later")
            .with_body("body");
        assert_eq!(frame.header("a:b"), Some("c\\d\n\r"));
        assert_eq!(read(&frame.encode()).await, Ok(frame));
    }

    #[tokio::test]
    async fn a_greeting_has_no_escapes() {
        let frame = read(b"CONNECTED\r\nsession:ID:1\\c\r\n\r\n\0").await.unwrap();
        assert_eq!(frame.header("session"), Some("ID:1\\c"));
    }

    #[tokio::test]
    async fn frames_follow_each_other_with_lines_between_them() {
        let mut bytes = &b"\n\nA\ncontent-length:3\n\nx\0y\0\n\r\nB\n\n\0\n"[..];
        let first = StompFrame::read(&mut bytes).await.unwrap();
        let second = StompFrame::read(&mut bytes).await.unwrap();
        assert_eq!((&first.body[..], second.command.as_str()), (&b"x\0y"[..], "B"));
    }

    #[tokio::test]
    async fn what_is_cut_short_is_no_frame() {
        let bytes = StompFrame::new("A")
            .with("b", "c")
            .with("content-length", "1")
            .with_body("d")
            .encode();
        for length in 0..bytes.len() {
            assert_eq!(
                read(&bytes[..length]).await,
                Err(io::ErrorKind::UnexpectedEof),
                "{length}"
            );
        }
    }

    #[tokio::test]
    async fn what_is_malformed_is_no_frame() {
        let long = [vec![b'A'; 1 << 17], b"\n\n\0".to_vec()].concat();
        for bytes in [
            b"A\nno colon\n\n\0".as_slice(),
            b"A\na:\\x\n\n\0",
            b"A\na:\\\n\n\0",
            b"A\n\xff:\n\n\0",
            b"A\ncontent-length:-1\n\n\0",
            b"A\ncontent-length:1\n\nab\0",
            b"A\ncontent-length:9999999999\n\n\0",
            &long,
        ] {
            assert_eq!(read(bytes).await, Err(io::ErrorKind::InvalidData), "{bytes:?}");
        }
    }
}
