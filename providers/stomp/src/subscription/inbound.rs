//! What comes from the broker.

use anymq_api::{
    Error,
    spi::{Delivery, DeliveryToken},
};
use anymq_wire::Local;

use super::{State, Subscription, Unsettled};
use crate::{codec, frame::Frame, link::Recipient};

impl Subscription {
    fn delivery(&self, state: &mut State, frame: &Frame) -> Option<Delivery> {
        let headers = &frame.headers;
        let window = headers.get("subscription")?.parse().ok()?;
        let ack = headers.find("ack").or_else(|| headers.find("message-id"))?.clone();
        let redelivered = headers.get("redelivered") == Some("true");
        let count = if redelivered { 2 } else { 1 };
        let is_own = |local: &Local| codec::origin(headers).is_some_and(|origin| local.sent(origin));
        let local = self.local.as_ref().is_some_and(is_own);
        let envelope = codec::decode(frame, &self.spec.destination, self.link.names());
        state.windows.receive(window);
        let tag = state.ledger.enter(Unsettled {
            ack,
            window,
            envelope: envelope.clone(),
            count,
        });
        Some(Delivery {
            envelope,
            token: DeliveryToken {
                epoch: self.link.epoch(),
                subscription: self.spec.id,
                tag,
            },
            redelivered,
            count,
            local,
        })
    }
}

impl Recipient for Subscription {
    fn message(&self, frame: Frame) {
        let mut state = self.state.lock();
        let Some(delivery) = self.delivery(&mut state, &frame) else {
            return;
        };
        if state.is_closed {
            state.ledger.give_back(delivery.token.tag);
            if state.is_parking {
                self.return_rest(&mut state);
            }
        } else if state.credit > 0
            && let Some(sink) = &state.sink
        {
            // Under the lock, so that nothing is pushed after the credit was taken back; a sink never calls back.
            sink.push(delivery);
            state.credit -= 1;
        } else {
            state.waiting.push_back(delivery);
        }
    }

    /// Of a queue that is deleted the messages are gone, too.
    fn ended(&self, error: &Error) {
        let mut state = self.state.lock();
        let windows = state.windows.take(std::iter::empty());
        drop(state);
        for id in windows {
            self.link.forget(id);
        }
        self.end_with_link(error);
    }
}
