//! How a subscription ends where the broker settles nothing without one, and what it sends to nobody is stuck.
//!
//! It is cancelled, and made again at once under the same id at a place where nothing is ever sent. So what it had delivered
//! can still be settled, what is on its way finds somebody who gives it back, and nothing new comes. Source:
//! `rabbit_stomp_processor` of `RabbitMQ` 3.10: it looks a settlement's subscription up by its id only.

use anymq_api::spi::Done;
use tokio::sync::oneshot;

use super::{State, Subscription};
use crate::{
    error::lost,
    frame::{Command, Frame},
};

impl Subscription {
    /// Where, if it has to be.
    pub(super) fn parking(&self) -> Option<&'static str> {
        self.link.dialect().parking()
    }

    /// Done when the broker has heard of all that was not handed out.
    pub(super) fn park(&self, state: &mut State, place: &str) -> Done<()> {
        let windows: Vec<u64> = state.windows.ids().collect();
        let Some((&last, others)) = windows.split_last().filter(|_| !state.is_parking) else {
            return Done::ok();
        };
        state.is_parking = true;
        let Some(this) = self.this.upgrade() else {
            return Done::ok();
        };
        let (reply, answer) = oneshot::channel();
        for id in others {
            self.move_to(*id, place, Box::new(drop));
        }
        let link = std::sync::Arc::clone(&self.link);
        self.move_to(
            last,
            place,
            // With a link that is over nothing is left to do; and then this is called at once, under the lock.
            Box::new(move |outcome| {
                if outcome.is_ok() {
                    // What was on its way comes before the answer to what is asked now.
                    link.submit_flush(Box::new(move |_| this.parked()));
                }
            }),
        );
        self.return_rest(state);
        // Whoever gave up waiting does not want to know.
        self.link.submit_flush(Box::new(|outcome| drop(reply.send(outcome))));
        Done::pending(async move { answer.await.unwrap_or_else(|_| Err(lost("nobody answers"))) })
    }

    fn move_to(&self, id: u64, place: &str, waiter: crate::link::Waiter) {
        let cancelled = Frame::new(Command::Unsubscribe).with_header("id", id.to_string());
        let parked = Frame::new(Command::Subscribe)
            .with_header("id", id.to_string())
            .with_header("destination", place.to_owned())
            .with_header("ack", "client-individual");
        self.link.submit_pair(&cancelled, &parked, waiter);
    }

    /// What is not to be handed out any more goes back.
    pub(super) fn return_rest(&self, state: &mut State) {
        for unsettled in state.ledger.take_returning() {
            state.windows.settle(unsettled.window);
            self.link.tell(&self.link.settlement(Command::Nack, &unsettled, None));
        }
    }

    /// Nothing more comes.
    fn parked(&self) {
        self.state.lock().is_parking = false;
        self.tidy();
    }
}
