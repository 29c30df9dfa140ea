use super::DeliveryToken;

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done with.
    Accept,
    /// It is given up: to the dead letters, or dropped.
    Reject,
    /// It becomes available again, to any consumer, in its old place as far as the broker can.
    Release {
        /// How often it was handed to the application since it was delivered: 0 when never, and then a broker with
        /// [`Capability::ExactRedelivery`](crate::Capability::ExactRedelivery) neither flags nor counts it.
        attempts: u32,
    },
}

/// One delivery and what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Which delivery.
    pub token: DeliveryToken,
    /// What becomes of it.
    pub outcome: Outcome,
}
