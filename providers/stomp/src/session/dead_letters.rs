//! What is given up: it goes to the dead letters in one transaction with its acknowledgement.

use std::sync::Arc;

use anymq_api::{Error, spi::RejectReason};
use tokio::sync::watch;

use super::{Shared, transaction::Transaction};
use crate::{
    codec,
    frame::Command,
    subscription::{Subscription, Unsettled},
};

/// How many are on their way to the dead letters.
#[derive(Default)]
pub(super) struct Burials(watch::Sender<usize>);

impl Burials {
    fn begin(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    fn end(&self) {
        self.0.send_modify(|count| *count -= 1);
    }

    /// Waits until none is.
    pub(super) async fn done(&self) {
        // The sender is this one's own.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// One delivery that goes to the dead letters.
struct Burial {
    shared: Arc<Shared>,
    subscription: Arc<Subscription>,
    tag: u64,
    dead: Unsettled,
}

impl Shared {
    /// The delivery counts as held until it is there. Where that fails it stays with its subscription, and comes again when
    /// that ends: better twice than lost.
    pub(super) fn bury(
        self: &Arc<Self>,
        subscription: &Arc<Subscription>,
        tag: u64,
        attempts: u32,
        reason: RejectReason,
    ) {
        let Some(dead) = subscription.held(tag) else { return };
        let link = subscription.link();
        let attempts = dead.count.saturating_sub(1).saturating_add(attempts);
        let letter = anymq_wire::dead_letter(&dead.envelope, attempts, reason, &self.dead_letters);
        let frame = match codec::encode(&letter, link.names(), None) {
            Ok(frame) => frame,
            Err(error) => {
                subscription.keep_back(tag);
                return link.report(error.with_operation("dead-letter"));
            }
        };
        self.burials.begin();
        let transaction = Transaction::begin(link);
        transaction.send(frame, self.gate.enter());
        let burial = Burial {
            shared: Arc::clone(self),
            subscription: Arc::clone(subscription),
            tag,
            dead,
        };
        if !link.dialect().answers_within_transactions() {
            return burial.commit(&transaction);
        }
        let ending = Arc::clone(&transaction);
        transaction.when_answered(Box::new(move |failure| match failure {
            None => burial.commit(&ending),
            Some(cause) => {
                ending.abort(Box::new(drop));
                burial.end(Some(cause));
            }
        }));
    }
}

impl Burial {
    fn commit(self, transaction: &Arc<Transaction>) {
        let link = transaction.link();
        transaction.submit(&link.settlement(Command::Ack, &self.dead, Some(transaction.id())));
        transaction.commit(Box::new(move |failure| self.end(failure)));
    }

    fn end(self, failure: Option<Error>) {
        let (shared, subscription) = (self.shared, self.subscription);
        match failure {
            None => drop(subscription.take(self.tag)),
            Some(cause) => {
                subscription.keep_back(self.tag);
                let error = cause.with_operation("dead-letter").with_resource(&shared.dead_letters);
                subscription.link().report(error);
            }
        }
        shared.tidy();
        shared.burials.end();
    }
}
