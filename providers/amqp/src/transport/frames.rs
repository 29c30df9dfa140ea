//! The lengths of the broker's frames, looked at before the client library waits for so many bytes.
//!
//! Source: AMQP 0-9-1, section 2.3.5.

use std::io;

/// The longest frame that we agree to, all in all. As much as `RabbitMQ` proposes; the client library keeps room for a
/// number of them, and would believe any proposal.
pub(super) const LONGEST: u32 = 128 * 1024;

/// Type, channel and length of the payload.
const HEAD: usize = 7;

/// Follows the frames as they come.
#[derive(Debug, Default)]
pub(super) struct Frames {
    head: [u8; HEAD],
    /// How much of the head is there.
    known: usize,
    /// What is to come of the payload and the octet that ends it.
    left: usize,
    /// What comes is not in frames, which the client library notices by itself.
    lost: bool,
}

impl Frames {
    /// Looks at the next bytes from the broker.
    ///
    /// # Errors
    /// When they begin a frame that is longer than [`LONGEST`]: the client library would wait for its end, and meanwhile
    /// hear nothing else.
    pub(super) fn follow(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !self.lost {
            bytes = self.skip(bytes);
            let Some((first, rest)) = bytes.split_first() else {
                break;
            };
            if let Some(place) = self.head.get_mut(self.known) {
                *place = *first;
            }
            self.known += 1;
            bytes = rest;
            if self.known == HEAD {
                self.known = 0;
                self.begin()?;
            }
        }
        Ok(())
    }

    fn skip<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (skipped, rest) = bytes.split_at(self.left.min(bytes.len()));
        self.left -= skipped.len();
        rest
    }

    fn begin(&mut self) -> io::Result<()> {
        let [kind, _, _, length @ ..] = self.head;
        let length = u32::from_be_bytes(length);
        // Method, header, body, heartbeat.
        self.lost = !matches!(kind, 1..=3 | 8);
        if self.lost {
            return Ok(());
        }
        let whole = u64::from(length) + HEAD as u64 + 1;
        if whole > u64::from(LONGEST) {
            let detail = format!("the broker begins a frame of {whole} bytes, and {LONGEST} are agreed");
            return Err(io::Error::new(io::ErrorKind::InvalidData, detail));
        }
        self.left = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, length: u32) -> Vec<u8> {
        let mut frame = vec![kind, 0, 1];
        frame.extend(length.to_be_bytes());
        frame.resize(HEAD + length as usize, b'x');
        frame.push(0xce);
        frame
    }

    /// In pieces of every size, so that each place is cut.
    fn follow(bytes: &[u8]) -> Vec<bool> {
        let sizes = [1, 2, 3, 5, 8, 13, bytes.len()];
        sizes
            .map(|size| {
                let mut frames = Frames::default();
                bytes.chunks(size).all(|piece| frames.follow(piece).is_ok())
            })
            .to_vec()
    }

    #[test]
    fn frames_of_what_was_agreed_pass() {
        let longest = LONGEST - 8;
        let all = [frame(1, 20), frame(8, 0), frame(2, 1), frame(3, longest), frame(8, 0)].concat();
        assert_eq!(follow(&all), [true; 7]);
    }

    #[test]
    fn a_longer_one_is_noticed_by_its_head() {
        let longer = LONGEST - 7;
        for length in [longer, u32::MAX] {
            let head = [&[3, 0, 1][..], &length.to_be_bytes()].concat();
            let all = [frame(1, 20), frame(8, 0), head].concat();
            assert_eq!(follow(&all), [false; 7], "{length}");
        }
    }

    #[test]
    fn what_is_no_frame_is_left_to_the_client_library() {
        for bytes in [
            &b"HTTP/1.1 400 Bad Request"[..],
            b"AMQP\0\0\x09\x01",
            &[9, 0, 0, 255, 255, 255, 255],
        ] {
            assert_eq!(follow(bytes), [true; 7]);
        }
    }
}
