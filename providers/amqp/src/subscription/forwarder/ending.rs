//! How deliveries stop, and what becomes of those that were not pushed.

use futures_util::{FutureExt as _, StreamExt as _};
use lapin::options::BasicCancelOptions;

use super::{Forwarder, LATER};
use crate::{ledger::Window, session::Shared, subscription::source::Source};

impl Forwarder {
    /// The credit is gone already. What was not pushed goes back, except where it would lose its place; there, as in a
    /// transaction, where it could go back with its end only, it waits for credit.
    pub(super) async fn stop(&mut self, source: &Source) {
        if self.ends_with_channel(source) {
            return;
        }
        self.cancel(source).await;
        if !self.inbound.transacted {
            self.give_back().await;
        }
    }

    /// Whether a cancelled tag would disturb the order: of a quorum queue the broker answers before it cancels, and puts
    /// behind all others what was on its way.
    fn ends_with_channel(&self, source: &Source) -> bool {
        source.quorum && !self.inbound.transacted
    }

    pub(super) async fn finish(&mut self, source: &Source) {
        if !self.ends_with_channel(source) {
            self.cancel(source).await;
        }
        if self.inbound.transacted {
            self.give_back().await;
        } else {
            self.return_later();
        }
        let unsettled = !self.state.ended && self.inbound.ledger.lock().holds(self.id);
        let hold = if unsettled {
            source.hold(&self.shared).await
        } else {
            None
        };
        self.feed.abandon();
        self.shared.retire(self.id, hold);
    }

    /// The kernel gives back right after the end what it did not hand over, and often the application soon settles the
    /// rest: then the channel ends, and all goes back with it. But others are not to wait for it long.
    pub(super) async fn return_rest(&mut self, source: &Source) {
        if self.inbound.transacted {
            return;
        }
        if self.shared.keeps(self.id) {
            tokio::time::sleep(LATER).await;
        }
        if self.shared.keeps(self.id) {
            self.cancel(source).await;
            self.return_later();
            self.shared.return_rest(self.id);
        } else if let Some(open) = self.state.open.take() {
            self.inbound.leave(open.consumer);
        }
    }

    fn return_later(&mut self) {
        let tags = self.take_buffer();
        Shared::return_later(&self.inbound, self.id, &tags);
    }

    fn take_buffer(&mut self) -> Vec<u64> {
        self.state.buffer.drain(..).map(|delivery| delivery.token.tag).collect()
    }

    /// Cancels the consumer tag, and takes in what came before the broker answered.
    pub(super) async fn cancel(&mut self, source: &Source) {
        self.cancel_if(|_| true, source).await;
    }

    /// So, if that is still right when nothing else can come between.
    pub(super) async fn cancel_if(&mut self, right: impl Fn(&Window) -> bool, source: &Source) {
        let Some(open) = &self.state.open else { return };
        let cancelled = {
            let _turn = self.inbound.turn.lock().await;
            if !right(&open.window) {
                return;
            }
            let channel = &self.inbound.channel;
            channel
                .basic_cancel(open.tag.clone(), BasicCancelOptions::default())
                .await
        };
        if cancelled.is_err() {
            // The channel is gone, and with it what it delivered.
            self.state.ended = true;
        }
        while let Some(open) = &mut self.state.open {
            let next = if cancelled.is_ok() {
                open.consumer.next().await
            } else {
                open.consumer.next().now_or_never().flatten()
            };
            match next {
                Some(Ok(delivery)) => self.take_in(delivery, source),
                Some(Err(cause)) => self.fail(self.inbound.error(&self.link, cause)),
                None => self.state.open = None,
            }
        }
        self.state.patience = None;
    }

    /// Gives back, in order, what was received and not pushed.
    async fn give_back(&mut self) {
        let tags = self.take_buffer();
        if tags.is_empty() || self.state.ended {
            return;
        }
        if let Some(answered) = self.shared.give_back(&self.inbound, self.id, &tags) {
            // Unanswered, because the session is closed: they went back with it.
            let _ = answered.await;
        }
    }
}
