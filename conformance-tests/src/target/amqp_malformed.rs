//! What no AMQP 0-9-1 broker may say.
//!
//! Source: AMQP 0-9-1, section 2.3 (frames) and section 4.2 (the grammar of content and tables).

use crate::link::{Then, Utterance};

const METHOD: u8 = 1;
const HEADER: u8 = 2;
const BODY: u8 = 3;
const HEARTBEAT: u8 = 8;
const FRAME_END: u8 = 0xce;

/// The first channel that a client opens.
const CHANNEL: u16 = 1;

/// As long as a length can be.
const ABSURD: u32 = u32::MAX;

/// All of it.
pub(super) fn utterances() -> Vec<Utterance> {
    let mut all = vec![
        Utterance::new("another protocol", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        Utterance::new("noise", noise()),
        Utterance::new("an unknown type of frame", frame(9, CHANNEL, b"what")),
        Utterance::new("a frame without its end", vec![HEARTBEAT, 0, 0, 0, 0, 0, 0, 0]),
    ];
    all.extend(lengths());
    all.extend(methods());
    all.extend(contents());
    all
}

/// Frames that are longer than was agreed, or end too soon.
fn lengths() -> [Utterance; 5] {
    let body = start(BODY, CHANNEL, ABSURD);
    let truncated = [start(BODY, CHANNEL, 1000), b"ten bytes.".to_vec()].concat();
    [
        Utterance::new("an absurd length", body.clone()),
        Utterance::new("an absurd length and its bytes", body).then(Then::Flood),
        Utterance::new("an absurd length and the end", start(METHOD, 0, ABSURD)).then(Then::Close),
        Utterance::new("half a body", truncated).then(Then::Close),
        Utterance::new("half a frame's head", vec![METHOD, 0]).then(Then::Close),
    ]
}

/// Whole frames whose methods cannot be read.
fn methods() -> [Utterance; 4] {
    // connection.start: the version, and the properties of the server, a table.
    let table = [&[0, 10, 0, 10, 0, 9][..], &ABSURD.to_be_bytes(), b"\x01x"].concat();
    // basic.deliver, whose consumer tag is a text of 255 bytes.
    let text = [&[0, 60, 0, 60, 255][..], b"short"].concat();
    [
        Utterance::new("an unknown method", frame(METHOD, 0, &[0x27, 0x0f, 0x27, 0x0f])),
        Utterance::new(
            "a method without its arguments",
            frame(METHOD, CHANNEL, &[0, 60, 0, 60]),
        ),
        Utterance::new("a table of absurd length", frame(METHOD, 0, &table)),
        Utterance::new("a text that is longer than its frame", frame(METHOD, CHANNEL, &text)),
    ]
}

/// Content that nobody announced, or that is not what was announced.
fn contents() -> [Utterance; 4] {
    let unread = [returned(), content_header(5), frame(HEARTBEAT, CHANNEL, b"")].concat();
    let longer = [returned(), content_header(5), frame(BODY, CHANNEL, b"more than five")].concat();
    let absurd = [returned(), content_header(u64::MAX), frame(BODY, CHANNEL, b"few")].concat();
    [
        Utterance::new("a body that nobody announced", frame(BODY, CHANNEL, b"body")),
        Utterance::new("a heartbeat within content", unread),
        Utterance::new("a body that is longer than announced", longer),
        Utterance::new("content of absurd size", absurd).then(Then::Close),
    ]
}

/// basic.return, which content follows.
fn returned() -> Vec<u8> {
    let code_text_exchange_key = [&312_u16.to_be_bytes()[..], b"\x02no\x00\x01q"].concat();
    frame(
        METHOD,
        CHANNEL,
        &[&[0, 60, 0, 50][..], &code_text_exchange_key].concat(),
    )
}

/// Of the class basic, without properties.
fn content_header(size: u64) -> Vec<u8> {
    let payload = [&[0, 60, 0, 0][..], &size.to_be_bytes(), &[0, 0]].concat();
    frame(HEADER, CHANNEL, &payload)
}

fn frame(kind: u8, channel: u16, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(ABSURD);
    [start(kind, channel, length), payload.to_vec(), vec![FRAME_END]].concat()
}

/// What stands before a frame's payload.
fn start(kind: u8, channel: u16, length: u32) -> Vec<u8> {
    [&[kind][..], &channel.to_be_bytes(), &length.to_be_bytes()].concat()
}

/// The same bytes each time, without a pattern.
fn noise() -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    let next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_be_bytes()
    };
    std::iter::repeat_with(next).take(1024).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_laid_out_as_the_protocol_says() {
        assert_eq!(frame(HEARTBEAT, 0, b""), [8, 0, 0, 0, 0, 0, 0, FRAME_END]);
        assert_eq!(frame(BODY, 258, b"ab"), [3, 1, 2, 0, 0, 0, 2, b'a', b'b', FRAME_END]);
        assert_eq!(start(METHOD, 0, ABSURD), [1, 0, 0, 255, 255, 255, 255]);
    }

    #[test]
    fn each_has_a_name_of_its_own() {
        let mut names: Vec<_> = utterances().iter().map(|utterance| utterance.what).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
