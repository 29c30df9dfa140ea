//! What the broker says of itself, in the first frame that it sends.
//!
//! Source: AMQP 0-9-1, `connection.start` and the types of field tables as `RabbitMQ` writes them.

use std::sync::{
    OnceLock,
    atomic::{AtomicBool, Ordering},
};

use parking_lot::Mutex;

/// Longer greetings are not listened to.
const LONGEST: usize = 64 * 1024;

/// Overhears the broker's greeting.
#[derive(Debug, Default)]
pub(crate) struct Greeting {
    bytes: Mutex<Vec<u8>>,
    broker: OnceLock<Option<String>>,
    /// Separated by blanks.
    mechanisms: OnceLock<Option<String>>,
    foreign: AtomicBool,
}

impl Greeting {
    /// Product and version, once they are known.
    pub(crate) fn broker(&self) -> Option<String> {
        self.broker.get().cloned().flatten()
    }

    /// Whether the broker greets us at all.
    pub(crate) fn is_heard(&self) -> bool {
        self.mechanisms.get().is_some()
    }

    /// The SASL mechanisms that the broker takes, if this one is not among them.
    pub(crate) fn others_than(&self, mechanism: &str) -> Option<&str> {
        let mechanisms = self.mechanisms.get()?.as_deref()?;
        let offered = mechanisms.split(' ').any(|offered| offered == mechanism);
        (!offered).then_some(mechanisms)
    }

    /// What answers speaks another protocol.
    pub(crate) fn is_foreign(&self) -> bool {
        self.foreign.load(Ordering::Acquire)
    }

    /// Takes the next bytes from the broker; whether more are wanted.
    pub(super) fn overhear(&self, bytes: &[u8]) -> bool {
        let mut heard = self.bytes.lock();
        heard.extend_from_slice(bytes);
        match payload(&heard) {
            Frame::Incomplete if heard.len() <= LONGEST => true,
            Frame::Complete(payload) => {
                self.broker.get_or_init(|| product_and_version(payload));
                self.mechanisms.get_or_init(|| mechanisms(payload));
                false
            }
            Frame::Incomplete => false,
            Frame::Other => {
                self.foreign.store(true, Ordering::Release);
                false
            }
        }
    }
}

/// How a method frame on channel 0 starts.
const START: [u8; 3] = [1, 0, 0];

enum Frame<'a> {
    Incomplete,
    Complete(&'a [u8]),
    Other,
}

/// The payload of a method frame on channel 0.
fn payload(bytes: &[u8]) -> Frame<'_> {
    if bytes.iter().zip(START).any(|(byte, expected)| *byte != expected) {
        return Frame::Other;
    }
    let Some((head, rest)) = bytes.split_at_checked(7) else {
        return Frame::Incomplete;
    };
    let mut head = Reader(head.get(START.len()..).unwrap_or_default());
    let payload = head.length().and_then(|length| rest.get(..length));
    payload.map_or(Frame::Incomplete, Frame::Complete)
}

fn product_and_version(payload: &[u8]) -> Option<String> {
    let mut start = Reader(payload);
    if start.take(4)? != [0, 10, 0, 10] {
        return None;
    }
    start.take(2)?;
    let (mut product, mut version) = (None, None);
    let mut table = Reader(start.long()?);
    while let Some((name, value)) = table.entry() {
        match name {
            b"product" => product = value,
            b"version" => version = value,
            _ => {}
        }
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match (product?, version) {
        (product, Some(version)) => Some(format!("{} {}", text(product), text(version))),
        (product, None) => Some(text(product)),
    }
}

fn mechanisms(payload: &[u8]) -> Option<String> {
    let mut start = Reader(payload);
    start.take(6)?;
    start.long()?;
    start.long().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

/// Reads forward; `None` at the end and for what it does not understand.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn length(&mut self) -> Option<usize> {
        let bytes = self.take(4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    }

    fn long(&mut self) -> Option<&'a [u8]> {
        let length = self.length()?;
        self.take(length)
    }

    /// A table's next entry; its value where it is a text.
    fn entry(&mut self) -> Option<(&'a [u8], Option<&'a [u8]>)> {
        let length = self.byte()?;
        let name = self.take(length.into())?;
        let value = match self.byte()? {
            b'S' => Some(self.long()?),
            b'F' | b'A' | b'x' => self.long().map(|_| None)?,
            b't' | b'b' | b'B' => self.take(1).map(|_| None)?,
            b's' | b'u' | b'U' => self.take(2).map(|_| None)?,
            b'I' | b'i' | b'f' => self.take(4).map(|_| None)?,
            b'D' => self.take(5).map(|_| None)?,
            b'l' | b'L' | b'T' | b'd' => self.take(8).map(|_| None)?,
            b'V' => None,
            _ => return None,
        };
        Some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long(bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
        [&length, bytes].concat()
    }

    fn entry(name: &str, kind: u8, value: &[u8]) -> Vec<u8> {
        let length = u8::try_from(name.len()).unwrap();
        [&[length], name.as_bytes(), &[kind], value].concat()
    }

    fn frame(table: &[u8]) -> Vec<u8> {
        let payload = [&[0, 10, 0, 10, 0, 9], &*long(table), &long(b"PLAIN"), &long(b"en_US")].concat();
        [&[1, 0, 0], &*long(&payload), &[0xce]].concat()
    }

    fn rabbit() -> Vec<u8> {
        let capabilities = entry("basic.nack", b't', &[1]);
        let table = [
            entry("capabilities", b'F', &long(&capabilities)),
            entry("product", b'S', &long(b"RabbitMQ")),
            entry("started", b'T', &[0; 8]),
            entry("version", b'S', &long(b"3.10.8")),
        ];
        frame(&table.concat())
    }

    #[test]
    fn it_hears_product_and_version_however_they_come() {
        for size in [1, 5, 1000] {
            let greeting = Greeting::default();
            for bytes in rabbit().chunks(size) {
                if !greeting.overhear(bytes) {
                    break;
                }
            }
            assert_eq!(greeting.broker().as_deref(), Some("RabbitMQ 3.10.8"));
        }
    }

    #[test]
    fn it_hears_how_one_may_log_in() {
        let greeting = Greeting::default();
        assert!(!greeting.is_heard());
        assert_eq!(greeting.others_than("EXTERNAL"), None);
        greeting.overhear(&rabbit());
        assert!(greeting.is_heard());
        assert_eq!(greeting.others_than("PLAIN"), None);
        assert_eq!(greeting.others_than("EXTERNAL"), Some("PLAIN"));
    }

    #[test]
    fn what_it_does_not_understand_tells_nothing() {
        let mut short = rabbit();
        short.truncate(60);
        let unknown_type = frame(&entry("product", b'?', &[]));
        let no_product = frame(&entry("version", b'S', &long(b"1")));
        for bytes in [
            &b"AMQP\0\0\x09\x01"[..],
            &short,
            &unknown_type,
            &no_product,
            &[1, 0, 0, 255, 255, 255, 255],
        ] {
            let greeting = Greeting::default();
            greeting.overhear(bytes);
            assert_eq!(greeting.broker(), None);
        }
    }

    #[test]
    fn it_stops_listening() {
        let greeting = Greeting::default();
        assert!(!greeting.is_foreign());
        assert!(!greeting.overhear(b"HTTP/1.1 400 Bad Request"));
        assert!(greeting.is_foreign());
        let endless = Greeting::default();
        assert!(endless.overhear(&[1, 0, 0, 255, 255, 255, 255]));
        assert!(!endless.overhear(&vec![0; LONGEST]));
    }
}
