mod command;
mod flights;
mod giving_back;
mod lost;
mod oversize;
mod publisher;
mod returns;
mod shared;
mod transaction;
mod unsure;
mod worker;

pub(crate) use shared::Shared;

use std::{fmt, sync::Arc, time::Duration};

use anymq_api::{
    Capability, Envelope, Error, ErrorKind, MessageId, Result, Retry,
    spi::{DeliverySink, DeliveryToken, Done, DriverSession, DriverSubscription, Settlement, SubscribeSpec},
};
use anymq_wire::Gate;
use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use self::{
    command::{Command, Outgoing, Ticket},
    publisher::Publisher,
    worker::Worker,
};
use crate::{
    codec, delay, direct_reply,
    error::error,
    link::{Link, Working},
    name::Route,
    subscription::AmqpSubscription,
    topology::Topology,
};

/// A session: a channel for what it sends, and one for each subscription; in a transacted session all on one.
pub(crate) struct AmqpSession {
    link: Arc<Link>,
    shared: Arc<Shared>,
    gate: Arc<Gate>,
}

impl AmqpSession {
    pub(crate) async fn open(link: Arc<Link>, transacted: bool) -> Result<Self> {
        let publisher = if transacted {
            Publisher::transacted(Arc::clone(&link)).await?
        } else {
            Publisher::confirmed(Arc::clone(&link)).await?
        };
        let (submitter, commands) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared::new(Arc::clone(&link), submitter, publisher.inbound().cloned()));
        let worker = Worker {
            link: Arc::clone(&link),
            shared: Arc::clone(&shared),
            commands,
            publisher,
            working: Working::new(&link),
        };
        tokio::spawn(worker.run());
        Ok(Self {
            link,
            shared,
            gate: Arc::default(),
        })
    }

    /// Submits something whose outcome somebody may wait for.
    fn submit(&self, command: impl FnOnce(command::Reply) -> Command) -> Done<()> {
        let (reply, outcome) = oneshot::channel();
        match self.shared.submit(command(reply)) {
            Ok(()) => self.wait(outcome, None),
            Err(_) => Done::ready(Err(self.gone(None))),
        }
    }

    fn wait(&self, outcome: oneshot::Receiver<Result<()>>, message: Option<MessageId>) -> Done<()> {
        let link = Arc::clone(&self.link);
        Done::pending(async move {
            // Unanswered, because the session was abandoned: nobody knows what became of it.
            outcome.await.unwrap_or_else(|_| Err(gone(&link, message)))
        })
    }

    fn gone(&self, message: Option<MessageId>) -> Error {
        gone(&self.link, message)
    }

    /// Prepares a message and submits it. In a transaction nobody has to wait, unless the queue may not exist yet.
    fn send_one(&self, envelope: &Envelope) -> Result<Done<()>> {
        let address = envelope.headers().destination.clone();
        direct_reply::check_request(envelope)?;
        let route = Route::to(&address)?;
        let origin = address.kind().is_topic().then(|| self.link.origin.text());
        let (properties, payload) = codec::encode_from(envelope, self.link.frame_max(), origin)?;
        let onward = || Topology::onward(&self.link, &address, &route);
        let due = delay::due(envelope.headers(), onward)?;
        if let Some(transaction) = self.shared.transaction() {
            transaction.usable(&self.link)?;
        }
        let waits = !self.shared.is_transacted() || !self.link.topology.knows(&address);
        let (reply, outcome) = oneshot::channel();
        let message_id = envelope.headers().message_id.clone();
        let outgoing = Outgoing {
            address,
            route,
            due,
            properties,
            payload,
            ticket: Ticket {
                message_id: message_id.clone(),
                reply: waits.then_some(reply),
                pass: Some(self.gate.enter()),
            },
        };
        if self.shared.submit(Command::Publish(Box::new(outgoing))).is_err() {
            return Err(self.gone(message_id).with_retry(Retry::Safe));
        }
        Ok(if waits {
            self.wait(outcome, message_id)
        } else {
            Done::ok()
        })
    }
}

fn gone(link: &Link, message: Option<MessageId>) -> Error {
    let error = if link.is_up() {
        Error::closed("session")
    } else {
        link.ended()
    };
    let error = error.with_retry(Retry::MayDuplicate);
    match message {
        Some(id) => error.with_message_id(id),
        None => error,
    }
}

/// What a subscription asks for that is not declared.
fn lacking(spec: &SubscribeSpec) -> Option<Capability> {
    let selects = spec.selector.is_some() && spec.destination.kind().is_queue();
    selects.then_some(Capability::QueueSelectors)
}

#[async_trait]
impl DriverSession for AmqpSession {
    fn ready(&self) -> Done<()> {
        if self.gate.has_room() && !self.link.is_blocked() {
            return Done::ok();
        }
        let (link, gate) = (Arc::clone(&self.link), Arc::clone(&self.gate));
        Done::pending(async move {
            while link.is_blocked() || !gate.has_room() {
                link.unblocked().await;
                gate.room().await;
            }
            Ok(())
        })
    }

    fn send(&self, envelope: Envelope) -> Done<()> {
        self.send_one(&envelope).unwrap_or_else(|error| Done::ready(Err(error)))
    }

    fn send_batch(&self, envelopes: Vec<Envelope>) -> Done<()> {
        let sent: Vec<_> = envelopes.into_iter().map(|envelope| self.send(envelope)).collect();
        Done::pending(async move {
            let mut outcome = Ok(());
            for done in sent {
                outcome = outcome.and(done.await);
            }
            outcome
        })
    }

    async fn subscribe(&self, spec: SubscribeSpec, sink: Arc<dyn DeliverySink>) -> Result<Arc<dyn DriverSubscription>> {
        if let Some(capability) = lacking(&spec) {
            return Err(Error::unsupported(capability));
        }
        let subscription = AmqpSubscription::open(&self.link, &self.shared, spec, sink).await?;
        Ok(Arc::new(subscription))
    }

    fn settle(&self, settlements: &[Settlement]) -> Done<()> {
        Done::ready(self.shared.settle(settlements))
    }

    fn commit(&self, acknowledged: &[DeliveryToken]) -> Done<()> {
        let tokens = acknowledged
            .iter()
            .map(|token| (token.subscription, token.tag))
            .collect();
        self.submit(|reply| Command::Commit(tokens, reply))
    }

    fn rollback(&self) -> Done<()> {
        self.submit(Command::Rollback)
    }

    fn flush(&self) -> Done<()> {
        self.submit(Command::Flush)
    }

    async fn close(&self, deadline: Duration) -> Result<()> {
        let (reply, closed) = oneshot::channel();
        if self.shared.submit(Command::Close(reply)).is_err() {
            return Ok(());
        }
        match tokio::time::timeout(deadline, closed).await {
            // Abandoned meanwhile: it is closed.
            Ok(outcome) => outcome.unwrap_or(Ok(())),
            Err(_) => Err(error(ErrorKind::Timeout, "the session did not end in time")),
        }
    }

    fn abandon(&self) {
        self.shared.abandon();
    }
}

impl fmt::Debug for AmqpSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AmqpSession")
            .field("link", &self.link)
            .field("transacted", &self.shared.is_transacted())
            .finish_non_exhaustive()
    }
}

impl Drop for AmqpSession {
    fn drop(&mut self) {
        self.shared.abandon();
    }
}
