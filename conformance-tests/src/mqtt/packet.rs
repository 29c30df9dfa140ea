//! The packets of such a client.
//!
//! Source: MQTT 5 and MQTT 3.1.1, sections 2.1 or 2.2 (fixed header), 3.1 (CONNECT), 3.3 (PUBLISH).

pub(super) const CONNACK: u8 = 0x20;
pub(super) const PUBACK: u8 = 0x40;

/// Which MQTT is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// 3.1.1, where messages have no properties.
    Three,
    /// 5.
    Five,
}

/// A property of a message.
#[derive(Clone, Debug)]
pub(crate) enum Property {
    /// 1 for UTF-8.
    Indicator(u8),
    ContentType(Vec<u8>),
    ResponseTopic(Vec<u8>),
    Correlation(Vec<u8>),
    /// In seconds.
    Expiry(u32),
    User(Vec<u8>, Vec<u8>),
}

/// A message of QoS 1.
#[derive(Clone, Debug)]
pub(crate) struct Publish {
    pub(crate) topic: String,
    pub(crate) properties: Vec<Property>,
    pub(crate) payload: Vec<u8>,
}

impl Publish {
    /// As it goes over the wire, with the packet identifier 1.
    pub(super) fn packet(&self, version: Version) -> Vec<u8> {
        let properties: Vec<u8> = self.properties.iter().flat_map(Property::bytes).collect();
        let properties = match version {
            Version::Three => Vec::new(),
            Version::Five => [variable(properties.len()), properties].concat(),
        };
        let body = [
            string(self.topic.as_bytes()),
            vec![0, 1],
            properties,
            self.payload.clone(),
        ];
        packet(0x32, &body.concat())
    }
}

impl Property {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Indicator(indicator) => vec![0x01, *indicator],
            Self::Expiry(seconds) => [&[0x02][..], &seconds.to_be_bytes()].concat(),
            Self::ContentType(text) => [vec![0x03], string(text)].concat(),
            Self::ResponseTopic(topic) => [vec![0x08], string(topic)].concat(),
            Self::Correlation(data) => [vec![0x09], string(data)].concat(),
            Self::User(name, value) => [vec![0x26], string(name), string(value)].concat(),
        }
    }
}

/// A clean session of nobody in particular.
pub(super) fn connect(version: Version, user: &str, password: &str) -> Vec<u8> {
    // With user name, password and a clean session, without keep-alive and properties.
    let head = match version {
        Version::Three => vec![4, 0xc2, 0, 0],
        Version::Five => vec![5, 0xc2, 0, 0, 0],
    };
    let body = [
        string(b"MQTT"),
        head,
        // The client identifier.
        string(b""),
        string(user.as_bytes()),
        string(password.as_bytes()),
    ];
    packet(0x10, &body.concat())
}

pub(super) fn disconnect() -> Vec<u8> {
    packet(0xe0, &[])
}

fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    [vec![first], variable(body.len()), body.to_vec()].concat()
}

/// The suite's are short.
fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], &bytes[..length.into()]].concat()
}

#[expect(clippy::cast_possible_truncation, reason = "seven bits of it")]
fn variable(mut length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (length % 128) as u8;
        length /= 128;
        if length == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_laid_out_as_the_protocol_says() {
        let message = Publish {
            topic: "a".to_owned(),
            properties: vec![Property::Indicator(1), Property::User(b"n".to_vec(), b"v".to_vec())],
            payload: b"x".to_vec(),
        };
        let properties = [9, 1, 1, 0x26, 0, 1, b'n', 0, 1, b'v'];
        let expected = [&[0x32, 16, 0, 1, b'a', 0, 1][..], &properties, b"x"].concat();
        assert_eq!(message.packet(Version::Five), expected);
        assert_eq!(message.packet(Version::Three), [0x32, 6, 0, 1, b'a', 0, 1, b'x']);
        assert_eq!(variable(0), [0]);
        assert_eq!(variable(321), [0xc1, 2]);
        assert_eq!(disconnect(), [0xe0, 0]);
    }
}
