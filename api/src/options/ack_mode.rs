use std::fmt;

use crate::Capability;

/// How the messages that a session delivers are acknowledged. JMS: the session mode.
///
/// Source: Jakarta Messaging 3.1, section 6.2.10.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AckMode {
    /// A message is acknowledged when `receive` returns it, or when its listener has returned successfully.
    /// JMS: `AUTO_ACKNOWLEDGE`.
    #[default]
    Auto,
    /// [`Received::acknowledge`](crate::Received::acknowledge) acknowledges everything that the session has delivered
    /// so far. JMS: `CLIENT_ACKNOWLEDGE`.
    Client,
    /// As `Auto`, but the acknowledgements may lag behind, so a failure can duplicate messages.
    /// JMS: `DUPS_OK_ACKNOWLEDGE`.
    DupsOk,
    /// Each message is acknowledged by itself, in any order. Not in JMS; `ActiveMQ` and Qpid offer the same.
    Individual,
    /// Sends and receives form transactions, ended by `commit` or `rollback`. JMS: `SESSION_TRANSACTED`.
    Transacted,
}

impl AckMode {
    /// The capability that a provider must declare for this mode; none is needed for `Auto`.
    pub const fn capability(self) -> Option<Capability> {
        match self {
            Self::Auto => None,
            Self::Client => Some(Capability::ClientAck),
            Self::DupsOk => Some(Capability::DupsOk),
            Self::Individual => Some(Capability::IndividualAck),
            Self::Transacted => Some(Capability::Transactions),
        }
    }
}

impl fmt::Display for AckMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Client => "client",
            Self::DupsOk => "dups-ok",
            Self::Individual => "individual",
            Self::Transacted => "transacted",
        })
    }
}
