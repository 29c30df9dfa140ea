//! What no STOMP broker may say.
//!
//! Source: STOMP 1.2, "STOMP Frames" and "Augmented BNF".

use crate::link::{Then, Utterance};

/// All of it.
pub(super) fn utterances() -> Vec<Utterance> {
    let said = |name, words: &[u8]| Utterance::new(name, words.to_vec());
    let endless = [b"MESSAGE\nendless:".to_vec(), vec![b'x'; 1 << 20]].concat();
    let many = [b"MESSAGE\n".to_vec(), b"a:b\n".repeat(100_000), b"\n\0".to_vec()].concat();
    vec![
        said("another protocol", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        said("noise", b"\x07\xfe\x9c\n\n\x13\0"),
        said("an unknown command", b"SHOUT\n\nhello\0"),
        said("a client's command", b"SEND\ndestination:/queue/a\n\nhello\0"),
        said("a header without a colon", b"MESSAGE\nsubscription\n\nhello\0"),
        said(
            "a header that is not UTF-8",
            b"MESSAGE\nsubscription:\xff\xfe\n\nhello\0",
        ),
        said("an unknown escape", b"MESSAGE\nsubscription:\\t\n\nhello\0"),
        said("NUL among the headers", b"MESSAGE\nsubscription:0\0\n\nhello\0"),
        said("a length that is no number", b"MESSAGE\ncontent-length:ten\n\nhello\0"),
        said("a length that is negative", b"MESSAGE\ncontent-length:-1\n\nhello\0"),
        said("a length that is too small", b"MESSAGE\ncontent-length:1\n\nhello\0"),
        said("an absurd length", b"MESSAGE\ncontent-length:18446744073709551616\n\n"),
        said(
            "an absurd length and its bytes",
            b"MESSAGE\ncontent-length:99999999999\n\n",
        )
        .then(Then::Flood),
        said("half a body", b"MESSAGE\ncontent-length:1000\n\nten bytes.").then(Then::Close),
        said("half a head", b"MESSAGE\nsubscription:0\nmess").then(Then::Close),
        Utterance::new("an endless header", endless).then(Then::Flood),
        Utterance::new("a hundred thousand headers", many),
    ]
}
