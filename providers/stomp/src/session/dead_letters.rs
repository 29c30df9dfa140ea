//! What is given up: it goes to the dead letters in one transaction with its acknowledgement.

use std::sync::Arc;

use anymq_api::spi::RejectReason;

use super::{Shared, transaction::Transaction};
use crate::{codec, frame::Command, subscription::Unsettled};

impl Shared {
    /// Where it fails, the delivery stays with its subscription, and comes again when that ends: better twice than lost.
    pub(super) fn bury(self: &Arc<Self>, dead: Unsettled, attempts: u32, reason: RejectReason) {
        let attempts = dead.count.saturating_sub(1).saturating_add(attempts);
        let letter = anymq_wire::dead_letter(&dead.envelope, attempts, reason, &self.dead_letters);
        let frame = match codec::encode(&letter, self.link.names(), None) {
            Ok(frame) => frame,
            Err(error) => return self.link.report(error.with_operation("dead-letter")),
        };
        let transaction = Transaction::begin(&self.link);
        let frame = frame.with_header("transaction", transaction.id());
        transaction.submit(&self.link, &frame, |_| ());
        let (shared, ending) = (Arc::clone(self), Arc::clone(&transaction));
        transaction.when_answered(Box::new(move |failure| {
            let link = &shared.link;
            let Some(cause) = failure else {
                link.tell(&link.settlement(Command::Ack, &dead, Some(ending.id())));
                drop(link.ask(&ending.frame(Command::Commit)));
                return;
            };
            drop(link.ask(&ending.frame(Command::Abort)));
            link.report(cause.with_operation("dead-letter").with_resource(&shared.dead_letters));
        }));
    }
}
