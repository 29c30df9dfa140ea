use anymq_stomp::frame::{Frame, FrameDecoder, FrameEncoder, FrameError, Headers, Limits, Version};
use bytes::BytesMut;
use tokio_util::codec::{Decoder as _, Encoder as _};

/// Small, so that they are met.
fn limits() -> Limits {
    Limits::default().with_head(200).with_headers(6).with_body(300)
}

/// What a stream is read as.
#[derive(Debug, PartialEq)]
struct Reading {
    frames: Vec<Frame>,
    /// How the stream ended, in words.
    error: Option<String>,
}

/// The first byte chooses version and sizes of pieces; the rest is a stream. However it arrives, the same is read, within
/// the limits; and what was read is read again when it is written.
///
/// # Panics
/// When one of these does not hold.
pub(crate) fn run(data: &[u8]) {
    let Some((&choice, stream)) = data.split_first() else {
        return;
    };
    let version = [Version::V1_0, Version::V1_1, Version::V1_2][usize::from(choice % 3)];
    let whole = read(version, stream, stream.len().max(1));
    assert_eq!(whole, read(version, stream, usize::from(choice / 3).max(1)));
    for frame in &whole.frames {
        assert!(frame.headers.len() <= limits().headers && frame.body.len() <= limits().body);
        again(version, frame);
    }
}

fn read(version: Version, stream: &[u8], piece: usize) -> Reading {
    let (mut decoder, mut buffer) = (FrameDecoder::new(version, limits()), BytesMut::new());
    let (mut frames, mut error) = (Vec::new(), None);
    'stream: for piece in stream.chunks(piece) {
        buffer.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut buffer) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(found) => {
                    error = Some(found.to_string());
                    break 'stream;
                }
            }
        }
        assert!(
            buffer.len() <= limits().head.max(limits().body + 1),
            "more is kept than allowed"
        );
    }
    Reading { frames, error }
}

/// Only what no version can carry is refused: control characters that were not escaped when they came.
fn again(version: Version, frame: &Frame) {
    let mut wire = BytesMut::new();
    match FrameEncoder::new(version).encode(frame, &mut wire) {
        Ok(()) => {}
        Err(FrameError::Unrepresentable) => {
            let odd = |text: &str| text.is_empty() || text.contains(['\0', '\r', '\n', ':']);
            assert!(frame.headers.iter().any(|(name, value)| odd(name) || odd(value)));
            return;
        }
        Err(other) => panic!("{other}"),
    }
    let unbounded = Limits::default();
    let read = FrameDecoder::new(version, unbounded).decode(&mut wire);
    let read = read.expect("what was written can be read").expect("a whole frame");
    assert!(wire.is_empty());
    let expected_body = if frame.command.has_body() { &frame.body[..] } else { b"" };
    assert_eq!((read.command, &read.body[..]), (frame.command, expected_body));
    assert_eq!(without_length(&read), without_length(frame));
}

fn without_length(frame: &Frame) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in frame.headers.iter().filter(|(name, _)| **name != "content-length") {
        headers.push(name.clone(), value.clone());
    }
    headers
}
