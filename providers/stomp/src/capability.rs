//! What this provider declares whatever the broker.

use anymq_api::{Capabilities, Capability, Limits, Support};

/// What each broker can do with default options.
pub(crate) const COMMON: Capabilities = Capabilities::none()
    .with_all(
        &[
            Capability::Queues,
            Capability::Topics,
            Capability::Transactions,
            Capability::ClientAck,
            Capability::DupsOk,
            Capability::IndividualAck,
            Capability::AsyncSend,
            Capability::Headers,
            Capability::Properties,
            Capability::TypedBodies,
            Capability::Persistence,
            Capability::RedeliveryFlag,
        ],
        Support::Native,
    )
    .with_all(
        &[
            Capability::Recover,
            Capability::Ttl,
            Capability::DeliveryCount,
            Capability::DeadLetters,
        ],
        Support::Emulated,
    );

pub(crate) const NOT_YET: &str = "not built yet";

/// STOMP itself knows none; what is said of the broker.
pub(crate) fn limits(max_message_size: Option<u64>) -> Limits {
    let mut limits = Limits::none();
    limits.max_message_size = max_message_size;
    limits
}
