use anymq_api::{Capabilities, Capability, Support};

/// The same for every connection and destination: there is one kind of in-VM broker.
pub(crate) const CAPABILITIES: Capabilities = Capabilities::none()
    .with_all(
        &[
            Capability::Queues,
            Capability::Topics,
            Capability::Transactions,
            Capability::ClientAck,
            Capability::DupsOk,
            Capability::IndividualAck,
            Capability::Recover,
            Capability::Release,
            Capability::TemporaryDestinations,
            Capability::AsyncSend,
            Capability::Headers,
            Capability::Properties,
            Capability::TypedBodies,
            Capability::RedeliveryFlag,
            Capability::DeliveryCount,
            Capability::ExactRedelivery,
            Capability::ClientIdExclusive,
        ],
        Support::Native,
    )
    .with(Capability::Ttl, Support::Emulated);
