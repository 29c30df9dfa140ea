use std::sync::Arc;

use anymq_api::{Address, Envelope, Error, MessageId, Result, Timestamp, spi::SubscriptionId};
use anymq_wire::Pass;
use bytes::Bytes;
use lapin::BasicProperties;
use tokio::sync::oneshot;

use crate::{inbound::Inbound, ledger::Frame, name::Route, subscription::Hold};

/// Whoever waits for an outcome; perhaps nobody.
pub(crate) type Reply = oneshot::Sender<Result<()>>;

/// What a session's worker does, in the order of the calls.
#[derive(Debug)]
pub(crate) enum Command {
    Publish(Box<Outgoing>),
    Settle(Arc<Inbound>, Frame),
    /// Moves a delivery to the dead letters.
    Bury(Box<Burial>),
    Commit(Vec<(SubscriptionId, u64)>, Reply),
    Rollback(Reply),
    Flush(Reply),
    /// Transacted: gives back what closed consumers left, if that is possible before the transaction ends.
    GiveBack(Reply),
    /// Answers when every settlement before it is on its way.
    Settled(Reply),
    /// Closes a channel whose subscription is gone and whose deliveries are settled.
    Retire(Arc<Inbound>),
    /// Shows others that nothing is left to settle.
    Release(Hold),
    Close(Reply),
    /// Ends the worker, when what was submitted before is on its way.
    Abandon,
}

/// A delivery that is given up.
#[derive(Debug)]
pub(crate) struct Burial {
    pub(crate) inbound: Arc<Inbound>,
    pub(crate) subscription: SubscriptionId,
    pub(crate) tag: u64,
    pub(crate) letter: Envelope,
}

/// A message to publish.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) address: Address,
    pub(crate) route: Route,
    /// When it is to be delivered, if later than it is sent.
    pub(crate) due: Option<Timestamp>,
    pub(crate) properties: BasicProperties,
    pub(crate) payload: Bytes,
    pub(crate) ticket: Ticket,
}

/// What is left of a message once it is published.
#[derive(Debug)]
pub(crate) struct Ticket {
    pub(crate) message_id: Option<MessageId>,
    pub(crate) reply: Option<Reply>,
    /// Gone when it no longer counts as submitted and not done.
    pub(crate) pass: Option<Pass>,
}

impl Ticket {
    /// It waits for the end of its transaction, and nobody waits for it.
    pub(crate) fn hold(&mut self) {
        let message_id = self.message_id.clone();
        let held = Self {
            message_id,
            reply: None,
            pass: None,
        };
        std::mem::replace(self, held).succeed();
    }

    pub(crate) fn succeed(self) {
        self.answer(Ok(()));
    }

    pub(crate) fn fail(self, error: Error) {
        let error = match &self.message_id {
            Some(id) => error.with_message_id(id.clone()),
            None => error,
        };
        self.answer(Err(error));
    }

    fn answer(self, outcome: Result<()>) {
        drop(self.pass);
        if let Some(reply) = self.reply {
            // Whoever gave up waiting does not want to know.
            let _ = reply.send(outcome);
        }
    }
}
