//! Messages of a transaction for quorum queues, each confirmed by itself before the transaction is committed.
//!
//! `RabbitMQ` answers a commit with `commit-ok` though a quorum queue refused its messages, because it is full or has no leader
//! yet: its channel notes the refusal, and then overwrites the note (`rabbit_channel`, at `tx.commit`).

use anymq_api::{Error, ErrorKind, Result, Retry};
use tokio::sync::oneshot;

use super::{
    command::Outgoing,
    publisher::Publisher,
    transaction::{in_doubt, rolled_back},
};
use crate::error::error;

impl Publisher {
    /// Publishes them and waits for what the broker says of each.
    ///
    /// # Errors
    /// `TransactionRolledBack` when none was taken, `TransactionInDoubt` when some were, or perhaps.
    pub(super) async fn confirm_each(&mut self, messages: Vec<Outgoing>) -> Result<()> {
        if messages.is_empty() {
            return Ok(());
        }
        let publisher = self.confirming().await.map_err(rolled_back)?;
        let mut outcomes = Vec::with_capacity(messages.len());
        for mut message in messages {
            let (reply, outcome) = oneshot::channel();
            message.ticket.reply = Some(reply);
            publisher.publish(message).await;
            outcomes.push(outcome);
        }
        publisher.all_confirmed().await;
        let mut told = Vec::with_capacity(outcomes.len());
        for outcome in outcomes {
            told.push(outcome.await.unwrap_or_else(|_| Err(unknown())));
        }
        judged(told)
    }
}

/// What it means for the transaction.
fn judged(outcomes: Vec<Result<()>>) -> Result<()> {
    let may_be_taken = |outcome: &Result<()>| match outcome {
        Ok(()) => true,
        Err(error) => error.retry() == Retry::MayDuplicate,
    };
    let is_begun = outcomes.iter().any(may_be_taken);
    match outcomes.into_iter().find_map(Result::err) {
        None => Ok(()),
        Some(cause) if is_begun => Err(in_doubt(cause)),
        Some(cause) => Err(rolled_back(cause)),
    }
}

fn unknown() -> Error {
    error(ErrorKind::ConnectionLost, "nobody knows what became of a message").with_retry(Retry::MayDuplicate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(outcomes: Vec<Result<()>>) -> Result<(), ErrorKind> {
        judged(outcomes).map_err(|error| error.kind())
    }

    #[test]
    fn a_transaction_is_undone_as_long_as_nothing_was_taken() {
        let full = || Err(error(ErrorKind::ResourceAllocation, "full").with_retry(Retry::Safe));
        let gone = || Err(error(ErrorKind::InvalidDestination, "gone"));
        assert_eq!(kind(vec![]), Ok(()));
        assert_eq!(kind(vec![Ok(()), Ok(())]), Ok(()));
        assert_eq!(kind(vec![full(), gone()]), Err(ErrorKind::TransactionRolledBack));
        assert_eq!(kind(vec![Ok(()), full()]), Err(ErrorKind::TransactionInDoubt));
        assert_eq!(kind(vec![gone(), Err(unknown())]), Err(ErrorKind::TransactionInDoubt));
    }
}
