//! The plain subscriptions of a connection, which share its link.

use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use anymq_api::{
    Address, ErrorKind, Result,
    spi::{DeliverySink, Done, DriverSubscription, SubscribeSpec},
};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::{
    codec::{Names, decode, with_one_separator},
    delivering::Delivering,
    error::{error, lost},
    link::{Link, Recipient},
    links::Links,
    outlet::Outlet,
    parcel::Parcel,
    temporary::{QueueConsumer, TemporaryQueue},
    topics::{Farewell, Topics},
    wire::{Failure, Publish, QoS, Request},
};

/// Who consumes from which topic.
pub(crate) struct Table {
    links: Arc<Links>,
    /// The connection's own.
    link: OnceLock<Arc<Link>>,
    topics: Mutex<Topics>,
    queues: Mutex<HashMap<String, Arc<TemporaryQueue>>>,
    /// Far too much waited for the consumers of the last message.
    is_behind: AtomicBool,
}

impl Table {
    /// For a link that is still to come.
    pub(crate) fn new(links: Arc<Links>) -> Arc<Self> {
        Arc::new(Self {
            links,
            link: OnceLock::new(),
            topics: Mutex::default(),
            queues: Mutex::default(),
            is_behind: AtomicBool::new(false),
        })
    }

    pub(crate) fn serve(&self, link: &Arc<Link>) {
        // Once.
        let _ = self.link.set(Arc::clone(link));
    }

    fn link(&self) -> Result<&Arc<Link>> {
        self.link.get().ok_or_else(|| lost("the link is not there yet"))
    }

    /// Subscribes. Dropping the future ends it.
    pub(crate) async fn subscribe(
        self: &Arc<Self>,
        spec: SubscribeSpec,
        sink: Arc<dyn DeliverySink>,
    ) -> Result<Arc<Plain>> {
        let plain = Arc::new(Plain {
            table: Arc::downgrade(self),
            filter: Names::filter(&spec.destination),
            delivering: Delivering::new(spec, self.links.origin()),
            outlet: Outlet::new(sink),
        });
        let guard = RemoveOnDrop(&plain);
        // There before the broker hears of it: what it sends at once finds it.
        self.topics.lock().enter(&plain);
        // Also where another one has that topic already: the answer says that it is there.
        let filter = plain.filter.clone();
        let qos = QoS::AtLeastOnce;
        self.link()?.ask(Request::Subscribe { filter, qos }).await?;
        std::mem::forget(guard);
        Ok(plain)
    }

    /// Makes a temporary queue. Dropping the future may leave it.
    pub(crate) async fn create_queue(&self, address: &Address) -> Result<()> {
        let filter = Names::filter(address);
        let queue = TemporaryQueue::new(address.clone());
        self.queues.lock().insert(key(&filter), queue);
        let qos = QoS::AtLeastOnce;
        let key = key(&filter);
        let asked = self.link()?.ask(Request::Subscribe { filter, qos }).await;
        if asked.is_err() {
            self.queues.lock().remove(&key);
        }
        asked
    }

    /// Deletes one, with what it holds.
    pub(crate) async fn delete_queue(&self, address: &Address) -> Result<()> {
        let filter = Names::filter(address);
        if let Some(queue) = self.queues.lock().remove(&key(&filter)) {
            queue.clear();
        }
        self.link()?.ask(Request::Unsubscribe { filter }).await
    }

    /// Consumes from one.
    pub(crate) fn consume(&self, spec: SubscribeSpec, sink: Arc<dyn DeliverySink>) -> Result<Arc<QueueConsumer>> {
        let queue = self.queues.lock().get(&key(&Names::filter(&spec.destination))).cloned();
        let gone =
            || error(ErrorKind::InvalidDestination, "the temporary queue is gone").with_resource(&spec.destination);
        let queue = queue.ok_or_else(gone)?;
        Ok(queue.consume(Delivering::new(spec, self.links.origin()), sink))
    }

    /// Takes one out. The topic's last one takes the topic along; done when the broker has heard of it.
    fn remove(&self, plain: &Plain) -> Done<()> {
        let (reply, answer) = oneshot::channel();
        let mut topics = self.topics.lock();
        let (Some(Farewell { leaving, alike }), Some(link)) = (topics.leave(plain), self.link.get()) else {
            return Done::ok();
        };
        let (filter, left) = (plain.filter.clone(), plain.filter.clone());
        // Under the lock, so that the next one's SUBSCRIBE comes after it. Whoever gave up waiting does not want to know.
        link.submit(
            Request::Unsubscribe { filter },
            Box::new(move |outcome| {
                leaving.left(&left);
                drop(reply.send(outcome));
            }),
        );
        for filter in alike {
            let qos = QoS::AtLeastOnce;
            link.submit(Request::Subscribe { filter, qos }, Box::new(drop));
        }
        drop(topics);
        Done::pending(async move {
            // With the link it ended, too.
            let _ = answer.await;
            Ok(())
        })
    }
}

impl Recipient for Table {
    fn message(&self, message: Publish) {
        let parcel = self.link.get().and_then(|link| Parcel::new(link, &message));
        let Ok(topic) = std::str::from_utf8(&message.topic) else {
            return;
        };
        // What was kept for whoever comes was sent when no consumer was there.
        let is_new = !message.retain;
        let members = if is_new {
            self.topics.lock().of(topic)
        } else {
            Vec::new()
        };
        let queue = self
            .queues
            .lock()
            .get(&*with_one_separator(topic))
            .filter(|_| is_new)
            .cloned();
        // Whoever has no credit does not close the broker's window to all others, unless far too much waits.
        let is_behind = queue.as_ref().is_some_and(|queue| queue.is_behind())
            || members.iter().any(|member| member.outlet.is_behind());
        self.is_behind.store(is_behind, Ordering::Relaxed);
        let parcel = parcel.filter(|_| is_behind).map(Arc::new);
        let mut envelope = None;
        for member in &members {
            let source = &member.delivering.spec().destination;
            let envelope = envelope.get_or_insert_with(|| decode(&message, source)).clone();
            let envelope = envelope.with_headers(|headers| headers.destination = source.clone());
            let delivery = member.delivering.delivery(&message, envelope);
            let _ = member.outlet.offer(delivery, parcel.clone(), message.qos);
        }
        if let Some(queue) = queue {
            queue.put(message, parcel);
        }
    }

    fn keeps_up(&self) -> bool {
        !self.is_behind.load(Ordering::Relaxed)
    }

    fn lost(&self, failure: &Failure) {
        self.links.lost(&failure.error);
    }
}

/// Of a temporary queue, whose names are like no other's.
fn key(filter: &str) -> String {
    with_one_separator(filter).into_owned()
}

/// A consumer of a topic.
pub(crate) struct Plain {
    table: Weak<Table>,
    filter: String,
    delivering: Delivering,
    outlet: Outlet<Option<Arc<Parcel>>>,
}

impl Plain {
    pub(crate) fn filter(&self) -> &str {
        &self.filter
    }

    fn leave(&self) -> Done<()> {
        drop(self.outlet.close());
        self.table.upgrade().map_or_else(Done::ok, |table| table.remove(self))
    }
}

impl DriverSubscription for Plain {
    fn grant_credit(&self, credit: u32) {
        self.outlet.grant(credit);
    }

    fn stop_delivery(&self) -> Done<()> {
        self.outlet.stop();
        Done::ok()
    }

    fn close(&self) -> Done<()> {
        self.leave()
    }

    fn abandon(&self) {
        drop(self.leave());
    }
}

impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plain")
            .field("filter", &self.filter)
            .finish_non_exhaustive()
    }
}

/// Ends a subscription that nobody waits for any more.
struct RemoveOnDrop<'a>(&'a Plain);

impl Drop for RemoveOnDrop<'_> {
    fn drop(&mut self) {
        drop(self.0.leave());
    }
}
