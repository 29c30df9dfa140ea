//! The form of texts in `java.io.DataOutput`: UTF-8, but NUL takes two bytes, and a character outside the basic
//! multilingual plane is a pair of surrogates of three bytes each.

use bytes::{BufMut, Bytes, BytesMut};
use bytestring::ByteString;

/// The length in bytes that [`encode`] gives.
pub(super) fn encoded_len(text: &str) -> usize {
    let longer = text.bytes().map(|byte| match byte {
        0 => 1,
        // The first of four bytes, which become six.
        0xf0.. => 2,
        _ => 0,
    });
    text.len() + longer.sum::<usize>()
}

pub(super) fn encode(text: &str, target: &mut BytesMut) {
    if is_shared_form(text) {
        target.put_slice(text.as_bytes());
        return;
    }
    for unit in text.encode_utf16() {
        let [high, low] = unit.to_be_bytes();
        // The bits of the unit in groups of 4, 6 and 6.
        let (top, middle, bottom) = (high >> 4, (high & 0x0f) << 2 | low >> 6, low & 0x3f);
        match unit {
            1..=0x7f => target.put_u8(low),
            0..=0x7ff => target.put_slice(&[0xc0 | middle, 0x80 | bottom]),
            _ => target.put_slice(&[0xe0 | top, 0x80 | middle, 0x80 | bottom]),
        }
    }
}

/// Takes what `DataInput.readUTF` takes, but for surrogates without their other half. Shares the bytes where their
/// form is that of UTF-8.
pub(super) fn decode(bytes: &Bytes) -> Option<ByteString> {
    match ByteString::try_from(bytes.clone()) {
        // UTF-8, but four bytes for one character are no modified UTF-8.
        Ok(text) => text.bytes().all(|byte| byte < 0xf0).then_some(text),
        Err(_) => String::from_utf16(&units(bytes)?).ok().map(Into::into),
    }
}

fn is_shared_form(text: &str) -> bool {
    text.bytes().all(|byte| (1..0xf0).contains(&byte))
}

fn units(mut bytes: &[u8]) -> Option<Vec<u16>> {
    let mut units = Vec::with_capacity(bytes.len());
    while let [first, ..] = bytes {
        let (unit, rest) = match (first, bytes) {
            (0..=0x7f, [a, rest @ ..]) => (u16::from(*a), rest),
            (0xc0..=0xdf, [a, b, rest @ ..]) => (u16::from(a & 0x1f) << 6 | tail(*b)?, rest),
            (0xe0..=0xef, [a, b, c, rest @ ..]) => (u16::from(a & 0x0f) << 12 | tail(*b)? << 6 | tail(*c)?, rest),
            _ => return None,
        };
        units.push(unit);
        bytes = rest;
    }
    Some(units)
}

fn tail(byte: u8) -> Option<u16> {
    (byte & 0xc0 == 0x80).then_some(u16::from(byte & 0x3f))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> Bytes {
        let mut target = BytesMut::new();
        encode(text, &mut target);
        target.freeze()
    }

    #[test]
    fn it_has_java_s_form() {
        assert_eq!(encoded("a"), "a");
        assert_eq!(encoded("\0"), [0xc0, 0x80].as_slice());
        assert_eq!(encoded("a\0é"), [b'a', 0xc0, 0x80, 0xc3, 0xa9].as_slice());
        assert_eq!(encoded("€\0"), [0xe2, 0x82, 0xac, 0xc0, 0x80].as_slice());
        // U+1F600 is D83D DE00.
        assert_eq!(encoded("😀"), [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80].as_slice());
    }

    #[test]
    fn every_character_round_trips() {
        for c in ('\0'..=char::MAX)
            .step_by(7)
            .chain(['\u{7f}', '\u{80}', '\u{7ff}', '\u{800}', '\u{ffff}', char::MAX])
        {
            for text in [c.to_string(), format!("\0{c}😀")] {
                let bytes = encoded(&text);
                assert_eq!(bytes.len(), encoded_len(&text), "{c:?}");
                assert_eq!(decode(&bytes).as_deref(), Some(text.as_str()), "{c:?}");
            }
        }
    }

    #[test]
    fn bad_data_is_refused() {
        for bad in [
            &[0x80][..],                                 // a tail without a head
            &[0xc3],                                     // a head without a tail
            &[0xe2, 0x82],                               // a head with one tail of two
            &[0xc3, 0x28],                               // a tail that is none
            &[0xf0, 0x9f, 0x98, 0x80],                   // four bytes, as in UTF-8
            &[0xff],                                     // never valid
            &[0xed, 0xa0, 0xbd],                         // a high surrogate alone
            &[0xed, 0xb8, 0x80],                         // a low surrogate alone
            &[0xed, 0xb8, 0x80, 0xed, 0xa0, 0xbd],       // the pair the wrong way round
            &[0xed, 0xa0, 0xbd, b'a', 0xed, 0xb8, 0x80], // a pair with something between
        ] {
            assert_eq!(decode(&Bytes::from_static(bad)), None, "{bad:x?}");
        }
    }

    #[test]
    fn a_plain_text_is_shared() {
        let bytes = Bytes::from_static("größe".as_bytes());
        let start = bytes.as_ptr();
        assert_eq!(decode(&bytes).map(|text| text.as_ptr()), Some(start));
    }
}
