//! Where a driver's deliveries and events enter the kernel.

use std::sync::{Arc, OnceLock, Weak};

use super::{
    arrivals::{Arrivals, Wake},
    connection::ConnectionCore,
    deliveries::Deliveries,
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

    fn ended(&self, error: Error, unsettled: Unsettled) {
        self.deliveries.end(self.consumer, &error, unsettled);
        self.events.publish(&Event::ConsumerEnded {
            destination: self.destination.clone(),
            error,
        });
    }
}

/// A connection's event sink. Holds the connection weakly: the driver keeps this, and the connection keeps the driver.
#[derive(Default)]
pub(crate) struct ConnectionSink {
    core: OnceLock<Weak<ConnectionCore>>,
}

impl ConnectionSink {
    pub(crate) fn attach(&self, core: &Arc<ConnectionCore>) {
        // Attached once, right after the connection was made.
        let _ = self.core.set(Arc::downgrade(core));
    }
}

impl EventSink for ConnectionSink {
    fn event(&self, event: DriverEvent) {
        if let Some(core) = self.core.get().and_then(Weak::upgrade) {
            core.on_event(event);
        }
    }
}
