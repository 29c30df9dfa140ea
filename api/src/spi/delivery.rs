use crate::{Envelope, Error};

/// Names a subscription within its session; chosen by the kernel, never used twice in one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubscriptionId(pub u32);

/// Names one delivery for its settlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeliveryToken {
    /// The link that delivered it, counted by the driver; the kernel drops settlements of an older link.
    pub epoch: u32,
    /// The subscription that it was delivered to.
    pub subscription: SubscriptionId,
    /// The driver's own mark, for example AMQP's delivery tag.
    pub tag: u64,
}

/// A message on its way from the broker to a consumer.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The message with its headers.
    pub envelope: Envelope,
    /// For the settlement.
    pub token: DeliveryToken,
    /// The broker says that it may have been delivered before.
    pub redelivered: bool,
    /// Which delivery it is, counted from 1; where the broker does not count, 1, or 2 when redelivered.
    pub count: u32,
    /// It was published by the subscription's own connection; for a durable subscription with a client identifier, by any
    /// connection of that client. Asked for where [`NoLocal`](crate::Capability::NoLocal) is emulated, and only for
    /// subscriptions with [`SubscribeSpec::no_local`](super::SubscribeSpec::no_local); elsewhere it may always be false.
    pub local: bool,
}

/// What becomes of what an ended subscription delivered, as far as it is not settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsettled {
    /// It is still this client's: the kernel hands it out, and settles it. The queue was deleted, say, or the consumer
    /// cancelled.
    Kept,
    /// The broker took it back, and delivers it again, perhaps to others: what carried it, such as a channel, is gone.
    /// The kernel hands out nothing more of it and settles none of it; acknowledging what it had handed out fails.
    TakenBack,
}

/// Where a driver puts the deliveries of one subscription.
///
/// Implemented by the kernel (and by decorators); called by the driver, one call at a time for a subscription. It never
/// blocks, never runs user code and never calls the driver back, so it may be called under the driver's own locks.
pub trait DeliverySink: Send + Sync {
    /// One delivery. The driver has checked that credit was left, and has used up one.
    fn push(&self, delivery: Delivery);

    /// Takes several deliveries out of a list that the driver keeps for the next time, in order, each as by
    /// [`push`](Self::push).
    fn push_all(&self, deliveries: &mut Vec<Delivery>) {
        for delivery in deliveries.drain(..) {
            self.push(delivery);
        }
    }

    /// The broker ended the subscription; nothing more will be pushed. Not for the loss of the link, which is told once,
    /// as an event of the connection.
    fn ended(&self, error: Error, unsettled: Unsettled);
}
