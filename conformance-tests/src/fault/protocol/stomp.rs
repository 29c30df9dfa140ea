//! STOMP: frames, and the commands that move messages.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;

use super::{Direction, Point, Protocol, Reader, Unit, everything};

/// STOMP 1.0 to 1.2.
#[derive(Clone, Copy, Debug)]
pub struct Stomp;

impl Protocol for Stomp {
    fn readers(&self) -> [Box<dyn Reader>; 2] {
        let asked = Arc::<Asked>::default();
        [Direction::ToBroker, Direction::ToClient].map(|direction| -> Box<dyn Reader> {
            Box::new(FrameReader {
                direction,
                asked: Arc::clone(&asked),
                lost: false,
            })
        })
    }
}

/// What the client asked to be told of, by the names of the receipts.
type Asked = Mutex<HashMap<Vec<u8>, Point>>;

/// More than any broker allows; what is longer is no frame.
const LONGEST: usize = 64 * 1024 * 1024;
const LONGEST_HEAD: usize = 1024 * 1024;

struct FrameReader {
    direction: Direction,
    asked: Arc<Asked>,
    /// Something was no frame, so nothing after it is known.
    lost: bool,
}

impl Reader for FrameReader {
    fn next(&mut self, bytes: &[u8]) -> Option<Unit> {
        if self.lost {
            return everything(bytes);
        }
        // Between frames, and to keep the connection alive.
        let beats = bytes.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        if beats > 0 {
            let point = Point::Other;
            return Some(Unit { length: beats, point });
        }
        match split(bytes) {
            Split::Frame { head, length } => Some(Unit {
                length,
                point: self.point(&head),
            }),
            Split::Incomplete => None,
            Split::NoFrame => {
                self.lost = true;
                everything(bytes)
            }
        }
    }
}

impl FrameReader {
    fn point(&self, head: &Head<'_>) -> Point {
        let (point, answer) = match (self.direction, head.command) {
            (Direction::ToBroker, b"SEND") => (Point::Send, Point::Confirm),
            (Direction::ToBroker, b"COMMIT") => (Point::Commit, Point::Committed),
            (Direction::ToBroker, b"ACK" | b"NACK") => (Point::Acknowledge, Point::Other),
            (Direction::ToClient, b"MESSAGE") => return Point::Delivery,
            (Direction::ToClient, b"RECEIPT") => {
                let asked = head.header(b"receipt-id").and_then(|id| self.asked.lock().remove(id));
                return asked.unwrap_or(Point::Other);
            }
            _ => return Point::Other,
        };
        if let Some(receipt) = head.header(b"receipt") {
            self.asked.lock().insert(receipt.to_vec(), answer);
        }
        point
    }
}

/// Command and headers, as they are on the wire.
struct Head<'a> {
    command: &'a [u8],
    lines: Vec<&'a [u8]>,
}

impl<'a> Head<'a> {
    /// And how long it is, with the empty line; `None` when it goes on.
    fn read(bytes: &'a [u8]) -> Option<(Self, usize)> {
        let (mut lines, mut length) = (Vec::new(), 0);
        loop {
            let rest = bytes.get(length..)?;
            let end = rest.iter().position(|byte| *byte == b'\n')?;
            let line = rest.get(..end)?;
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            length += end + 1;
            if line.is_empty() {
                break;
            }
            lines.push(line);
        }
        let command = lines.first().copied()?;
        lines.remove(0);
        Some((Self { command, lines }, length))
    }

    /// Of repeated ones the first counts.
    fn header(&self, name: &[u8]) -> Option<&'a [u8]> {
        let value = |line: &&'a [u8]| line.strip_prefix(name)?.strip_prefix(b":");
        self.lines.iter().find_map(value)
    }

    /// How the body ends.
    fn body(&self) -> Body {
        let Some(length) = self.header(b"content-length") else {
            return Body::UntilNul;
        };
        let length = std::str::from_utf8(length).ok().and_then(|length| length.parse().ok());
        length
            .filter(|&length| length <= LONGEST)
            .map_or(Body::Unknown, Body::Of)
    }
}

enum Body {
    Of(usize),
    UntilNul,
    /// What is said of it makes no sense.
    Unknown,
}

enum Split<'a> {
    Frame { head: Head<'a>, length: usize },
    Incomplete,
    NoFrame,
}

fn split(bytes: &[u8]) -> Split<'_> {
    let Some((head, begin)) = Head::read(bytes) else {
        return if bytes.len() > LONGEST_HEAD || !bytes.first().is_none_or(u8::is_ascii_uppercase) {
            Split::NoFrame
        } else {
            Split::Incomplete
        };
    };
    let body = bytes.get(begin..).unwrap_or_default();
    let end = match head.body() {
        Body::Of(length) => match body.get(length) {
            Some(0) => Some(length),
            Some(_) => return Split::NoFrame,
            None => None,
        },
        Body::UntilNul => body.iter().position(|byte| *byte == 0),
        Body::Unknown => return Split::NoFrame,
    };
    match end {
        Some(end) => Split::Frame {
            length: begin + end + 1,
            head,
        },
        None if body.len() > LONGEST => Split::NoFrame,
        None => Split::Incomplete,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Point::{Acknowledge, Commit, Committed, Confirm, Delivery, Other, Send};

    /// What is read when the bytes come in pieces of this size.
    fn points(reader: &mut dyn Reader, bytes: &[u8], piece: usize) -> Vec<Point> {
        let (mut held, mut points) = (Vec::new(), Vec::new());
        for piece in bytes.chunks(piece) {
            held.extend_from_slice(piece);
            while let Some(unit) = reader.next(&held) {
                assert!(unit.length > 0 && unit.length <= held.len());
                held.drain(..unit.length);
                points.push(unit.point);
            }
        }
        assert!(held.is_empty());
        points
    }

    #[test]
    fn a_receipt_is_what_it_was_asked_for() {
        let sent = b"CONNECT\nhost:/\n\n\0\
            SEND\nreceipt:1\ncontent-length:4\n\na\0\0b\0\
            SEND\r\ndestination:/queue/a\r\n\r\nno length\0\
            ACK\nid:7\n\n\0NACK\nid:8\n\n\0BEGIN\nreceipt:2\n\n\0COMMIT\nreceipt:3\n\n\0";
        let said = b"CONNECTED\n\n\0\
            MESSAGE\nsubscription:0\n\nx\0RECEIPT\nreceipt-id:3\n\n\0\
            RECEIPT\nreceipt-id:2\n\n\0RECEIPT\nreceipt-id:1\n\n\0RECEIPT\nreceipt-id:1\n\n\0ERROR\n\n\0";
        for piece in [1, 2, 3, 7, 11, sent.len()] {
            let [mut up, mut down] = Stomp.readers();
            let expected = [Other, Send, Send, Acknowledge, Acknowledge, Other, Commit];
            assert_eq!(points(&mut *up, sent, piece), expected, "{piece}");
            let expected = [Other, Delivery, Committed, Other, Confirm, Other, Other];
            assert_eq!(points(&mut *down, said, piece), expected, "{piece}");
        }
    }

    #[test]
    fn beats_are_carried_when_they_come() {
        let [mut up, _] = Stomp.readers();
        assert_eq!(
            points(&mut *up, b"\n\r\nSEND\n\n\0\n", 1),
            [Other, Other, Other, Send, Other]
        );
    }

    #[test]
    fn what_is_no_frame_is_carried_all_the_same() {
        for nonsense in [
            b"\x16\x03\x01hello".to_vec(),
            b"SEND\ncontent-length:many\n\nx\0".to_vec(),
            b"SEND\ncontent-length:1\n\nxyz\0".to_vec(),
            b"SEND\ncontent-length:99999999999999999999\n\n".to_vec(),
            [b"SEND\nendless:".to_vec(), vec![b'x'; LONGEST_HEAD]].concat(),
        ] {
            for mut reader in Stomp.readers() {
                let mut left = &nonsense[..];
                while let Some(unit) = reader.next(left) {
                    left = &left[unit.length..];
                }
                assert!(left.is_empty());
            }
        }
    }

    #[test]
    fn garbage_is_no_reason_to_panic() {
        let mut dice = super::super::super::Dice::new(1, 98);
        for _ in 0..2000 {
            let length = dice.between(0, 40);
            let bytes: Vec<_> = (0..length)
                .map(|_| dice.one_of([0, b'\n', b'\r', b':', b'A', b'1', 0xff]))
                .collect();
            let [mut reader, _] = Stomp.readers();
            let mut left = &bytes[..];
            while let Some(unit) = reader.next(left) {
                assert!(unit.length > 0);
                left = &left[unit.length..];
            }
        }
    }
}
