use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Weak},
    time::Duration,
};

use anymq_api::{
    Capability, DestinationKind, Envelope, Error, ErrorKind, Result,
    spi::{
        DeliverySink, DeliveryToken, Done, DriverSession, DriverSubscription, Outcome, SessionSpec, Settlement,
        SubscribeSpec, SubscriptionId,
    },
};
use anymq_wire::Gate;
use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::{
    codec,
    connection::Shared as Connection,
    error::error,
    link::Link,
    own::Own,
    table::Plain,
    temporary::QueueConsumer,
    wire::{Carriage, Outbound, Version},
};

/// A session: an order of sends over the connection's link, and some subscriptions.
pub(crate) struct MqttSession {
    shared: Arc<Shared>,
}

/// What outlives the handle: whatever was submitted runs to its end.
struct Shared {
    connection: Arc<Connection>,
    settles_promptly: bool,
    gate: Arc<Gate>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    subscriptions: HashMap<SubscriptionId, Settled>,
    is_over: bool,
}

#[derive(Clone)]
enum Settled {
    Own(Arc<Own>),
    Queue(Arc<QueueConsumer>),
    /// Only to be ended with the session.
    Plain(Weak<Plain>),
}

impl MqttSession {
    pub(crate) fn new(connection: &Arc<Connection>, spec: SessionSpec) -> Self {
        Self {
            shared: Arc::new(Shared {
                connection: Arc::clone(connection),
                settles_promptly: spec.settles_promptly,
                gate: Arc::default(),
                state: Mutex::default(),
            }),
        }
    }
}

impl Shared {
    fn send(&self, envelope: &Envelope) -> Done<()> {
        let (links, link) = (&self.connection.links, &self.connection.link);
        let (wanted, most) = (links.config().persistent(), link.greeting().max_qos);
        let persistent = if wanted > most { most } else { wanted };
        let encoded = match links.version() {
            Version::V4(Carriage::Plain) => codec::encode_plain(envelope, persistent),
            Version::V4(Carriage::Envelope) => {
                codec::encode(envelope, links.origin().text(), persistent).and_then(Outbound::sealed)
            }
            Version::V5 => codec::encode(envelope, links.origin().text(), persistent),
        };
        let outbound = match encoded.and_then(|outbound| check_size(outbound, link)) {
            Ok(outbound) => outbound,
            Err(error) => return Done::ready(Err(error)),
        };
        let (reply, answer) = oneshot::channel();
        let (pass, address) = (self.gate.enter(), envelope.headers().destination.clone());
        let id = envelope.headers().message_id.clone();
        link.publish(
            outbound,
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
}

/// In bytes. Source: MQTT 5, section 2.1.4.
const LARGEST_PACKET: u32 = 268_435_455;

/// A broker ends the link at what is larger than it takes.
fn check_size(outbound: Outbound, link: &Link) -> Result<Outbound> {
    let limit = link.greeting().max_packet.unwrap_or(LARGEST_PACKET).min(LARGEST_PACKET);
    let size = codec::packet_size(&outbound);
    if size <= limit.into() {
        return Ok(outbound);
    }
    let detail = format!("a packet of {size} bytes, and the broker takes {limit}");
    Err(error(ErrorKind::ResourceAllocation, detail))
}

impl Shared {
    /// Unless the session has ended meanwhile.
    fn enter(&self, id: SubscriptionId, settled: Settled) -> Result<()> {
        let mut state = self.state.lock();
        if state.is_over {
            drop(state);
            settled.release();
            return Err(Error::closed("session"));
        }
        state.subscriptions.insert(id, settled);
        Ok(())
    }

    /// Opens a subscription with a link of its own, to its end: what has begun at the broker is undone where nobody waits
    /// for it any more.
    async fn open_own(self: &Arc<Self>, spec: SubscribeSpec, sink: Arc<dyn DeliverySink>) -> Result<Arc<Own>> {
        let (reply, answer) = oneshot::channel();
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            let id = spec.id;
            let opened = shared.connection.open_own(spec, shared.settles_promptly, sink).await;
            let entered = opened.and_then(|own| {
                shared.enter(id, Settled::Own(Arc::clone(&own)))?;
                let shared = Arc::clone(&shared);
                Ok(Unclaimed(Some((own, shared))))
            });
            // Whoever gave up waiting has not claimed it.
            let _ = reply.send(entered);
        });
        let opened = answer.await.unwrap_or_else(|_| Err(Error::closed("session")))?;
        opened.claim().ok_or_else(|| Error::closed("session"))
    }

    fn settle(&self, settlement: &Settlement) {
        let tag = settlement.token.tag;
        // Nothing is to be told of plain subscriptions.
        let settled = self
            .state
            .lock()
            .subscriptions
            .get(&settlement.token.subscription)
            .cloned();
        match settled {
            Some(Settled::Own(own)) => match settlement.outcome {
                Outcome::Release { attempts } => own.give_back(tag, attempts),
                Outcome::Accept | Outcome::Reject { .. } => own.settle(tag),
            },
            Some(Settled::Queue(consumer)) => consumer.settle(tag, settlement.outcome),
            Some(Settled::Plain(_)) | None => {}
        }
    }

    /// Forgets the subscriptions that are closed and have nothing left.
    fn tidy(&self) {
        self.state.lock().subscriptions.retain(|_, settled| match settled {
            Settled::Own(own) => !own.is_over(),
            Settled::Queue(consumer) => !consumer.is_over(),
            Settled::Plain(plain) => plain.strong_count() > 0,
        });
    }

    /// Gives back what is held; these have links that are on their way to their end.
    fn end(&self) -> Vec<Arc<Own>> {
        let all = {
            let mut state = self.state.lock();
            state.is_over = true;
            std::mem::take(&mut state.subscriptions)
        };
        let mut own = Vec::new();
        for settled in all.into_values() {
            settled.release();
            if let Settled::Own(ended) = settled {
                own.push(ended);
            }
        }
        own
    }
}

impl Settled {
    fn release(&self) {
        match self {
            Self::Own(own) => own.release(),
            Self::Queue(consumer) => consumer.release(),
            Self::Plain(plain) => {
                if let Some(plain) = plain.upgrade() {
                    plain.abandon();
                }
            }
        }
    }
}

/// A subscription on its way to whoever waits for it; undone where nobody does any more.
struct Unclaimed(Option<(Arc<Own>, Arc<Shared>)>);

impl Unclaimed {
    fn claim(mut self) -> Option<Arc<Own>> {
        self.0.take().map(|(own, _)| own)
    }
}

impl Drop for Unclaimed {
    fn drop(&mut self) {
        if let Some((own, shared)) = self.0.take() {
            own.runtime().clone().spawn(async move {
                shared.connection.undo(&own).await;
                shared.tidy();
            });
        }
    }
}

#[async_trait]
impl DriverSession for MqttSession {
    fn ready(&self) -> Done<()> {
        if self.shared.gate.has_room() {
            return Done::ok();
        }
        let shared = Arc::clone(&self.shared);
        Done::pending(async move {
            shared.gate.room().await;
            Ok(())
        })
    }

    fn send(&self, envelope: Envelope) -> Done<()> {
        self.shared.send(&envelope)
    }

    fn send_batch(&self, envelopes: Vec<Envelope>) -> Done<()> {
        let sent: Vec<_> = envelopes.iter().map(|envelope| self.shared.send(envelope)).collect();
        Done::pending(async move {
            let mut outcome = Ok(());
            for done in sent {
                outcome = outcome.and(done.await);
            }
            outcome
        })
    }

    async fn subscribe(&self, spec: SubscribeSpec, sink: Arc<dyn DeliverySink>) -> Result<Arc<dyn DriverSubscription>> {
        self.shared.tidy();
        let (id, table) = (spec.id, &self.shared.connection.table);
        if spec.destination.kind() == DestinationKind::TemporaryQueue {
            let consumer = table.consume(spec, sink)?;
            self.shared.enter(id, Settled::Queue(Arc::clone(&consumer)))?;
            return Ok(consumer);
        }
        if Own::is_for(&spec) {
            return Ok(self.shared.open_own(spec, sink).await?);
        }
        let plain = table.subscribe(spec, sink).await?;
        self.shared.enter(id, Settled::Plain(Arc::downgrade(&plain)))?;
        Ok(plain)
    }

    fn settle(&self, settlements: &[Settlement]) -> Done<()> {
        let link = &self.shared.connection.link;
        if !link.is_up() {
            return Done::ready(Err(link.ended()));
        }
        for settlement in settlements {
            self.shared.settle(settlement);
        }
        self.shared.tidy();
        Done::ok()
    }

    fn commit(&self, _acknowledged: &[DeliveryToken]) -> Done<()> {
        Done::ready(Err(Error::unsupported(Capability::Transactions)))
    }

    fn rollback(&self) -> Done<()> {
        Done::ready(Err(Error::unsupported(Capability::Transactions)))
    }

    fn flush(&self) -> Done<()> {
        let state = self.shared.state.lock();
        let own = state.subscriptions.values().filter_map(|settled| match settled {
            Settled::Own(own) => Some(Arc::clone(own.link())),
            Settled::Queue(_) | Settled::Plain(_) => None,
        });
        let links: Vec<_> = own.chain([Arc::clone(&self.shared.connection.link)]).collect();
        drop(state);
        let flushed: Vec<_> = links.iter().map(|link| link.flush()).collect();
        Done::pending(async move {
            let mut outcome = Ok(());
            for done in flushed {
                outcome = outcome.and(done.await);
            }
            outcome
        })
    }

    async fn close(&self, deadline: Duration) -> Result<()> {
        let own = self.shared.end();
        let ending = async {
            for ended in own {
                ended.over(Duration::MAX).await;
            }
        };
        let ended = tokio::time::timeout(deadline, ending).await;
        ended.map_err(|_| error(ErrorKind::Timeout, "the session did not end in time"))
    }

    fn abandon(&self) {
        self.shared.end();
    }
}

impl fmt::Debug for MqttSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MqttSession")
            .field("link", &self.shared.connection.link)
            .finish_non_exhaustive()
    }
}

impl Drop for MqttSession {
    fn drop(&mut self) {
        self.abandon();
    }
}
