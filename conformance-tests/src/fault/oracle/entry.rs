use std::fmt;

/// What a message stands for: the how many-eth of which sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Payload {
    /// Who sent it.
    pub producer: u16,
    /// Counted from 0.
    pub number: u32,
}

impl Payload {
    /// As a text, with so many letters behind it.
    pub fn text(self, padding: usize) -> String {
        let mut text = format!("{}/{} ", self.producer, self.number);
        text.extend(std::iter::repeat_n('x', padding));
        text
    }

    /// Reads such a text.
    pub fn parse(text: &str) -> Option<Self> {
        let (producer, rest) = text.split_once('/')?;
        let (number, _) = rest.split_once(' ')?;
        Some(Self {
            producer: producer.parse().ok()?,
            number: number.parse().ok()?,
        })
    }
}

impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.producer, self.number)
    }
}

/// What a consumer knows of a message that it was handed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Settled {
    /// It did not settle it.
    #[default]
    No,
    /// It did so in a transaction that was undone, and expects it again.
    Undone,
    /// It did, and does not know whether the broker has heard of it.
    Submitted,
    /// The broker has said that it knows.
    Known,
}

/// Where a message was last handed over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handed {
    pub(super) consumer: u16,
    pub(super) epoch: u64,
    /// The how many-eth of that consumer in that epoch.
    pub(super) index: u32,
    /// No link had come or gone for a while.
    pub(super) calm: bool,
}

/// One payload in one stream.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry {
    /// Sends that have arrived, may have, or still may.
    pub(super) copies: u32,
    /// Sends that were begun.
    pub(super) attempts: u32,
    pub(super) confirmed: bool,
    pub(super) received: u32,
    pub(super) unflagged: u32,
    pub(super) handed: Option<Handed>,
    pub(super) settled: Settled,
    /// The broker had said that it is settled when it came again.
    pub(super) is_done: bool,
}

impl Entry {
    pub(super) fn is_missing(&self) -> bool {
        self.confirmed && self.received == 0
    }
}
