//! How a subscription ends where the broker settles nothing without one, and what it sends to nobody is stuck.
//!
//! It is cancelled, and made again at once under the same id at a place where nothing is ever sent. So what it had delivered
//! can still be settled, what is on its way finds somebody who gives it back, and nothing new comes. Source:
//! `rabbit_stomp_processor` of `RabbitMQ` 3.10: it looks a settlement's subscription up by its id only.

use std::sync::Arc;

use anymq_api::{Result, spi::Done};
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

    /// Done when all that was not handed out is back in its queue.
    pub(super) fn park(&self, state: &mut State, place: &'static str) -> Done<()> {
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
        self.move_to(
            last,
            place,
            // With a link that is over nothing is left to do; and then this is called at once, under the lock.
            Box::new(move |outcome| match outcome {
                Ok(()) => this.await_rest(last, place, reply),
                Err(error) => drop(reply.send(Err(error))),
            }),
        );
        self.return_rest(state);
        Done::pending(async move { answer.await.unwrap_or_else(|_| Err(lost("nobody answers"))) })
    }

    /// The broker may answer a cancellation before it sends what its queue had given it by then, and a refusal before the
    /// queue hears of it. The next cancellation it answers after both; so they go on until nothing comes any more.
    fn await_rest(self: Arc<Self>, id: u64, place: &'static str, reply: oneshot::Sender<Result<()>>) {
        self.state.lock().has_returned = false;
        let this = Arc::clone(&self);
        let answered = move |outcome: Result<()>| {
            if outcome.is_ok() && this.state.lock().has_returned {
                this.await_rest(id, place, reply);
                return;
            }
            this.state.lock().is_parking = false;
            this.tidy();
            // Whoever gave up waiting does not want to know.
            drop(reply.send(outcome));
        };
        self.move_to(id, place, Box::new(answered));
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
            state.has_returned = true;
            state.windows.settle(unsettled.window);
            self.link.tell(&self.link.settlement(Command::Nack, &unsettled, None));
        }
    }
}
