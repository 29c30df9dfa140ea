//! What no broker in its right mind says.

/// Bytes that a link says to its clients in the broker's place, and what it does then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Utterance {
    /// What is wrong with them, for reports.
    pub what: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What comes after them.
    pub then: Then,
}

impl Utterance {
    /// Bytes, and silence after them.
    pub const fn new(what: &'static str, bytes: Vec<u8>) -> Self {
        Self {
            what,
            bytes,
            then: Then::Silence,
        }
    }

    /// The same with another end.
    #[must_use]
    pub const fn then(mut self, then: Then) -> Self {
        self.then = then;
        self
    }
}

/// What comes after the bytes of an [`Utterance`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Then {
    /// Nothing, over a link that stays.
    Silence,
    /// The end of what the broker says.
    Close,
    /// Zeros, as fast as the client reads, until it hangs up.
    Flood,
}

/// What a harness knows of what its broker may not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Malformed {
    /// Nobody has written it down.
    #[default]
    Unknown,
    /// Client and broker share memory: there are no bytes to be malformed.
    NoBytes,
    /// Each of these is a reason to end the connection.
    Known(Vec<Utterance>),
}
