//! The brokers that the process shares by name.
//!
//! A broker stays, with its messages, when its last connection closes: `vm://shop` means the same shop all day. Only
//! [`InVmBroker::shutdown`](super::InVmBroker::shutdown) takes one out.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::Mutex;

use super::{Broker, BrokerOptions};

static BROKERS: Mutex<BTreeMap<String, Arc<Broker>>> = Mutex::new(BTreeMap::new());

/// The broker of this name, made now if there is none.
pub(crate) fn open(name: &str) -> Arc<Broker> {
    let mut brokers = BROKERS.lock();
    if let Some(broker) = brokers.get(name) {
        return Arc::clone(broker);
    }
    let broker = Broker::new(BrokerOptions::named(name));
    brokers.insert(name.to_owned(), Arc::clone(&broker));
    broker
}

/// Gives a new broker its name; `false` when another one has it.
pub(super) fn add(name: &str, broker: &Arc<Broker>) -> bool {
    let mut brokers = BROKERS.lock();
    if brokers.contains_key(name) {
        return false;
    }
    brokers.insert(name.to_owned(), Arc::clone(broker));
    true
}

/// Takes this broker out, but not another one that has got its name since.
pub(super) fn remove(broker: &Arc<Broker>) {
    let Some(name) = &broker.name else { return };
    let mut brokers = BROKERS.lock();
    if brokers.get(name).is_some_and(|known| Arc::ptr_eq(known, broker)) {
        brokers.remove(name);
    }
}
