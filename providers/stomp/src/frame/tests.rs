use bytes::BytesMut;
use proptest::prelude::*;
use tokio_util::codec::{Decoder as _, Encoder as _};

use super::*;

fn decoder(version: Version) -> FrameDecoder {
    FrameDecoder::new(version, Limits::default())
}

fn read(version: Version, wire: &[u8]) -> Result<Option<Frame>, FrameError> {
    decoder(version).decode(&mut BytesMut::from(wire))
}

/// Reads all frames of what arrives in pieces of this size.
fn read_in_pieces(version: Version, wire: &[u8], size: usize) -> Vec<Frame> {
    let (mut decoder, mut buffer, mut frames) = (decoder(version), BytesMut::new(), Vec::new());
    for piece in wire.chunks(size) {
        buffer.extend_from_slice(piece);
        while let Some(frame) = decoder.decode(&mut buffer).unwrap() {
            frames.push(frame);
        }
    }
    assert!(!decoder.is_within_a_frame(&buffer));
    frames
}

#[test]
fn bodies_end_with_their_length_or_else_with_nul() {
    let wire = b"\n\r\nMESSAGE\ncontent-length:3\n\na\0b\0\nMESSAGE\r\nid:7\r\n\r\nplain\0\n\n";
    for size in 1..wire.len() {
        let frames = read_in_pieces(Version::V1_2, wire, size);
        let bodies: Vec<_> = frames.iter().map(|frame| &frame.body[..]).collect();
        assert_eq!(bodies, [&b"a\0b"[..], b"plain"], "{size}");
        assert_eq!(frames[1].headers.get("id"), Some("7"));
    }
}

#[test]
fn a_carriage_return_is_part_of_a_value_before_1_2() {
    let wire = b"MESSAGE\nid:7\r\n\n\0";
    let id = |version| {
        read(version, wire)
            .unwrap()
            .unwrap()
            .headers
            .get("id")
            .map(str::to_owned)
    };
    assert_eq!(id(Version::V1_2).as_deref(), Some("7"));
    assert_eq!(id(Version::V1_1).as_deref(), Some("7\r"));
}

#[test]
fn connected_is_never_escaped() {
    let wire = b"CONNECTED\r\nversion:1.2\r\nserver:a\\tb:c\r\n\r\n\0";
    let frame = read(Version::V1_2, wire).unwrap().unwrap();
    assert_eq!(frame.headers.get("server"), Some("a\\tb:c"));
}

#[test]
fn the_first_content_length_counts() {
    let wire = b"MESSAGE\ncontent-length:1\ncontent-length:2\n\na\0";
    assert_eq!(read(Version::V1_2, wire).unwrap().unwrap().body, "a");
}

#[test]
fn hostile_frames_are_errors_and_not_kept() {
    let many = format!("MESSAGE\n{}\n\0", "a:b\n".repeat(1001));
    let endless = format!("MESSAGE\na:{}", "x".repeat(300 << 10));
    let too_late = format!("{endless}\0");
    for (wire, expected) in [
        ("HELLO\n\n\0", "UnknownCommand"),
        ("\r\rMESSAGE\n\n\0", "UnknownCommand"),
        (" \n\n\0", "UnknownCommand"),
        ("MESSAGE\nno colon\n\n\0", "MalformedHeader"),
        ("MESSAGE\0", "MalformedHeader"),
        ("MESSAGE\na:\\x\n\n\0", "UnknownEscape"),
        ("MESSAGE\ncontent-length:x\n\n\0", "ContentLength"),
        ("MESSAGE\ncontent-length:\n\n\0", "ContentLength"),
        ("MESSAGE\ncontent-length:-1\n\n\0", "ContentLength"),
        ("MESSAGE\ncontent-length:+1\n\na\0", "ContentLength"),
        ("MESSAGE\ncontent-length:1\n\nab\0", "Unterminated"),
        ("MESSAGE\ncontent-length:134217729\n\n", "BodyTooLong"),
        ("MESSAGE\ncontent-length:99999999999999999999999999\n\n", "BodyTooLong"),
        (&many, "TooManyHeaders"),
        (&endless, "HeadTooLong"),
        (&too_late, "HeadTooLong"),
    ] {
        let error = read(Version::V1_2, wire.as_bytes()).unwrap_err();
        let shown = format!("{error:?}");
        assert!(shown.starts_with(expected), "{shown} instead of {expected}");
    }
    let error = read(Version::V1_2, b"MESSAGE\na:\xff\n\n\0").unwrap_err();
    assert!(matches!(error, FrameError::NotUtf8));
}

#[test]
fn a_body_without_length_is_bounded_too() {
    let limits = Limits::default().with_body(4);
    for (wire, is_whole) in [(&b"MESSAGE\n\nabcd\0"[..], true), (b"MESSAGE\n\nabcde", false)] {
        let read = FrameDecoder::new(Version::V1_2, limits).decode(&mut BytesMut::from(wire));
        assert_eq!(read.is_ok(), is_whole);
        if !is_whole {
            assert!(matches!(read, Err(FrameError::BodyTooLong { limit: 4 })));
        }
    }
}

#[test]
fn nothing_of_a_frame_is_shown() {
    let frame = Frame::new(Command::Connect)
        .with_header("passcode", "hunter2")
        .with_body("secret");
    let shown = format!("{frame:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("secret"), "{shown}");
}

fn without_length(frame: Frame) -> Frame {
    let mut headers = Headers::new();
    for (name, value) in frame.headers.iter().filter(|(name, _)| **name != "content-length") {
        headers.push(name.clone(), value.clone());
    }
    Frame { headers, ..frame }
}

fn version() -> impl Strategy<Value = Version> {
    prop_oneof![Just(Version::V1_0), Just(Version::V1_1), Just(Version::V1_2)]
}

fn command() -> impl Strategy<Value = Command> {
    proptest::sample::select(Command::ALL)
}

/// Of everything, with much of what is special.
fn text() -> impl Strategy<Value = String> {
    let letter = prop_oneof![
        proptest::sample::select(vec!['\n', '\r', ':', '\\', '\0', 'n', 'c']),
        any::<char>()
    ];
    proptest::collection::vec(letter, 0..12).prop_map(|letters| letters.into_iter().collect())
}

fn frame() -> impl Strategy<Value = Frame> {
    let headers = proptest::collection::vec((text(), text()), 0..6);
    let body = proptest::collection::vec(any::<u8>(), 0..40);
    (command(), headers, body).prop_map(|(command, headers, body)| {
        let mut frame = Frame::new(command);
        for (name, value) in headers {
            if name != "content-length" {
                frame.headers.push(name, value);
            }
        }
        if command.has_body() {
            frame.body = body.into();
        }
        frame
    })
}

proptest! {
    /// What is written is read again, whatever it is and however it arrives; what cannot be written is refused.
    #[test]
    fn frames_come_back(version in version(), frames in proptest::collection::vec(frame(), 1..5), size in 1usize..50) {
        let (mut wire, mut written) = (BytesMut::new(), Vec::new());
        for frame in frames {
            if FrameEncoder::new(version).encode(&frame, &mut wire).is_ok() {
                written.push(frame);
                wire.extend_from_slice(b"\n");
            }
        }
        let read = read_in_pieces(version, &wire, size).into_iter().map(without_length);
        prop_assert_eq!(read.collect::<Vec<_>>(), written);
    }

    /// Everything can be written in 1.2 but NUL, and names that are empty.
    #[test]
    fn the_latest_version_carries_all_but_nul(frame in frame()) {
        let escaped = !matches!(frame.command, Command::Connect | Command::Stomp | Command::Connected);
        prop_assume!(escaped);
        let is_fine = frame.headers.iter().all(|(name, value)| {
            !name.is_empty() && !name.contains('\0') && !value.contains('\0')
        });
        let written = FrameEncoder::new(Version::V1_2).encode(&frame, &mut BytesMut::new());
        prop_assert_eq!(written.is_ok(), is_fine);
    }

    /// Whatever arrives is a frame, an error or too little, whatever the pieces.
    #[test]
    fn pieces_make_no_difference(wire in proptest::collection::vec(any::<u8>(), 0..200), size in 1usize..20) {
        let whole = {
            let (mut decoder, mut buffer) = (decoder(Version::V1_2), BytesMut::from(&wire[..]));
            let mut frames = Vec::new();
            while let Ok(Some(frame)) = decoder.decode(&mut buffer) {
                frames.push(frame);
            }
            frames
        };
        let (mut decoder, mut buffer, mut frames) = (decoder(Version::V1_2), BytesMut::new(), Vec::new());
        'all: for piece in wire.chunks(size) {
            buffer.extend_from_slice(piece);
            loop {
                match decoder.decode(&mut buffer) {
                    Ok(Some(frame)) => frames.push(frame),
                    Ok(None) => break,
                    Err(_) => break 'all,
                }
            }
        }
        prop_assert_eq!(frames, whole);
    }
}
