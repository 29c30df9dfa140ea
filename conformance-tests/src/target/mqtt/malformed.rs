//! What no MQTT broker may say.
//!
//! Source: MQTT 5, sections 1.5 (data representation), 2.1 (fixed header) and 3 (control packets).

use super::kind::Kind;
use crate::link::{Then, Utterance};

/// The longest length that can be written: 256 MiB.
const ABSURD: [u8; 4] = [0xff, 0xff, 0xff, 0x7f];

/// All of it. A packet is judged when all of it is there: what announces more than it says is found out by the keep-alive. (A release
/// of nothing is not among it: brokers may repeat one when a session is resumed.)
pub(super) fn utterances(kind: Kind) -> Vec<Utterance> {
    let mut all = common();
    if kind == Kind::Five {
        all.extend(of_five());
    }
    all
}

/// What has properties, or reasons.
fn of_five() -> Vec<Utterance> {
    let said = |name, words: &[u8]| Utterance::new(name, words.to_vec());
    vec![
        said("an unknown property", b"\x30\x06\x00\x01a\x02\x7f\x00"),
        said(
            "properties that are longer than their packet",
            b"\x30\x05\x00\x01a\x7f\x01",
        ),
        said(
            "a property that is not UTF-8",
            b"\x30\x09\x00\x01a\x05\x03\x00\x02\xff\xfe",
        ),
        said("an acknowledgement with an unknown reason", b"\x40\x03\x00\x01\x7e"),
    ]
}

/// Wrong in all kinds.
fn common() -> Vec<Utterance> {
    let said = |name, words: &[u8]| Utterance::new(name, words.to_vec());
    let absurd = [&[0x30][..], &ABSURD].concat();
    vec![
        // As an acknowledgement of 84 bytes it is whole.
        Utterance::new(
            "another protocol",
            [b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(), &[b' '; 100]].concat(),
        ),
        said("noise", b"\x07\x05\xfe\x9c\n\n\x13\0"),
        said("a reserved type of packet", b"\x00\x00"),
        said("a client's packet", b"\x82\x06\x00\x01\x00\x00\x00\x00"),
        said("a length of five bytes", b"\x30\xff\xff\xff\xff\x01"),
        said("a topic that is longer than its packet", b"\x30\x05\x00\xffabc"),
        said("a message of QoS 3", b"\x36\x07\x00\x01a\x00\x01\x00x"),
        said("a message with the identifier 0", b"\x32\x06\x00\x01a\x00\x00\x00"),
        said("an acknowledgement of nothing", b"\x40\x02\x12\x34"),
        said("an empty acknowledgement", b"\x40\x00"),
        Utterance::new("an absurd length", absurd.clone()),
        Utterance::new("an absurd length and its bytes", absurd.clone()).then(Then::Flood),
        Utterance::new("an absurd length and the end", absurd).then(Then::Close),
        said("half a message", b"\x30\x64\x00\x01a\x00ten bytes.").then(Then::Close),
        said("half a head", b"\x30").then(Then::Close),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_of_its_own() {
        let mut names: Vec<_> = utterances(Kind::Five).iter().map(|utterance| utterance.what).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
