//! How destinations are called at the broker.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    sync::atomic::{AtomicU64, Ordering},
};

use anymq_api::{Address, DestinationKind, Error, ErrorKind, Result};
use lapin::types::ShortString;

use crate::{
    direct_reply,
    error::error,
    options::{self, TopicOptions},
};

/// The exchange that all topics share.
pub(crate) const TOPICS: &str = "anymq.topic";

/// What AMQP's short strings hold at most, in bytes.
pub(crate) const MAX_SHORT: usize = 255;

/// Before the routing keys of temporary topics. No plain topic's key begins so: in those a `%` is followed by hex digits.
const TEMPORARY_TOPIC: &str = "%temporary.";

/// Where a message is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) exchange: ShortString,
    pub(crate) key: ShortString,
    /// The broker gives back what no queue takes.
    pub(crate) mandatory: bool,
}

impl Route {
    pub(crate) fn to(address: &Address) -> Result<Self> {
        let is_queue = address.kind().is_queue();
        if !is_queue && let Some(binding) = TopicOptions::of(address)?.binding {
            // A name chosen by others is taken as it is.
            let own = || ShortString::try_new(address.name()).map_err(|_| too_long(address));
            return Ok(Self {
                key: binding.key.map_or_else(own, Ok)?,
                exchange: binding.exchange,
                mandatory: false,
            });
        }
        let key = ShortString::try_new(key(address)).map_err(|_| too_long(address))?;
        Ok(Self {
            exchange: if is_queue { "" } else { TOPICS }.into(),
            key,
            mandatory: is_queue && !direct_reply::is_one(address),
        })
    }
}

/// A queue's name, or a topic's routing key.
fn key(address: &Address) -> String {
    match address.kind() {
        DestinationKind::Queue | DestinationKind::TemporaryQueue => address.name().to_owned(),
        DestinationKind::Topic => literal_key(address.name()),
        DestinationKind::TemporaryTopic => format!("{TEMPORARY_TOPIC}{}", literal_key(address.name())),
    }
}

/// A routing key that matches itself only, as a binding too: `*` and `#` are wildcards where they stand for a whole
/// word. Reversible, because `%` is encoded as well.
fn literal_key(name: &str) -> String {
    let words = name.split('.').map(|word| match word {
        "*" => "%2A".to_owned(),
        "#" => "%23".to_owned(),
        word => word.replace('%', "%25"),
    });
    words.collect::<Vec<_>>().join(".")
}

/// Whether the broker can hold it, as far as can be told without asking.
pub(crate) fn check(address: &Address) -> Result<()> {
    options::check(address)?;
    direct_reply::check(address)?;
    // A reply to a foreign client may go to a queue that the broker named.
    if address.kind() == DestinationKind::Queue && address.name().starts_with("amq.") {
        return Err(invalid(address, "names that begin with `amq.` are the broker's own"));
    }
    Route::to(address).map(drop)
}

fn too_long(address: &Address) -> Error {
    invalid(address, "the name is longer than 255 bytes once it is encoded")
}

/// An error about a destination.
pub(crate) fn invalid(address: &Address, detail: &str) -> Error {
    error(ErrorKind::InvalidDestination, detail).with_resource(address)
}

/// A name for a subscription's own queue that nobody else uses.
pub(crate) fn subscription_queue() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let draw = || RandomState::new().hash_one((std::process::id(), number));
    format!("anymq.sub.{:016x}{:016x}", draw(), draw())
}

/// A name for the queue to which a connection's marks are bound.
pub(crate) fn marks_queue() -> String {
    subscription_queue().replacen("sub", "marks", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    #[test]
    fn a_topic_s_key_is_its_name_unless_that_would_match_more() {
        for (name, key) in [
            ("prices.eu", "prices.eu"),
            ("a*b.c#", "a*b.c#"),
            ("*", "%2A"),
            ("a.#", "a.%23"),
            ("a.*.b", "a.%2A.b"),
            ("%2A", "%252A"),
            ("..", ".."),
        ] {
            assert_eq!(literal_key(name), key);
        }
    }

    #[test]
    fn different_topics_have_different_keys() {
        let names = ["*", "%2A", "%252A", "#", "%23", "%", "%25", "a.*", "a.%2A"];
        let mut keys: Vec<_> = names.iter().map(|name| literal_key(name)).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), names.len());
    }

    #[test]
    fn kinds_of_one_name_do_not_meet() {
        let queue = Route::to(&address("queue:a")).unwrap();
        let topic = Route::to(&address("topic:a")).unwrap();
        let temporary = Route::to(&address("temp-topic:a")).unwrap();
        assert_eq!((queue.exchange.as_str(), queue.mandatory), ("", true));
        assert_eq!((topic.exchange.as_str(), topic.mandatory), (TOPICS, false));
        assert_ne!(topic.key, temporary.key);
    }

    #[test]
    fn an_exchange_of_others_takes_names_as_they_are() {
        let route = |text| Route::to(&address(text)).unwrap();
        let named = route("topic:%25.%23?exchange=market");
        assert_eq!((named.exchange.as_str(), named.key.as_str()), ("market", "%.#"));
        let keyed = route("topic:a?exchange=market&routing-key=eu.paris");
        assert_eq!((keyed.key.as_str(), keyed.mandatory), ("eu.paris", false));
    }

    #[test]
    fn what_cannot_be_named_is_refused() {
        let long = Address::new(DestinationKind::Topic, "%".repeat(100)).unwrap();
        let option = address("queue:a?colour=red");
        for refused in [long, option.clone(), address("queue:amq.gen-1")] {
            assert_eq!(check(&refused).unwrap_err().kind(), ErrorKind::InvalidDestination);
        }
        assert!(check(&option).unwrap_err().to_string().contains("`colour`"));
        for accepted in ["queue:orders", "topic:amq.x", "temp-queue:amq.gen-1"] {
            check(&address(accepted)).unwrap();
        }
    }

    #[test]
    fn subscription_queues_are_unique() {
        assert_ne!(subscription_queue(), subscription_queue());
    }
}
