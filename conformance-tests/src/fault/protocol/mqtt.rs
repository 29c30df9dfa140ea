//! MQTT: control packets, and those that move messages. The same for all versions.

use super::{Direction, Point, Protocol, Reader, Unit, everything};

/// MQTT 3.1.1 and 5.
#[derive(Clone, Copy, Debug)]
pub struct Mqtt;

impl Protocol for Mqtt {
    fn readers(&self) -> [Box<dyn Reader>; 2] {
        [Direction::ToBroker, Direction::ToClient]
            .map(|direction| -> Box<dyn Reader> { Box::new(PacketReader { direction, lost: false }) })
    }
}

struct PacketReader {
    direction: Direction,
    /// Something was no packet, so nothing after it is known.
    lost: bool,
}

impl Reader for PacketReader {
    fn next(&mut self, bytes: &[u8]) -> Option<Unit> {
        if self.lost {
            return everything(bytes);
        }
        match length(bytes.get(1..)?) {
            Ok(None) => None,
            Ok(Some(length)) => {
                let point = point(self.direction, *bytes.first()?);
                (bytes.len() >= length).then_some(Unit { length, point })
            }
            Err(NoPacket) => {
                self.lost = true;
                everything(bytes)
            }
        }
    }
}

struct NoPacket;

/// How long the packet is, with its head, of which the first byte is left out here; nothing yet when more bytes must tell.
fn length(bytes: &[u8]) -> Result<Option<usize>, NoPacket> {
    let mut rest = 0;
    for (index, byte) in bytes.iter().enumerate().take(4) {
        rest |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok(Some(2 + index + rest));
        }
    }
    if bytes.len() < 4 { Ok(None) } else { Err(NoPacket) }
}

fn point(direction: Direction, first: u8) -> Point {
    match (direction, first >> 4) {
        (Direction::ToBroker, 3) => Point::Send,
        (Direction::ToClient, 3) => Point::Delivery,
        // PUBACK, and PUBCOMP; PUBREC of what the client takes is as good as that.
        (Direction::ToClient, 4 | 7) => Point::Confirm,
        (Direction::ToBroker, 4 | 5) => Point::Acknowledge,
        _ => Point::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(direction: usize, bytes: &[u8]) -> Vec<(usize, Point)> {
        let mut readers = Mqtt.readers();
        let (mut rest, mut units) = (bytes, Vec::new());
        while let Some(unit) = readers[direction].next(rest) {
            units.push((unit.length, unit.point));
            rest = &rest[unit.length..];
        }
        units
    }

    #[test]
    fn packets_are_told_apart() {
        let said = b"\x10\x02ab\x32\x05\0\x01a\0\x07\x40\x02\0\x07\xc0\0";
        let expected = [
            (4, Point::Other),
            (7, Point::Send),
            (4, Point::Acknowledge),
            (2, Point::Other),
        ];
        assert_eq!(units(0, said), expected);
        let expected = [
            (4, Point::Other),
            (7, Point::Delivery),
            (4, Point::Confirm),
            (2, Point::Other),
        ];
        assert_eq!(units(1, said), expected);
        let long = [&[0x30, 0x80, 0x01][..], &[0; 128]].concat();
        assert_eq!(units(0, &long), [(131, Point::Send)]);
    }

    #[test]
    fn what_is_not_whole_waits_and_what_is_none_passes() {
        for part in [&b""[..], b"\x30", b"\x30\x80", b"\x30\x80\x80\x80", b"\x30\x02a"] {
            assert_eq!(units(0, part), []);
        }
        assert_eq!(units(0, b"\x30\xff\xff\xff\xffwhatever"), [(13, Point::Other)]);
    }
}
