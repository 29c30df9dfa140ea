use super::DeliveryToken;

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done with.
    Accept,
    /// It is given up: to the dead letters with the reason, where the broker has them and takes one, else dropped. It
    /// must not come again.
    Reject {
        /// How often it was handed to the application since it was delivered, as for [`Release`](Self::Release); the
        /// broker's own count does not have these yet.
        attempts: u32,
        /// Why.
        reason: RejectReason,
    },
    /// It becomes available again, to any consumer, in its old place as far as the broker can.
    Release {
        /// How often it was handed to the application since it was delivered: 0 when never, and then a broker with
        /// [`Capability::ExactRedelivery`](crate::Capability::ExactRedelivery) neither flags nor counts it.
        attempts: u32,
    },
}

/// Why a delivery is given up.
///
/// A driver that meets a reason it does not know treats it as [`Rejected`](Self::Rejected).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RejectReason {
    /// The application said so, with [`Received::reject`](crate::Received::reject).
    Rejected,
    /// It was delivered as often as the connection's [`RedeliveryPolicy`](crate::RedeliveryPolicy) allows.
    MaxDeliveries,
}

/// One delivery and what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Which delivery.
    pub token: DeliveryToken,
    /// What becomes of it.
    pub outcome: Outcome,
}
