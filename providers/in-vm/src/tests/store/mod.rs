//! Brokers with a store.

mod balance;
mod failing;
mod recorder;
mod restart;

use std::num::NonZeroUsize;

use anymq_api::{DeliveryMode, Timestamp, spi::SubscriptionKind};

use super::{time::Hand, *};
use crate::store::{Change, MemoryStore, Store};
use recorder::Recorder;

fn broker(store: &Arc<Recorder>) -> InVmBroker {
    InVmBroker::builder().with_store(store.clone()).unwrap().build()
}

fn durable(id: u32, topic: &str) -> SubscribeSpec {
    let mut spec = SubscribeSpec::new(SubscriptionId(id), address(topic), 100);
    spec.kind = SubscriptionKind::Durable { name: "s".to_owned() };
    spec.client_id = Some("till".to_owned());
    spec
}

fn close(it: &Subscribed) {
    now(it.subscription.close()).unwrap();
}

/// Takes all there is.
fn consume(session: &Arc<dyn DriverSession>, id: u32, from: &str) -> Vec<Delivery> {
    let it = subscribe(session, id, from, 1000);
    let got = it.inbox.take();
    settle(session, &got, Outcome::Accept);
    close(&it);
    got
}
