//! Where a driver's deliveries and events enter the kernel.

use std::sync::{Arc, OnceLock, Weak};

use parking_lot::Mutex;

use super::{
    arrivals::{Arrivals, Wake},
    connection::ConnectionCore,
    deliveries::Deliveries,
    failover::{Interruption, Restoration, Watcher},
};
use crate::{
    Error, Event,
    event::EventHub,
    spi::{Delivery, DeliverySink, DriverEvent, EventSink, SubscriptionId, Unsettled},
};

/// The sink of one subscription.
pub(crate) struct ConsumerSink {
    pub(crate) deliveries: Arc<Deliveries>,
    pub(crate) arrivals: Arc<Arrivals>,
    pub(crate) consumer: SubscriptionId,
    pub(crate) events: Arc<EventHub>,
    pub(crate) destination: crate::Address,
}

impl DeliverySink for ConsumerSink {
    fn push(&self, delivery: Delivery) {
        if self.arrivals.push(delivery) == Wake::Dispatcher {
            self.deliveries.arrived(self.consumer);
        }
    }

    fn push_all(&self, deliveries: &mut Vec<Delivery>) {
        if self.arrivals.push_all(deliveries) == Wake::Dispatcher {
            self.deliveries.arrived(self.consumer);
        }
    }

    fn ended(&self, error: Error, unsettled: Unsettled) {
        self.deliveries.end(self.consumer, &error, unsettled);
        self.events.publish(&Event::ConsumerEnded {
            destination: self.destination.clone(),
            error,
        });
    }
}

/// What a connection is told.
#[derive(Debug)]
pub(crate) enum News {
    Driver(DriverEvent),
    Interrupted(Interruption),
    Restored(Restoration),
}

/// A connection's event sink. Holds the connection weakly: the driver keeps this, and the connection keeps the driver.
#[derive(Default)]
pub(crate) struct ConnectionSink {
    core: OnceLock<Weak<ConnectionCore>>,
    /// What was reported before there was a connection to tell.
    early: Mutex<Vec<News>>,
}

impl ConnectionSink {
    pub(crate) fn attach(&self, core: &Arc<ConnectionCore>) {
        let mut early = self.early.lock();
        let earlier = std::mem::take(&mut *early);
        for news in earlier {
            core.hear(news);
        }
        // At last, so that what comes meanwhile waits behind it. Attached once, right after the connection was made.
        let _ = self.core.set(Arc::downgrade(core));
    }

    fn tell(&self, news: News) {
        if self.core.get().is_none() {
            let mut early = self.early.lock();
            if self.core.get().is_none() {
                return early.push(news);
            }
        }
        if let Some(core) = self.core.get().and_then(Weak::upgrade) {
            core.hear(news);
        }
    }
}

impl EventSink for ConnectionSink {
    fn event(&self, event: DriverEvent) {
        self.tell(News::Driver(event));
    }
}

impl Watcher for ConnectionSink {
    fn interrupted(&self, interruption: Interruption) {
        self.tell(News::Interrupted(interruption));
    }

    fn restored(&self, restoration: Restoration) {
        self.tell(News::Restored(restoration));
    }
}
