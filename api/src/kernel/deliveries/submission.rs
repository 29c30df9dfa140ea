//! What was taken out of a session's deliveries and is not yet submitted to the driver: closing waits for it, or the
//! broker would deliver again what the application already has.

use std::sync::atomic::Ordering;

use super::{Deliveries, State};

/// Settlements on their way to the driver; dropped once they are submitted.
#[must_use]
pub(crate) struct Submission<'a>(&'a Deliveries);

impl Drop for Submission<'_> {
    fn drop(&mut self) {
        self.0.submitted();
    }
}

impl State {
    /// Something was taken that has to be submitted. Counted under the lock, so it costs the hand-over nothing.
    pub(super) fn owe(&mut self) {
        self.owed += 1;
    }
}

impl Deliveries {
    pub(super) fn submission(&self, state: &mut State) -> Submission<'_> {
        state.owe();
        Submission(self)
    }

    /// The counterpart of one [`State::owe`].
    #[inline]
    pub(crate) fn submitted(&self) {
        self.submitted.fetch_add(1, Ordering::Release);
    }

    /// Waits until all that was taken is submitted. Whoever took something submits it without awaiting in between, so
    /// this is a matter of another thread's next instructions.
    pub(crate) async fn wait_submitted(&self) {
        while self.submitted.load(Ordering::Acquire) != self.state.lock().owed {
            tokio::task::yield_now().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        sync::Arc,
        task::{Context, Poll, Waker},
    };

    use super::*;
    use crate::{
        AckMode, Address, DestinationKind, Envelope, ErrorKind, Headers, Message, SystemClock,
        kernel::deliveries::Taken,
        spi::{Delivery, DeliveryToken},
    };

    fn poll(future: &mut (impl Future<Output = ()> + Unpin)) -> Poll<()> {
        std::pin::Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn closing_waits_for_an_acknowledgement_that_is_on_its_way() {
        for mode in [AckMode::Auto, AckMode::DupsOk] {
            let deliveries = Deliveries::new(mode, true, None, Arc::new(SystemClock));
            let (subscription, arrivals) = deliveries.register(1, None);
            let destination = Address::new(DestinationKind::Queue, "q").unwrap();
            arrivals.push(Delivery {
                envelope: Envelope::new(Headers::new(destination), Message::empty()),
                token: DeliveryToken {
                    epoch: 0,
                    subscription,
                    tag: 0,
                },
                redelivered: false,
                count: 1,
                local: false,
            });
            assert!(matches!(deliveries.take(subscription, false), Ok(Taken::Message(_))));
            if mode == AckMode::DupsOk {
                // Held back until there is nothing more to hand over.
                assert!(poll(&mut pin!(deliveries.wait_submitted())).is_ready());
                assert!(matches!(deliveries.take(subscription, false), Ok(Taken::Nothing(..))));
            }
            assert!(deliveries.close().is_empty());
            let mut waiting = pin!(deliveries.wait_submitted());
            assert!(poll(&mut waiting).is_pending());
            deliveries.submitted();
            assert!(poll(&mut waiting).is_ready());
        }
    }

    #[test]
    fn a_closed_session_has_nothing_to_acknowledge() {
        let deliveries = Deliveries::new(AckMode::Client, true, None, Arc::new(SystemClock));
        deliveries.take_ledger().map(drop).unwrap();
        deliveries.close();
        let refused = deliveries.take_ledger().map(drop);
        assert_eq!(refused.map_err(|error| error.kind()), Err(ErrorKind::IllegalState));
        assert!(poll(&mut pin!(deliveries.wait_submitted())).is_ready());
    }
}
