use std::{collections::hash_map::RandomState, hash::BuildHasher as _};

use anymq_api::spi::{SubscribeSpec, SubscriptionKind};

/// Between the connection's mark, which is hexadecimal, and the client identifier.
const SEPARATOR: char = '/';

/// A connection, as it marks what it sends to topics: for no-local.
#[derive(Debug)]
pub struct Origin {
    text: String,
}

impl Origin {
    /// Another one for each connection, with its client identifier.
    pub fn new(client_id: Option<&str>) -> Self {
        let draw = || RandomState::new().hash_one(std::process::id());
        let mut text = format!("{:016x}{:016x}", draw(), draw());
        if let Some(client_id) = client_id {
            text.push(SEPARATOR);
            text.push_str(client_id);
        }
        Self { text }
    }

    /// What stands in the header.
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn parts(origin: &str) -> (&str, Option<&str>) {
    match origin.split_once(SEPARATOR) {
        Some((connection, client_id)) => (connection, Some(client_id)),
        None => (origin, None),
    }
}

/// Whose messages a subscription takes for its own: the connection's, or those of every connection of a client, what a
/// durable subscription means by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Local {
    /// Of the connection with this mark.
    Connection(String),
    /// Of all connections of this client.
    Client(String),
}

impl Local {
    /// Those of a subscription; `None` where nobody asks.
    pub fn of(spec: &SubscribeSpec, origin: &Origin) -> Option<Self> {
        if !spec.no_local {
            return None;
        }
        let durable = matches!(
            spec.kind,
            SubscriptionKind::Durable { .. } | SubscriptionKind::SharedDurable { .. }
        );
        Some(match &spec.client_id {
            Some(client_id) if durable => Self::Client(client_id.clone()),
            _ => Self::Connection(parts(origin.text()).0.to_owned()),
        })
    }

    /// Whether a message is one of them, which says that it comes from there.
    pub fn sent(&self, origin: &str) -> bool {
        let (connection, client_id) = parts(origin);
        match self {
            Self::Connection(own) => own == connection,
            Self::Client(own) => Some(own.as_str()) == client_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use anymq_api::spi::SubscriptionId;

    use super::*;

    fn spec(client_id: Option<&str>, kind: SubscriptionKind) -> SubscribeSpec {
        let mut spec = SubscribeSpec::new(SubscriptionId(1), "topic:t".parse().unwrap(), 1);
        spec.client_id = client_id.map(str::to_owned);
        spec.kind = kind;
        spec.no_local = true;
        spec
    }

    fn durable() -> SubscriptionKind {
        SubscriptionKind::Durable { name: "n".to_owned() }
    }

    #[test]
    fn the_own_connection_is_known_and_no_other() {
        let own = Origin::new(None);
        let local = Local::of(&spec(None, SubscriptionKind::Plain), &own).unwrap();
        assert!(local.sent(own.text()));
        assert!(!local.sent(Origin::new(None).text()));
        // Client identifiers are not exclusive, so the connection counts where nothing outlives it.
        let named = Origin::new(Some("till"));
        let local = Local::of(&spec(Some("till"), SubscriptionKind::Plain), &named).unwrap();
        assert!(local.sent(named.text()));
        assert!(!local.sent(Origin::new(Some("till")).text()));
    }

    #[test]
    fn to_a_durable_subscription_the_client_is_what_counts() {
        let client_id = Some("a/b");
        let local = Local::of(&spec(client_id, durable()), &Origin::new(client_id)).unwrap();
        assert!(local.sent(Origin::new(client_id).text()));
        for other in [None, Some("a"), Some("b"), Some("a/b/c")] {
            assert!(!local.sent(Origin::new(other).text()), "{other:?}");
        }
    }

    #[test]
    fn nothing_is_own_where_nobody_asks() {
        let mut spec = spec(None, SubscriptionKind::Plain);
        spec.no_local = false;
        assert_eq!(Local::of(&spec, &Origin::new(None)), None);
    }
}
