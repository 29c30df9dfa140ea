//! Messages on their way to the broker.

use std::sync::Arc;

use anymq_api::{Envelope, Error, Result, Timestamp, spi::Done};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::{Open, Shared, transaction::Transaction};
use crate::{codec, frame::Frame, link::Link};

impl Shared {
    /// Submits one message on behalf of nobody's transaction.
    pub(super) fn send(&self, envelope: &Envelope) -> Done<()> {
        let link = self.link();
        let frame = match frame(envelope, &link) {
            Ok(frame) => frame,
            Err(error) => return Done::ready(Err(error)),
        };
        let (reply, answer) = oneshot::channel();
        let (pass, address) = (self.gate.enter(), envelope.headers().destination.clone());
        let id = envelope.headers().message_id.clone();
        link.submit(
            &frame,
            Box::new(move |outcome| {
                drop(pass);
                let outcome = outcome.map_err(|error| {
                    let error = error.with_resource(address);
                    match id {
                        Some(id) => error.with_message_id(id),
                        None => error,
                    }
                });
                // Whoever gave up waiting does not want to know.
                let _ = reply.send(outcome);
            }),
        );
        Done::pending(async move { answer.await.unwrap_or_else(|_| Err(Error::closed("session"))) })
    }

    /// Submits one message as a part of the open transaction; what becomes of it shows at the end.
    pub(super) fn send_within(&self, envelope: Envelope, open: &Mutex<Open>) -> Done<()> {
        // Now, so that it is told now what cannot be sent.
        let frame = match frame(&envelope, &self.link()) {
            Ok(frame) => frame,
            Err(error) => return Done::ready(Err(error)),
        };
        let mut open = open.lock();
        let transaction = Arc::clone(open.begun.get_or_insert_with(|| Transaction::begin(&self.link())));
        if is_delayed(&envelope) {
            open.delayed.push(envelope);
        } else {
            transaction.send(frame, self.gate.enter());
        }
        Done::ok()
    }
}

/// As it goes over a link.
pub(super) fn frame(envelope: &Envelope, link: &Link) -> Result<Frame> {
    let address = &envelope.headers().destination;
    let origin = address.kind().is_topic().then(|| link.origin().text());
    codec::encode(envelope, link.names(), origin)
}

fn is_delayed(envelope: &Envelope) -> bool {
    let due = envelope.headers().delivery_time;
    due.is_some_and(|due| due > Timestamp::now())
}
