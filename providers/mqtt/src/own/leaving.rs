//! How a consumer leaves: what it holds goes back to the broker with its link, or to the other members of what it shared.

use std::time::Duration;

use anymq_api::spi::Done;

use super::{Handover, Held, Own, State};
use crate::{
    link::NOTHING,
    wire::{Publish, QoS, Request},
};

impl Own {
    /// Closes it; what the session holds can still be settled.
    pub(super) fn leave(&self) -> Done<()> {
        let waiting = self.outlet.close();
        let mut state = self.state.lock();
        if std::mem::replace(&mut state.is_closed, true) {
            return Done::ok();
        }
        for (delivery, _) in &waiting {
            if let Some(held) = state.unsettled.remove(&delivery.token.tag) {
                self.let_go(&mut state, held);
            }
        }
        let is_held = !state.unsettled.is_empty();
        self.tidy(&mut state);
        drop(state);
        if is_held {
            return Done::ok();
        }
        let link = std::sync::Arc::clone(&self.link);
        Done::pending(async move {
            link.closed(Duration::MAX).await;
            Ok(())
        })
    }

    /// Closes it; what is held goes back.
    pub(crate) fn release(&self) {
        drop(self.leave());
        let mut state = self.state.lock();
        for (_, mut held) in std::mem::take(&mut state.unsettled) {
            held.is_seen = true;
            self.let_go(&mut state, held);
        }
        self.tidy(&mut state);
    }

    /// A delivery goes back, which was handed out so often.
    pub(crate) fn give_back(&self, tag: u64, attempts: u32) {
        let mut state = self.state.lock();
        if let Some(mut held) = state.unsettled.remove(&tag) {
            held.is_seen |= attempts > 0;
            self.let_go(&mut state, held);
        }
        self.tidy(&mut state);
    }

    /// Something came for one that is closed.
    pub(super) fn refuse(&self, state: &mut State, message: &Publish) {
        let held = self.held(message);
        self.let_go(state, held);
        self.tidy(state);
    }

    /// It was closed while this came, or so much waits that QoS 0 has no room.
    pub(super) fn not_offered(&self, tag: u64) {
        let mut state = self.state.lock();
        if let Some(held) = state.unsettled.remove(&tag)
            && held.qos != QoS::AtMostOnce
        {
            self.let_go(&mut state, held);
        }
        self.tidy(&mut state);
    }

    /// The broker keeps what it hears nothing of, for a durable subscription; others have nobody who would get it.
    fn let_go(&self, state: &mut State, held: Held) {
        if self.handover.is_some() {
            state.left.push(held);
        }
    }

    /// What was held may have been the last of it.
    pub(super) fn tidy(&self, state: &mut State) {
        let is_needed = state.unsettled.is_empty() || !state.left.is_empty();
        if !state.is_closed || state.is_over || state.is_leaving || !is_needed {
            return;
        }
        if self.handover.is_none() {
            state.is_over = true;
            self.link.begin_close();
        } else if let Some(this) = self.this.upgrade() {
            state.is_leaving = true;
            self.runtime.spawn(async move { this.hand_over_all().await });
        }
    }

    /// Until there is nothing left, at the broker either; then the link ends, unless something is still held. Ends with the
    /// link at the latest.
    async fn hand_over_all(&self) {
        let filters = [Some(self.filter.as_str()), self.handover.as_ref().map(Handover::filter)];
        for filter in filters.into_iter().flatten() {
            self.ask(filter).await;
        }
        loop {
            let left = std::mem::take(&mut self.state.lock().left);
            for held in left {
                self.hand_over(held).await;
            }
            // With each acknowledgement the broker may send what it had kept back. It has when it answers this.
            let is_up = self.ask(NOTHING).await;
            let mut state = self.state.lock();
            if is_up && !state.left.is_empty() {
                continue;
            }
            state.is_leaving = false;
            if state.unsettled.is_empty() {
                state.is_over = true;
                self.link.begin_close();
            }
            return;
        }
    }

    /// Whether somebody answers.
    async fn ask(&self, filter: &str) -> bool {
        let filter = filter.to_owned();
        self.link.ask(Request::Unsubscribe { filter }).await.is_ok()
    }

    /// Publishes a message to the other members, and only then acknowledges it.
    async fn hand_over(&self, held: Held) {
        let handover = self.handover.as_ref().zip(held.message);
        let Some((handover, message)) = handover else { return };
        let onward = handover.send(message, held.is_seen, &self.topic, self.link.greeting().max_qos);
        let is_sent = self.link.ask(Request::Publish(Box::new(onward))).await.is_ok();
        if is_sent && held.qos != QoS::AtMostOnce {
            self.link.acknowledge(held.id, held.qos);
        }
    }
}
