use std::fmt::Write as _;

use anymq_api::spi::{SubscribeSpec, SubscriptionKind};
use anymq_wire::Digest;

/// The longest of what names a subscription in the names of its objects, in bytes; what is longer is digested.
const LONGEST: usize = 200;

/// Which subscription a client means by a name. Durable and non-durable ones are apart: Jakarta Messaging 3.1, section
/// 8.3.2.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    durable: bool,
    client_id: Option<String>,
    name: String,
}

impl Identity {
    /// `None` for a subscription without a name.
    pub(super) fn of(spec: &SubscribeSpec) -> Option<Self> {
        let (name, durable) = match &spec.kind {
            SubscriptionKind::Plain => return None,
            SubscriptionKind::Shared { name } => (name, false),
            SubscriptionKind::Durable { name } | SubscriptionKind::SharedDurable { name } => (name, true),
        };
        Some(Self {
            durable,
            client_id: spec.client_id.clone(),
            name: name.clone(),
        })
    }

    pub(super) fn durable(client_id: Option<&str>, name: &str) -> Self {
        Self {
            durable: true,
            client_id: client_id.map(str::to_owned),
            name: name.to_owned(),
        }
    }

    pub(super) fn is_durable(&self) -> bool {
        self.durable
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The queue that holds its messages. A shared and an unshared one are never the same.
    pub(super) fn queue(&self, shared: bool) -> String {
        let kind = match (self.durable, shared) {
            (true, false) => "durable",
            (true, true) => "shared-durable",
            (false, _) => "shared",
        };
        format!("anymq.sub.{kind}/{}", self.path())
    }

    /// Held by who decides about it.
    pub(super) fn lock(&self) -> String {
        self.object("lock")
    }

    /// Where consumers of it are marked.
    pub(super) fn active(&self) -> String {
        self.object("active")
    }

    /// Where sessions are marked that have messages of it to settle, of consumers that are closed.
    pub(super) fn held(&self) -> String {
        self.object("held")
    }

    fn object(&self, kind: &str) -> String {
        let space = if self.durable { "durable" } else { "shared" };
        format!("anymq.{kind}.{space}/{}", self.path())
    }

    /// Client identifier, which is never empty, and name. Nothing of it is longer than the broker takes, and no two are
    /// the same: `~` begins none but those that are digested.
    fn path(&self) -> String {
        let client_id = self.client_id.as_deref();
        let path = format!("{}/{}", escape(client_id.unwrap_or_default()), escape(&self.name));
        if path.len() <= LONGEST {
            return path;
        }
        let digest = Digest::default().text(client_id).text(Some(&self.name));
        format!("~{:032x}", digest.value())
    }
}

/// Letters and digits of ASCII, `_`, `.` and `-` as they are, other bytes as `%2F`.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"_.-".contains(&byte) {
            escaped.push(byte.into());
        } else {
            // Writing to a text never fails.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::MAX_SHORT;

    fn identity(durable: bool, client_id: Option<&str>, name: &str) -> Identity {
        Identity {
            durable,
            ..Identity::durable(client_id, name)
        }
    }

    #[test]
    fn a_queue_s_name_shows_whose_subscription_it_is() {
        let named = identity(true, Some("till 1"), "prices.eu");
        assert_eq!(named.queue(false), "anymq.sub.durable/till%201/prices.eu");
        assert_eq!(named.queue(true), "anymq.sub.shared-durable/till%201/prices.eu");
        assert_eq!(identity(false, None, "a_b-c").queue(true), "anymq.sub.shared//a_b-c");
    }

    #[test]
    fn no_two_subscriptions_share_an_object() {
        let long = "n".repeat(300);
        let longer = "n".repeat(301);
        let names = ["a", "A", "a/b", "a%2Fb", "/", "~", &long, &longer];
        let clients = [None, Some("a"), Some("a/b"), Some("~"), Some(&*long)];
        let mut all = Vec::new();
        for durable in [true, false] {
            for (client_id, name) in clients.iter().flat_map(|client| names.map(|name| (*client, name))) {
                let identity = identity(durable, client_id, name);
                all.extend([
                    identity.queue(true),
                    identity.lock(),
                    identity.active(),
                    identity.held(),
                ]);
                if durable {
                    all.push(identity.queue(false));
                }
            }
        }
        assert!(all.iter().all(|name| name.len() <= MAX_SHORT));
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
