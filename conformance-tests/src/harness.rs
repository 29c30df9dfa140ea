//! What a provider brings to be judged.

use std::{fmt::Debug, num::NonZeroUsize, sync::Arc, time::Duration};

use anymq_api::{Address, BoxError, Capability, ConnectionFactory};
use async_trait::async_trait;

use crate::{
    checklist::Ability,
    fault::{BrokerFault, Faulty, Holdings, Script},
    link::{Linked, Malformed},
    restart::Restartable,
};

/// How long a run waits for what; all of it is multiplied by the environment's `ANYMQ_TIME_FACTOR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// For something that must happen.
    pub wait: Duration,
    /// For something that must not happen.
    pub quiet: Duration,
    /// How far two clocks may be apart.
    pub margin: Duration,
}

impl Timing {
    /// Ten seconds for what must happen, `quiet` for what must not, a quarter of a second between clocks.
    pub fn new(quiet: Duration) -> Self {
        let factor = std::env::var("ANYMQ_TIME_FACTOR").ok();
        let factor = factor.and_then(|text| text.parse::<u32>().ok()).unwrap_or(1).max(1);
        Self {
            wait: Duration::from_secs(10) * factor,
            quiet: quiet * factor,
            margin: Duration::from_millis(250) * factor,
        }
    }
}

/// A capability that a provider does not declare, and why.
pub type Undeclared = (Capability, &'static str);

/// What clients of other makes send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignKind {
    /// A text that says so.
    Text,
    /// Bytes that say that they are text, and are none.
    BrokenText,
    /// Bytes that say so.
    Bytes,
    /// JSON that says so.
    Json,
    /// Bytes of which nothing is said.
    Untyped,
    /// Bytes among headers of every type, name and value that the protocol allows.
    OddHeaders,
    /// What is no JSON and says so.
    BrokenJson,
    /// The beginnings of more lists in lists than any parser should follow, said to be JSON.
    DeepJson,
    /// What says that it is a map of this make, and is none.
    BrokenMap,
    /// A text that says that it is in an encoding that it is not in.
    WrongCharset,
}

impl ForeignKind {
    /// What well-meaning clients send.
    pub const ALL: [Self; 6] = [
        Self::Text,
        Self::BrokenText,
        Self::Bytes,
        Self::Json,
        Self::Untyped,
        Self::OddHeaders,
    ];

    /// What the others send.
    pub const HOSTILE: [Self; 5] = [
        Self::BrokenText,
        Self::BrokenJson,
        Self::DeepJson,
        Self::BrokenMap,
        Self::WrongCharset,
    ];

    /// What the message says of its body, if anything.
    pub const fn content_type(self) -> Option<&'static str> {
        match self {
            Self::Text | Self::BrokenText => Some("text/plain"),
            Self::Bytes | Self::OddHeaders => Some("application/octet-stream"),
            Self::Json | Self::BrokenJson | Self::DeepJson => Some("application/json"),
            Self::BrokenMap => Some("application/vnd.anymq.map+json"),
            Self::WrongCharset => Some("text/plain; charset=utf-16"),
            Self::Untyped => None,
        }
    }

    /// The body.
    pub const fn body(self) -> &'static [u8] {
        match self {
            Self::Text => "größe \0 😀\r\n".as_bytes(),
            // None of these is UTF-8.
            Self::BrokenText => b"gr\xf6\xdfe",
            Self::Bytes => b"\x00\xff\x80bytes",
            Self::Json => br#"{"drink":"espresso","shots":2}"#,
            Self::Untyped => b"\xff\xfeuntyped\x00",
            Self::OddHeaders => b"\xffodd",
            Self::BrokenJson => br#"{"drink":"espresso","shots":"#,
            Self::DeepJson => &[b'['; 10_000],
            Self::BrokenMap => br#"{"shots":{"type":"i32","value":"two"}}"#,
            Self::WrongCharset => b"\x00g\xd8\x00",
        }
    }
}

/// A provider with its broker, ready to be judged. Ending it ends what it started.
///
/// The abilities have defaults, which are none: a provider's author adds what the broker allows.
#[async_trait]
pub trait Harness: Debug + Send + Sync {
    /// The name in reports.
    fn target(&self) -> &str;

    /// Connections as a user would make them, with default options.
    fn factory(&self) -> Arc<dyn ConnectionFactory>;

    /// How long to wait.
    fn timing(&self) -> Timing;

    /// What the provider's documentation lists as not declared; `None` when there is no such table to hold it to.
    fn undeclared(&self) -> Option<&'static [Undeclared]> {
        None
    }

    /// What the harness can do.
    fn abilities(&self) -> &'static [Ability] {
        &[]
    }

    /// [`Ability::KillLink`]: connections as [`factory`](Self::factory) makes them, whose links can be cut. Each call gives
    /// a link of its own.
    ///
    /// # Errors
    /// Why the link cannot be made.
    async fn with_link(&self) -> Option<Result<Linked, BoxError>> {
        None
    }

    /// [`Ability::KillLink`]: what a broker of this protocol may not say. Each is [said](crate::link::Link::say) over a link
    /// of its own.
    fn malformed(&self) -> Malformed {
        Malformed::Unknown
    }

    /// [`Ability::RestartBroker`]: a broker like that of [`factory`](Self::factory), which only those use who restart it; it
    /// is begun when somebody first asks for it.
    ///
    /// # Errors
    /// Why there is none.
    async fn restartable(&self) -> Option<Result<Restartable, BoxError>> {
        None
    }

    /// [`Ability::RestartBroker`]: what the broker of [`restartable`](Self::restartable) promises though the provider does
    /// not declare it, as it takes more than an ordinary broker has: a store, say.
    fn promised_by_restartable(&self) -> &'static [Capability] {
        &[]
    }

    /// [`Ability::Limits`]: how many bytes a message may have at the broker, headers included, because the harness has set
    /// it so. The suite's ordinary messages have up to ten megabytes, and a body of one byte more than this is refused.
    fn max_message_size(&self) -> Option<NonZeroUsize> {
        None
    }

    /// [`Ability::BadCredentials`]: connections with credentials that the broker rejects.
    fn with_bad_credentials(&self) -> Option<Arc<dyn ConnectionFactory>> {
        None
    }

    /// [`Ability::AdminClientId`]: connections whose client identifier is configured.
    fn with_configured_client_id(&self, client_id: &str) -> Option<Arc<dyn ConnectionFactory>> {
        let _ = client_id;
        None
    }

    /// Whether a selector has a part that the broker cannot judge exactly on queues, though it can judge others: then it is
    /// to be refused as not supported. All others are judged as they are everywhere.
    fn lacks_selector(&self, selector: &str) -> bool {
        let _ = selector;
        false
    }

    /// The queue where what is given up at `destination` goes.
    fn dead_letters(&self, destination: &Address) -> Option<Address> {
        let _ = destination;
        None
    }

    /// Whether clients of other makes can reach the broker at all.
    fn has_foreign_clients(&self) -> bool {
        true
    }

    /// Whether what clients of other makes say of a body comes with it. Where a protocol has no place for that, a body that is
    /// UTF-8 is a text.
    fn has_content_types(&self) -> bool {
        true
    }

    /// Sends a message as a client of another make would, without the provider; `None` when the harness has no such
    /// client. Returns when the broker has taken the message.
    ///
    /// # Errors
    /// What that client meets.
    async fn send_foreign(&self, destination: &Address, kind: ForeignKind) -> Option<Result<(), BoxError>> {
        let _ = (destination, kind);
        None
    }

    /// Connections whose links follow a script of faults; `None` when there are none. Each call gives links of its own.
    ///
    /// # Errors
    /// Why the links cannot be made.
    async fn with_faults(&self, script: &Arc<Script>) -> Option<Result<Faulty, BoxError>> {
        let _ = script;
        None
    }

    /// Whether the links with faults have heart-beats, which find out within a few seconds that one is half-open.
    fn has_heart_beats(&self) -> bool {
        false
    }

    /// Whether what a lost link had delivered and nobody had been handed comes again in order.
    fn keeps_order_over_outages(&self) -> bool {
        true
    }

    /// How many messages of a topic's subscription the broker delivers ahead, whatever the consumer's prefetch.
    fn topic_window(&self) -> u32 {
        0
    }

    /// Whether the broker tells of a durable subscription whether it is there. Else to delete one that is not is no error.
    fn tells_of_subscriptions(&self) -> bool {
        true
    }

    /// What the broker knows a destination by. Names that come to the same are one destination.
    fn name_at_broker(&self, name: &str) -> String {
        name.to_owned()
    }

    /// What clients hold at the broker.
    ///
    /// # Errors
    /// Why nobody knows.
    async fn holdings(&self) -> Option<Result<Holdings, BoxError>> {
        None
    }

    /// Returns when what has been declared at the broker outlives a crash; many write it down a little later.
    ///
    /// # Errors
    /// Why nobody knows.
    async fn settle(&self) -> Result<(), BoxError> {
        Ok(())
    }

    /// What can happen to the broker itself.
    fn broker_faults(&self) -> &'static [BrokerFault] {
        &[]
    }

    /// [`BrokerFault::DeleteQueue`]: deletes a queue as an administrator would.
    ///
    /// # Errors
    /// Why it is still there.
    async fn delete_queue(&self, queue: &Address) -> Result<(), BoxError> {
        Err(format!("nobody can delete {queue}").into())
    }

    /// Lets any other of them happen; returns when the broker takes clients again.
    ///
    /// # Errors
    /// Why it does not.
    async fn strike(&self, fault: BrokerFault) -> Result<(), BoxError> {
        let _ = fault;
        Ok(())
    }

    /// Ends what it started, in order.
    async fn end(&self) {}
}
