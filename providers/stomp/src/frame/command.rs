macro_rules! commands {
    ($($(#[$doc:meta])* $variant:ident = $word:literal;)*) => {
        /// What a frame is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Command { $($(#[$doc])* $variant,)* }

        impl Command {
            /// Every command.
            pub const ALL: &'static [Command] = &[$(Command::$variant,)*];

            /// Its word on the wire.
            pub const fn word(self) -> &'static str {
                match self { $(Command::$variant => $word,)* }
            }

            /// The command of a word; case matters.
            pub(super) fn parse(word: &[u8]) -> Option<Self> {
                $(if word == $word.as_bytes() { return Some(Command::$variant); })*
                None
            }
        }
    };
}

// Those that arrive most stand first.
commands! {
    /// A message for a subscription.
    Message = "MESSAGE";
    /// An answer to whoever asked for one.
    Receipt = "RECEIPT";
    /// A message for a destination.
    Send = "SEND";
    /// Accepts deliveries.
    Ack = "ACK";
    /// Refuses deliveries.
    Nack = "NACK";
    /// The server refuses something.
    Error = "ERROR";
    /// Begins a transaction.
    Begin = "BEGIN";
    /// Commits a transaction.
    Commit = "COMMIT";
    /// Undoes a transaction.
    Abort = "ABORT";
    /// Begins a subscription.
    Subscribe = "SUBSCRIBE";
    /// Ends a subscription.
    Unsubscribe = "UNSUBSCRIBE";
    /// Asks for a session, in the words of 1.0.
    Connect = "CONNECT";
    /// Asks for a session.
    Stomp = "STOMP";
    /// Grants a session.
    Connected = "CONNECTED";
    /// Ends a session.
    Disconnect = "DISCONNECT";
}

impl Command {
    /// Whether its headers stand as they are in every version, so that any peer can read them.
    pub(super) const fn is_unescaped(self) -> bool {
        matches!(self, Self::Connect | Self::Stomp | Self::Connected)
    }

    /// Whether it may have a body.
    pub const fn has_body(self) -> bool {
        matches!(self, Self::Send | Self::Message | Self::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_commands_are_one_to_one() {
        for &command in Command::ALL {
            assert_eq!(Command::parse(command.word().as_bytes()), Some(command));
        }
        for word in ["", "send", "SEND ", "SENDS", "MESSAG"] {
            assert_eq!(Command::parse(word.as_bytes()), None, "{word:?}");
        }
    }
}
