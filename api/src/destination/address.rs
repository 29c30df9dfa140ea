use std::{
    collections::BTreeMap,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use super::shared::Shared;
use crate::{Destination, Error, ErrorKind, Result, error::excerpt};

/// The longest destination name, in bytes. AMQP's short strings allow no more, and no provider needs more.
const MAX_NAME_LENGTH: usize = 255;

/// The four kinds of destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DestinationKind {
    /// A queue: each message goes to one consumer.
    Queue,
    /// A topic: each message goes to every subscription.
    Topic,
    /// A queue that lives as long as the connection that made it.
    TemporaryQueue,
    /// A topic that lives as long as the connection that made it.
    TemporaryTopic,
}

impl DestinationKind {
    /// A queue or a temporary queue.
    pub const fn is_queue(self) -> bool {
        matches!(self, Self::Queue | Self::TemporaryQueue)
    }

    /// A topic or a temporary topic.
    pub const fn is_topic(self) -> bool {
        !self.is_queue()
    }

    /// A temporary queue or a temporary topic.
    pub const fn is_temporary(self) -> bool {
        matches!(self, Self::TemporaryQueue | Self::TemporaryTopic)
    }

    /// The scheme of the text form: `queue`, `topic`, `temp-queue`, `temp-topic`.
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Topic => "topic",
            Self::TemporaryQueue => "temp-queue",
            Self::TemporaryTopic => "temp-topic",
        }
    }

    fn from_scheme(scheme: &str) -> Option<Self> {
        [Self::Queue, Self::Topic, Self::TemporaryQueue, Self::TemporaryTopic]
            .into_iter()
            .find(|kind| kind.scheme() == scheme)
    }
}

/// What a [`Destination`] says of itself: kind, name and options. Messages, reply-to and the SPI hold this.
///
/// Two addresses are equal when kind and name are: options say how a destination is declared, not which one it is.
/// The text form is `queue:name`, `topic:name`, `temp-queue:name` or `temp-topic:name`, with `?key=value&…` behind it
/// when there are options; `%`, `?` and `#` in a name, and `&`, `=`, `+` in an option, are percent-encoded.
///
/// Options are for providers to define, and are refused where they are not known. `vm://` knows none.
///
/// ```
/// use anymq_api::{Address, DestinationKind};
///
/// let address: Address = "queue:orders.eu".parse()?;
/// assert_eq!(address.kind(), DestinationKind::Queue);
/// assert_eq!(address.name(), "orders.eu");
/// assert_eq!(address.to_string(), "queue:orders.eu");
///
/// let question = Address::new(DestinationKind::Topic, "why?")?;
/// assert_eq!(question.to_string(), "topic:why%3F");
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(pub(super) Shared);

#[derive(Clone)]
pub(super) struct Inner {
    pub(super) kind: DestinationKind,
    pub(super) name: String,
    pub(super) options: BTreeMap<String, String>,
}

impl Address {
    /// Where nothing is sent to.
    pub(crate) fn nowhere() -> Self {
        let (kind, name, options) = (DestinationKind::Queue, String::new(), BTreeMap::new());
        Self(Shared::new(Inner { kind, name, options }))
    }

    /// An address without options.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDestination`] when the name is empty, longer than 255 bytes or holds a control character.
    pub fn new(kind: DestinationKind, name: impl Into<String>) -> Result<Self> {
        let name = name.into();
        validate_name(&name)?;
        let options = BTreeMap::new();
        Ok(Self(Shared::new(Inner { kind, name, options })))
    }

    /// The same with one more option; a provider refuses options that it does not know.
    #[must_use]
    pub fn with_option(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.make_mut().options.insert(key.into(), value.into());
        self
    }

    /// The same, to be cloned for each message.
    pub(crate) fn kept(&self) -> Self {
        Self(self.0.kept())
    }

    /// Queue or topic, lasting or temporary.
    pub fn kind(&self) -> DestinationKind {
        self.0.kind
    }

    /// The name, provider-neutral.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// One option's value.
    pub fn option(&self, key: &str) -> Option<&str> {
        self.0.options.get(key).map(String::as_str)
    }

    /// All options, sorted by key.
    pub fn options(&self) -> impl Iterator<Item = (&str, &str)> {
        let options = self.0.options.iter();
        options.map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

impl Destination for Address {
    fn address(&self) -> &Address {
        self
    }
}

fn validate_name(name: &str) -> Result<()> {
    let problem = if name.is_empty() {
        "the name is empty"
    } else if name.len() > MAX_NAME_LENGTH {
        "the name is longer than 255 bytes"
    } else if name.chars().any(char::is_control) {
        "the name holds a control character"
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::InvalidDestination, problem).with_resource(excerpt(name)))
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.0.is_same(&other.0) || (self.0.kind == other.0.kind && self.0.name == other.0.name)
    }
}

impl Eq for Address {}

impl Hash for Address {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.kind.hash(state);
        self.0.name.hash(state);
    }
}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Address {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0.kind, &self.0.name).cmp(&(other.0.kind, &other.0.name))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.0.kind.scheme())?;
        write_encoded(f, &self.0.name, "%?#")?;
        for (index, (key, value)) in self.0.options.iter().enumerate() {
            f.write_str(if index == 0 { "?" } else { "&" })?;
            write_encoded(f, key, "%&=+#")?;
            f.write_str("=")?;
            write_encoded(f, value, "%&=+#")?;
        }
        Ok(())
    }
}

fn write_encoded(f: &mut fmt::Formatter<'_>, text: &str, special: &str) -> fmt::Result {
    for c in text.chars() {
        if special.contains(c) || c.is_control() {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                write!(f, "%{byte:02X}")?;
            }
        } else {
            write!(f, "{c}")?;
        }
    }
    Ok(())
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (scheme, rest) = text
            .split_once(':')
            .ok_or_else(|| invalid_address(text, "expected `queue:name` or `topic:name`"))?;
        let kind = DestinationKind::from_scheme(scheme)
            .ok_or_else(|| invalid_address(text, "the kind is none of queue, topic, temp-queue, temp-topic"))?;
        let (name, query) = match rest.split_once('?') {
            Some((name, query)) => (name, Some(query)),
            None => (rest, None),
        };
        let mut inner = Inner {
            kind,
            name: decode(name).ok_or_else(|| invalid_address(text, "bad percent-encoding"))?,
            options: BTreeMap::new(),
        };
        validate_name(&inner.name)?;
        for pair in query.into_iter().flat_map(|query| query.split('&')) {
            add_option(&mut inner.options, text, pair)?;
        }
        Ok(Self(Shared::new(inner)))
    }
}

fn add_option(options: &mut BTreeMap<String, String>, text: &str, pair: &str) -> Result<()> {
    let (key, value) = pair
        .split_once('=')
        .ok_or_else(|| invalid_address(text, "an option is not of the form key=value"))?;
    let bad_encoding = || invalid_address(text, "bad percent-encoding");
    let key = decode(key).ok_or_else(bad_encoding)?;
    let value = decode(value).ok_or_else(bad_encoding)?;
    if key.is_empty() {
        return Err(invalid_address(text, "an option has no name"));
    }
    if options.insert(key, value).is_some() {
        return Err(invalid_address(text, "an option is given twice"));
    }
    Ok(())
}

fn invalid_address(text: &str, problem: &str) -> Error {
    Error::new(ErrorKind::InvalidDestination, problem).with_resource(excerpt(text))
}

fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            // `from_str_radix` alone would take `%+1`.
            let hex = tail.get(..2).filter(|hex| hex.iter().all(u8::is_ascii_hexdigit))?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

impl TryFrom<String> for Address {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_round_trips() {
        let odd = Address::new(DestinationKind::Topic, "a b?c%d#é/+").unwrap();
        let odd = odd.with_option("k&", "v=+%\u{1b}\u{9b}");
        assert!(!odd.to_string().contains(char::is_control));
        let back: Address = odd.to_string().parse().unwrap();
        assert_eq!(back, odd);
        assert_eq!(back.option("k&"), Some("v=+%\u{1b}\u{9b}"));
    }

    #[test]
    fn bad_names_and_texts_are_invalid_destinations() {
        let long = format!("queue:{}", "x".repeat(256));
        for text in [
            "orders",
            "queue:",
            "box:a",
            "queue:a\nb",
            "queue:%zz",
            "queue:%é",
            "queue:a?b=%+1",
            "queue:a?b",
            "queue:a?b=1&b=2",
            &long,
        ] {
            let error = text.parse::<Address>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidDestination, "{text}");
        }
    }

    #[test]
    fn errors_show_a_bounded_text_without_control_characters() {
        let long = "x".repeat(1_000_000);
        for text in [
            "x\u{1b}[31mred",
            "queue:a\nFAKE LINE",
            "queue:a?\n=1&b",
            &long,
            &format!("queue:{long}"),
            &format!("queue:a?{long}"),
        ] {
            let shown = text.parse::<Address>().unwrap_err().to_string();
            assert!(!shown.contains(char::is_control) && shown.len() < 300, "{shown}");
        }
        let topic = Address::new(DestinationKind::Topic, "t").unwrap();
        let error = crate::Queue::try_from(topic.with_option("o", long)).unwrap_err();
        assert!(error.to_string().len() < 600);
    }

    #[test]
    fn options_are_no_part_of_identity() {
        let plain: Address = "queue:a".parse().unwrap();
        let with: Address = "queue:a?kind=quorum".parse().unwrap();
        assert_eq!(plain, with);
        assert_ne!(plain, "topic:a".parse().unwrap());
    }
}
