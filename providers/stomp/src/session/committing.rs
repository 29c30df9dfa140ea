//! The end of a transaction.

use std::sync::Arc;

use anymq_api::{
    Error, ErrorKind, Result, Retry,
    spi::{DeliveryToken, Done},
};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::{Open, Shared, sending::frame, transaction::Transaction};
use crate::{
    error::error,
    frame::Command,
    subscription::{Subscription, Unsettled},
};

/// Deliveries that are to be accepted, by their tags.
type Held = Vec<(Arc<Subscription>, u64, Unsettled)>;

/// Whoever waits for the end of a transaction.
type Reply = oneshot::Sender<Result<()>>;

impl Shared {
    /// Accepts these and ends the transaction, when all that is in it has arrived.
    pub(super) fn commit(self: &Arc<Self>, open: &Mutex<Open>, tokens: &[DeliveryToken]) -> Done<()> {
        let held = self.held(tokens);
        let Open { begun, delayed } = std::mem::take(&mut *open.lock());
        let transaction = match (begun, held.is_empty()) {
            (Some(transaction), _) => transaction,
            (None, true) => return Done::ok(),
            (None, false) => Transaction::begin(&self.link()),
        };
        for envelope in delayed {
            match frame(&envelope, transaction.link()) {
                Ok(frame) => transaction.send(frame, self.gate.enter()),
                Err(error) => {
                    transaction.abort(Box::new(drop));
                    return Done::ready(Err(undone(error)));
                }
            }
        }
        let (reply, answer) = oneshot::channel();
        if transaction.link().dialect().answers_within_transactions() {
            let shared = Arc::clone(self);
            let ending = Arc::clone(&transaction);
            transaction.when_answered(Box::new(move |failure| {
                shared.accept_within(&ending, held, failure, reply);
            }));
        } else {
            // The broker looks at what is in it only now, and has no way to undo a part of it.
            accept_all(&transaction, &held);
            let shared = Arc::clone(self);
            transaction.commit(Box::new(move |failure| shared.finish(&held, failure, in_doubt, reply)));
        }
        Done::pending(async move { answer.await.unwrap_or_else(|_| Err(Error::closed("session"))) })
    }

    /// The second step, when the sends have arrived: an acknowledgement can be given once only, so it comes late.
    fn accept_within(
        self: Arc<Self>,
        transaction: &Arc<Transaction>,
        held: Held,
        failure: Option<Error>,
        reply: Reply,
    ) {
        if failure.is_none() {
            accept_all(transaction, &held);
        }
        let ending = Arc::clone(transaction);
        transaction.when_answered(Box::new(move |later| match failure.or(later) {
            // The third step, when all is there.
            None => ending.commit(Box::new(move |failure| self.finish(&held, failure, of_commit, reply))),
            Some(cause) => {
                ending.abort(Box::new(drop));
                // Whoever gave up waiting does not want to know.
                let _ = reply.send(Err(undone(cause)));
            }
        }));
    }

    fn finish(&self, held: &Held, failure: Option<Error>, judge: fn(Error) -> Error, reply: Reply) {
        if failure.is_none() {
            for (subscription, tag, _) in held {
                subscription.take(*tag);
            }
            self.tidy();
        }
        // Whoever gave up waiting does not want to know.
        let _ = reply.send(failure.map_or(Ok(()), |cause| Err(judge(cause))));
    }

    /// What these tokens stand for, as far as it is unsettled.
    fn held(&self, tokens: &[DeliveryToken]) -> Held {
        let mut held = Vec::with_capacity(tokens.len());
        for token in tokens {
            if let Some(subscription) = self.subscription(token.subscription)
                && let Some(unsettled) = subscription.held(token.tag)
            {
                held.push((subscription, token.tag, unsettled));
            }
        }
        held
    }
}

fn accept_all(transaction: &Arc<Transaction>, held: &Held) {
    for (_, _, unsettled) in held {
        let link = transaction.link();
        transaction.submit(&link.settlement(Command::Ack, unsettled, Some(transaction.id())));
    }
}

fn undone(cause: Error) -> Error {
    error(
        ErrorKind::TransactionRolledBack,
        format!("a part of it failed: {}", cause.detail()),
    )
    .with_retry(Retry::Safe)
    .with_source(cause)
}

/// Whether it was carried out is not known when the link was lost; what the broker refuses it undoes.
fn of_commit(cause: Error) -> Error {
    if cause.kind() == ErrorKind::ConnectionLost {
        return cause.with_retry(Retry::MayDuplicate);
    }
    undone(cause)
}

/// What never left was not carried out. Of all else a part may have been: the broker carries out one after the other, up to
/// what it refuses.
fn in_doubt(cause: Error) -> Error {
    if cause.kind() != ErrorKind::ConnectionLost && cause.retry() == Retry::Safe {
        return undone(cause);
    }
    cause.with_retry(Retry::MayDuplicate)
}
