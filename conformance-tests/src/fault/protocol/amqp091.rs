//! AMQP 0-9-1: frames, and the methods that move messages.

use std::collections::HashMap;

use super::{Direction, Point, Protocol, Reader, Unit, everything};

/// AMQP 0-9-1.
#[derive(Clone, Copy, Debug)]
pub struct Amqp091;

impl Protocol for Amqp091 {
    fn readers(&self) -> [Box<dyn Reader>; 2] {
        [Direction::ToBroker, Direction::ToClient].map(reader)
    }
}

fn reader(direction: Direction) -> Box<dyn Reader> {
    Box::new(FrameReader {
        direction,
        greeting: direction == Direction::ToBroker,
        contents: HashMap::new(),
        lost: false,
    })
}

/// What a client says before its first frame, with the version behind it.
const GREETING: &[u8] = b"AMQP";
const GREETING_LENGTH: usize = 8;
/// Type, channel and size, and the octet at the end.
const HEADER: usize = 7;
const END: usize = 1;
/// More than any broker allows; what is longer is no frame.
const LONGEST: usize = 64 * 1024 * 1024;

const METHOD: u8 = 1;
const CONTENT_HEADER: u8 = 2;
const CONTENT_BODY: u8 = 3;

struct FrameReader {
    direction: Direction,
    greeting: bool,
    /// The messages that have begun, by channel.
    contents: HashMap<u16, Content>,
    /// Something was no frame, so nothing after it is known.
    lost: bool,
}

struct Content {
    /// What it is when it is whole.
    point: Point,
    /// Bytes of its body that are still to come; not known before its header.
    left: Option<u64>,
}

impl Reader for FrameReader {
    fn next(&mut self, bytes: &[u8]) -> Option<Unit> {
        if self.greeting && !self.lost {
            return self.greeting(bytes);
        }
        if self.lost {
            return everything(bytes);
        }
        let (kind, channel, payload) = match split(bytes) {
            Split::Frame(kind, channel, payload) => (kind, channel, payload),
            Split::Incomplete => return None,
            Split::NoFrame => {
                self.lost = true;
                return everything(bytes);
            }
        };
        let length = HEADER + payload.len() + END;
        let point = self.point(kind, channel, payload);
        Some(Unit { length, point })
    }
}

impl FrameReader {
    fn greeting(&mut self, bytes: &[u8]) -> Option<Unit> {
        let known = bytes.len().min(GREETING.len());
        if bytes.get(..known) != GREETING.get(..known) {
            self.lost = true;
            return everything(bytes);
        }
        if bytes.len() < GREETING_LENGTH {
            return None;
        }
        self.greeting = false;
        Some(Unit {
            length: GREETING_LENGTH,
            point: Point::Other,
        })
    }

    fn point(&mut self, kind: u8, channel: u16, payload: &[u8]) -> Point {
        match kind {
            METHOD => self.method(channel, payload),
            CONTENT_HEADER => {
                // Class, weight, and the size of the body.
                let size = payload.get(4..12).and_then(|size| size.try_into().ok());
                self.content(channel, u64::from_be_bytes(size.unwrap_or_default()), 0)
            }
            CONTENT_BODY => {
                let left = self.contents.get(&channel).and_then(|content| content.left);
                self.content(channel, left.unwrap_or_default(), payload.len() as u64)
            }
            _ => Point::Other,
        }
    }

    fn method(&mut self, channel: u16, payload: &[u8]) -> Point {
        let Some(&[class, class_low, method, method_low]) = payload.first_chunk::<4>() else {
            return Point::Other;
        };
        let number = (
            u16::from_be_bytes([class, class_low]),
            u16::from_be_bytes([method, method_low]),
        );
        match (self.direction, number) {
            // basic.publish
            (Direction::ToBroker, (60, 40)) => self.begin(channel, Point::Send),
            // basic.deliver
            (Direction::ToClient, (60, 60)) => self.begin(channel, Point::Delivery),
            // basic.return and basic.get-ok
            (Direction::ToClient, (60, 50 | 71)) => self.begin(channel, Point::Other),
            // basic.ack and basic.nack
            (Direction::ToClient, (60, 80 | 120)) => Point::Confirm,
            // And basic.reject.
            (Direction::ToBroker, (60, 80 | 90 | 120)) => Point::Acknowledge,
            // tx.commit, and tx.commit-ok
            (Direction::ToBroker, (90, 20)) => Point::Commit,
            (Direction::ToClient, (90, 21)) => Point::Committed,
            _ => Point::Other,
        }
    }

    fn begin(&mut self, channel: u16, point: Point) -> Point {
        self.contents.insert(channel, Content { point, left: None });
        Point::Other
    }

    /// Of a content that had `left` bytes to come, `length` have.
    fn content(&mut self, channel: u16, left: u64, length: u64) -> Point {
        let Some(content) = self.contents.get_mut(&channel) else {
            return Point::Other;
        };
        let left = left.saturating_sub(length);
        content.left = Some(left);
        if left > 0 {
            return Point::Other;
        }
        let whole = self.contents.remove(&channel);
        whole.map_or(Point::Other, |content| content.point)
    }
}

enum Split<'a> {
    Frame(u8, u16, &'a [u8]),
    Incomplete,
    NoFrame,
}

fn split(bytes: &[u8]) -> Split<'_> {
    let Some((&[kind, high, low, a, b, c, d], rest)) = bytes.split_first_chunk::<HEADER>() else {
        return Split::Incomplete;
    };
    let Ok(size) = usize::try_from(u32::from_be_bytes([a, b, c, d])) else {
        return Split::NoFrame;
    };
    if size > LONGEST {
        return Split::NoFrame;
    }
    match (rest.get(..size), rest.get(size)) {
        (Some(payload), Some(0xce)) => Split::Frame(kind, u16::from_be_bytes([high, low]), payload),
        (Some(_), Some(_)) => Split::NoFrame,
        _ => Split::Incomplete,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Point::{Acknowledge, Commit, Committed, Confirm, Delivery, Other, Send};

    fn frame(kind: u8, channel: u16, payload: &[u8]) -> Vec<u8> {
        let size = u32::try_from(payload.len()).unwrap();
        let mut frame = vec![kind];
        frame.extend(channel.to_be_bytes());
        frame.extend(size.to_be_bytes());
        frame.extend(payload);
        frame.push(0xce);
        frame
    }

    fn method(channel: u16, class: u16, method: u16) -> Vec<u8> {
        let payload = [&class.to_be_bytes()[..], &method.to_be_bytes(), b"arguments"].concat();
        frame(METHOD, channel, &payload)
    }

    fn header(channel: u16, size: u64) -> Vec<u8> {
        frame(
            CONTENT_HEADER,
            channel,
            &[&[0, 60, 0, 0][..], &size.to_be_bytes()].concat(),
        )
    }

    fn body(channel: u16, size: usize) -> Vec<u8> {
        frame(CONTENT_BODY, channel, &vec![b'x'; size])
    }

    /// What is read when the bytes come in pieces of this size.
    fn points(direction: Direction, bytes: &[u8], piece: usize) -> Vec<Point> {
        let mut reader = super::reader(direction);
        let (mut held, mut points) = (Vec::new(), Vec::new());
        for piece in bytes.chunks(piece) {
            held.extend_from_slice(piece);
            while let Some(unit) = reader.next(&held) {
                assert!(unit.length > 0 && unit.length <= held.len());
                held.drain(..unit.length);
                points.push(unit.point);
            }
        }
        points
    }

    #[test]
    fn a_message_passes_with_its_last_frame() {
        let sent = [
            b"AMQP\x00\x00\x09\x01".to_vec(),
            method(1, 60, 40),
            header(1, 10),
            // In between, a message without a body on another channel.
            method(2, 60, 40),
            header(2, 0),
            body(1, 6),
            body(1, 4),
            method(1, 60, 80),
            method(3, 90, 20),
            frame(8, 0, b""),
        ]
        .concat();
        let expected = [
            Other,
            Other,
            Other,
            Other,
            Send,
            Other,
            Send,
            Acknowledge,
            Commit,
            Other,
        ];
        for piece in [1, 2, 3, 7, 11, sent.len()] {
            assert_eq!(points(Direction::ToBroker, &sent, piece), expected, "{piece}");
        }
    }

    #[test]
    fn what_the_broker_says_is_told_apart() {
        let said = [
            method(1, 60, 80),
            method(1, 60, 120),
            method(1, 60, 60),
            header(1, 3),
            body(1, 3),
            method(1, 60, 71),
            header(1, 0),
            method(1, 90, 21),
        ]
        .concat();
        let expected = [Confirm, Confirm, Other, Other, Delivery, Other, Other, Committed];
        assert_eq!(points(Direction::ToClient, &said, 5), expected);
    }

    #[test]
    fn what_is_no_frame_is_carried_all_the_same() {
        for nonsense in [
            b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
            [frame(METHOD, 1, b"ok"), vec![0xff; 40]].concat(),
            vec![1, 0, 0, 0, 0, 0, 1, b'x', b'y'],
        ] {
            for direction in [Direction::ToBroker, Direction::ToClient] {
                let mut reader = super::reader(direction);
                let mut left = &nonsense[..];
                while let Some(unit) = reader.next(left) {
                    left = &left[unit.length..];
                }
                assert!(left.is_empty(), "{nonsense:?}");
            }
        }
    }

    #[test]
    fn garbage_is_no_reason_to_panic() {
        let mut dice = super::super::super::Dice::new(1, 99);
        for _ in 0..2000 {
            let length = dice.between(0, 40);
            let bytes: Vec<_> = (0..length)
                .map(|_| u8::try_from(dice.one_of([0, 1, 2, 3, 60, 0xce, 0xff])).unwrap_or(0))
                .collect();
            let mut reader = super::reader(Direction::ToClient);
            let mut left = &bytes[..];
            while let Some(unit) = reader.next(left) {
                assert!(unit.length > 0);
                left = &left[unit.length..];
            }
        }
    }
}
