//! Faults of what is delivered.

use std::{
    collections::HashMap,
    sync::{Arc, Weak, atomic::Ordering},
};

use anymq_api::{
    Address, Body, Envelope, Message, MessageId, PropertyValue, Result, Timestamp,
    spi::{Delivery, DeliverySink, Done, DriverSubscription, SubscribeSpec},
};
use async_trait::async_trait;
use parking_lot::Mutex;

use crate::{
    decorated::{Session, Sink, Subscription},
    fault::Fault,
};

/// Delivers every fiftieth message of a subscription twice.
#[derive(Debug)]
pub(crate) struct Doubles;

impl Fault for Doubles {
    fn push(&self, sink: &Sink, delivery: Delivery) {
        if sink.pushes.load(Ordering::Relaxed).is_multiple_of(50) {
            sink.inner.push(delivery.clone());
        }
        sink.inner.push(delivery);
    }
}

/// Delivers the 46th message of a subscription before the 45th, where there is credit for both.
#[derive(Debug, Default)]
pub(crate) struct Reverses {
    held: Mutex<HashMap<(u64, u32), Delivery>>,
}

impl Fault for Reverses {
    fn push(&self, sink: &Sink, delivery: Delivery) {
        let key = (sink.session, delivery.token.subscription.0);
        let number = sink.pushes.load(Ordering::Relaxed);
        if number == 45 && sink.prefetch > 1 {
            self.held.lock().insert(key, delivery);
            return;
        }
        sink.inner.push(delivery);
        if let Some(held) = self.held.lock().remove(&key) {
            sink.inner.push(held);
        }
    }
}

/// Says of no message that it was delivered before.
#[derive(Debug)]
pub(crate) struct LosesFlag;

impl Fault for LosesFlag {
    fn push(&self, sink: &Sink, mut delivery: Delivery) {
        delivery.redelivered = false;
        delivery.count = 1;
        sink.inner.push(delivery);
    }
}

/// Flags what comes again, and counts it as the first delivery.
#[derive(Debug)]
pub(crate) struct LosesCount;

impl Fault for LosesCount {
    fn push(&self, sink: &Sink, mut delivery: Delivery) {
        delivery.count = 1;
        sink.inner.push(delivery);
    }
}

/// Delivers each message changed.
#[derive(Debug)]
pub(crate) struct Alters(pub(crate) fn(Envelope) -> Envelope);

impl Fault for Alters {
    fn push(&self, sink: &Sink, mut delivery: Delivery) {
        delivery.envelope = (self.0)(delivery.envelope);
        sink.inner.push(delivery);
    }
}

pub(crate) fn without_correlation_id(envelope: Envelope) -> Envelope {
    envelope.with_message(Message::without_correlation_id)
}

pub(crate) fn without_reply_to(envelope: Envelope) -> Envelope {
    envelope.with_message(Message::without_reply_to)
}

/// As a protocol with one type of integers would.
pub(crate) fn widened(envelope: Envelope) -> Envelope {
    let mut properties = envelope.message().properties().clone();
    for (name, value) in envelope.message().properties() {
        if let PropertyValue::I8(value) = value {
            properties.set_from_wire(name, i32::from(*value));
        }
    }
    envelope.with_message(|message| message.with_properties(properties))
}

/// As a protocol that knows no kinds of body would.
pub(crate) fn without_empty_text(envelope: Envelope) -> Envelope {
    envelope.with_message(|message| match message.as_text() {
        Some("") => message.with_body(Body::Empty),
        _ => message,
    })
}

/// As a protocol whose times are whole seconds would.
pub(crate) fn in_seconds(envelope: Envelope) -> Envelope {
    let cut = |time: Timestamp| Timestamp::from_millis(time.as_millis() / 1000 * 1000);
    envelope.with_headers(|headers| headers.timestamp = headers.timestamp.map(cut))
}

/// As a broker with ids of its own would.
pub(crate) fn renamed(envelope: Envelope) -> Envelope {
    let id = envelope.headers().message_id.as_ref().map(|id| format!("{id}-renamed"));
    envelope.with_headers(|headers| headers.message_id = id.and_then(|id| MessageId::parse(&id).ok()))
}

/// Takes a queue for a topic: every consumer gets every message.
#[derive(Debug, Default)]
pub(crate) struct CopiesToAllConsumers {
    sinks: Mutex<Vec<(Address, Weak<dyn DeliverySink>)>>,
}

#[async_trait]
impl Fault for CopiesToAllConsumers {
    async fn subscribe(
        &self,
        session: &Session,
        spec: SubscribeSpec,
        sink: Arc<dyn DeliverySink>,
    ) -> Result<Arc<dyn DriverSubscription>> {
        let known = (spec.destination.clone(), Arc::downgrade(&sink));
        self.sinks.lock().push(known);
        session.inner.subscribe(spec, sink).await
    }

    fn push(&self, sink: &Sink, delivery: Delivery) {
        // A copy's own push must not make more of them.
        if sink.destination.kind().is_topic() || delivery.token.epoch == COPY {
            return sink.inner.push(delivery);
        }
        let mut copy = delivery.clone();
        copy.token.epoch = COPY;
        let own: *const Sink = sink;
        let sinks = self.sinks.lock();
        let others = sinks.iter().filter(|(address, _)| *address == sink.destination);
        for other in others.filter_map(|(_, other)| other.upgrade()) {
            if !std::ptr::addr_eq(Arc::as_ptr(&other), own) {
                other.push(copy.clone());
            }
        }
        sink.inner.push(delivery);
    }

    fn close_subscription(&self, subscription: &Subscription) -> Done<()> {
        let own = Arc::as_ptr(&subscription.sink);
        self.sinks
            .lock()
            .retain(|(_, sink)| !std::ptr::addr_eq(sink.as_ptr(), own));
        subscription.inner.close()
    }
}

/// An epoch that no broker gives, so that the settlement of a copy is ignored.
const COPY: u32 = u32::MAX;
