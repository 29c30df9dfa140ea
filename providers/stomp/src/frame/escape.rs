//! How headers are escaped, which differs from version to version.

use bytes::{BufMut as _, Bytes, BytesMut};
use bytestring::ByteString;

use super::{Command, FrameError, Version};

/// What stands for what in the headers of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escaping {
    /// Everything stands for itself.
    None,
    /// `\n`, `\c` and `\\`.
    V1_1,
    /// `\r` as well.
    V1_2,
}

impl Escaping {
    pub(super) fn of(command: Command, version: Version) -> Self {
        match version {
            _ if command.is_unescaped() => Self::None,
            Version::V1_0 => Self::None,
            Version::V1_1 => Self::V1_1,
            Version::V1_2 => Self::V1_2,
        }
    }

    /// Writes the name of a header.
    pub(super) fn write_name(self, name: &str, out: &mut BytesMut) -> Result<(), FrameError> {
        if name.is_empty() || self == Self::None && name.contains(':') {
            return Err(FrameError::Unrepresentable);
        }
        self.write(name, out)
    }

    /// Writes the value of a header.
    pub(super) fn write(self, text: &str, out: &mut BytesMut) -> Result<(), FrameError> {
        let mut rest = text.as_bytes();
        while let Some(at) = rest.iter().position(|&byte| is_special(byte)) {
            let (plain, special) = rest.split_at(at);
            out.put_slice(plain);
            self.write_special(special[0], out)?;
            rest = &special[1..];
        }
        out.put_slice(rest);
        Ok(())
    }

    fn write_special(self, byte: u8, out: &mut BytesMut) -> Result<(), FrameError> {
        let escaped: &[u8] = match (self, byte) {
            (Self::None, b':') => b":",
            (Self::None, b'\\') => b"\\",
            (Self::V1_1 | Self::V1_2, b'\n') => b"\\n",
            (Self::V1_1 | Self::V1_2, b':') => b"\\c",
            (Self::V1_1 | Self::V1_2, b'\\') => b"\\\\",
            (Self::V1_2, b'\r') => b"\\r",
            _ => return Err(FrameError::Unrepresentable),
        };
        out.put_slice(escaped);
        Ok(())
    }

    /// Reads a name or a value, without a copy where nothing was escaped.
    pub(super) fn read(self, raw: Bytes) -> Result<ByteString, FrameError> {
        let text = ByteString::try_from(raw).map_err(|_| FrameError::NotUtf8)?;
        if self == Self::None || memchr::memchr(b'\\', text.as_bytes()).is_none() {
            return Ok(text);
        }
        self.unescape(&text).map(ByteString::from)
    }

    fn unescape(self, text: &str) -> Result<String, FrameError> {
        let mut plain = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('\\') {
            plain.push_str(before);
            let mut following = after.chars();
            plain.push(match following.next() {
                Some('n') => '\n',
                Some('c') => ':',
                Some('\\') => '\\',
                Some('r') if self == Self::V1_2 => '\r',
                _ => return Err(FrameError::UnknownEscape),
            });
            rest = following.as_str();
        }
        plain.push_str(rest);
        Ok(plain)
    }
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | b':' | b'\\' | 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(escaping: Escaping, text: &str) -> Option<String> {
        let mut out = BytesMut::new();
        escaping.write(text, &mut out).ok()?;
        Some(String::from_utf8(out.to_vec()).unwrap())
    }

    #[test]
    fn each_version_escapes_what_it_can() {
        let text = "a:b\\c\nd";
        assert_eq!(written(Escaping::V1_2, text).unwrap(), r"a\cb\\c\nd");
        assert_eq!(written(Escaping::V1_1, text).unwrap(), r"a\cb\\c\nd");
        assert_eq!(written(Escaping::V1_2, "\r").unwrap(), r"\r");
        assert_eq!(written(Escaping::None, "a:b\\c").unwrap(), "a:b\\c");
    }

    #[test]
    fn nothing_is_smuggled_in() {
        for (escaping, text) in [
            (Escaping::None, "a\nlogin:x"),
            (Escaping::None, "a\r"),
            (Escaping::V1_1, "a\r\nb"),
            (Escaping::V1_2, "a\0b"),
            (Escaping::None, "\0"),
        ] {
            assert_eq!(written(escaping, text), None, "{escaping:?} {text:?}");
        }
        for name in ["", "a:b"] {
            assert!(
                Escaping::None.write_name(name, &mut BytesMut::new()).is_err(),
                "{name:?}"
            );
        }
    }

    #[test]
    fn what_a_version_does_not_know_is_no_escape() {
        for (escaping, raw) in [
            (Escaping::V1_2, r"\t"),
            (Escaping::V1_2, "\\"),
            (Escaping::V1_1, r"\r"),
            (Escaping::V1_2, "a\\é"),
        ] {
            let read = escaping.read(Bytes::copy_from_slice(raw.as_bytes()));
            assert!(matches!(read, Err(FrameError::UnknownEscape)), "{raw:?}");
        }
        assert_eq!(Escaping::None.read(Bytes::from_static(br"\t")).unwrap(), r"\t");
    }
}
