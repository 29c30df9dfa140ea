//! What selectors do, and what they must do.

use std::fmt;

use anymq_api::{Capability, ErrorKind};

/// What a selector must do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// True.
    Match,
    /// False or unknown.
    NoMatch,
    /// Refused as malformed.
    Invalid,
    /// Taken; whether it is true is not said.
    Valid,
    /// Refused as malformed, or not true.
    NeverTrue,
    /// True, unless it is refused as malformed or too much.
    MatchOrRefused,
    /// Not true, or refused in the same way.
    NoMatchOrRefused,
    /// Refused as not supported on queues.
    Unsupported,
}

impl Expected {
    pub(super) fn accepts(self, seen: Seen) -> bool {
        let invalid = seen == Seen::Refused(ErrorKind::InvalidSelector);
        let refused = invalid || seen == Seen::Refused(ErrorKind::ResourceAllocation);
        match self {
            Self::Match => seen == Seen::Match,
            Self::NoMatch => seen == Seen::NoMatch,
            Self::Invalid => invalid,
            Self::Valid => matches!(seen, Seen::Match | Seen::NoMatch),
            Self::NeverTrue => invalid || seen == Seen::NoMatch,
            Self::MatchOrRefused => refused || seen == Seen::Match,
            Self::NoMatchOrRefused => refused || seen == Seen::NoMatch,
            Self::Unsupported => {
                let capability = Capability::QueueSelectors;
                seen == Seen::Refused(ErrorKind::Unsupported { capability })
            }
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Match => "must match",
            Self::NoMatch => "must not match",
            Self::Invalid => "must be refused",
            Self::Valid => "must be taken",
            Self::NeverTrue => "must be refused or never true",
            Self::MatchOrRefused => "must match or be refused",
            Self::NoMatchOrRefused => "must not match, or be refused",
            Self::Unsupported => "must be refused as not supported",
        })
    }
}

/// What a selector did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// The message came.
    Match,
    /// It did not, and the one after it did.
    NoMatch,
    /// Nothing came.
    Nothing,
    /// It was taken, though it must not.
    Accepted,
    /// It was not taken.
    Refused(ErrorKind),
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Match => f.write_str("and matches"),
            Self::NoMatch => f.write_str("and does not match"),
            Self::Nothing => f.write_str("and nothing came"),
            Self::Accepted => f.write_str("and is accepted"),
            Self::Refused(kind) => write!(f, "and is refused: {kind}"),
        }
    }
}

/// One selector, and what it must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) expected: Expected,
    pub(super) selector: String,
}

impl Row {
    pub(super) fn new(expected: Expected, selector: impl Into<String>) -> Self {
        Self {
            expected,
            selector: selector.into(),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 80;
        let start: String = self.selector.chars().take(SHOWN).collect();
        let more = if start.len() < self.selector.len() { "…" } else { "" };
        write!(f, "{start:?}{more} {}", self.expected)
    }
}

/// Selectors by what they must do with one message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) yes: &'static [&'static str],
    pub(super) no: &'static [&'static str],
    pub(super) bad: &'static [&'static str],
}

impl Group {
    pub(super) fn rows(self) -> Vec<Row> {
        let all = [
            (Expected::Match, self.yes),
            (Expected::NoMatch, self.no),
            (Expected::Invalid, self.bad),
        ];
        all.into_iter()
            .flat_map(|(expected, selectors)| selectors.iter().map(move |&text| Row::new(expected, text)))
            .collect()
    }
}
