use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anymq_api::{Address, BoxError, Capability, ConnectOptions, ConnectionFactory, DestinationKind};
use anymq_in_vm::{InVmBroker, InVmBrokerBuilder, InVmDriver, User, store::MemoryStore};
use async_trait::async_trait;

use super::MAX_MESSAGE_SIZE;
use crate::{
    checklist::Ability,
    fault::{Faulty, Holdings, Script},
    harness::{Harness, Timing, Undeclared},
    link::{CuttableDriver, Linked, Malformed},
    restart::{InVmRestarts, Restartable},
};

const USER: &str = "conformance";
const PASSWORD: &str = "in-vm";

/// The in-VM reference broker, one for each run; it ends with it.
#[derive(Debug)]
pub(super) struct InVm {
    broker: InVmBroker,
    name: String,
    factory: Arc<dyn ConnectionFactory>,
}

pub(super) fn start() -> Result<InVm, BoxError> {
    let name = fresh_name();
    let broker = builder().build_named(&name)?;
    let factory = anymq::connection_factory(&url(&name, PASSWORD))?;
    Ok(InVm { broker, name, factory })
}

fn fresh_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("conformance-{}-{number}", std::process::id())
}

fn builder() -> InVmBrokerBuilder {
    let user = User::new(USER, PASSWORD).with_full_access();
    let builder = InVmBroker::builder().with_user(user);
    builder.with_max_message_size(MAX_MESSAGE_SIZE)
}

/// Costs nothing, so everybody gets one of his own.
fn restartable() -> Result<Restartable, BoxError> {
    let broker = InVmRestarts::begin(fresh_name(), Arc::new(MemoryStore::default()), builder)?;
    Ok(Restartable {
        factory: anymq::connection_factory(&url(broker.name(), PASSWORD))?,
        broker: Box::new(broker),
        downtime: Duration::ZERO,
    })
}

fn url(name: &str, password: &str) -> String {
    format!("vm://{USER}:{password}@{name}")
}

impl Drop for InVm {
    fn drop(&mut self) {
        self.broker.shutdown();
    }
}

#[async_trait]
impl Harness for InVm {
    fn target(&self) -> &'static str {
        "in-vm"
    }

    fn factory(&self) -> Arc<dyn ConnectionFactory> {
        Arc::clone(&self.factory)
    }

    fn timing(&self) -> Timing {
        Timing::new(Duration::from_millis(150))
    }

    fn undeclared(&self) -> Option<&'static [Undeclared]> {
        Some(anymq_in_vm::UNDECLARED)
    }

    fn abilities(&self) -> &'static [Ability] {
        &[
            Ability::AdminClientId,
            Ability::BadCredentials,
            Ability::KillLink,
            Ability::Limits,
            Ability::RestartBroker,
        ]
    }

    async fn with_link(&self) -> Option<Result<Linked, BoxError>> {
        let driver = CuttableDriver::new(InVmDriver::new(&*self.name));
        Some(Ok(driver.linked(ConnectOptions::new().with_credentials(USER, PASSWORD))))
    }

    async fn with_faults(&self, script: &Arc<Script>) -> Option<Result<Faulty, BoxError>> {
        let driver = CuttableDriver::new(InVmDriver::new(&*self.name)).with_script(Arc::clone(script));
        Some(Ok(Faulty {
            driver: Arc::new(driver),
            others: Vec::new(),
            options: ConnectOptions::new().with_credentials(USER, PASSWORD),
            carrier: None,
        }))
    }

    async fn holdings(&self) -> Option<Result<Holdings, BoxError>> {
        let stats = self.broker.stats();
        Some(Ok(Holdings {
            connections: stats.connections,
            sessions: stats.sessions,
            consumers: stats.consumers,
            temporary: stats.temporary_destinations,
            subscriptions: stats.durable_subscriptions,
            messages: stats.ready + stats.delayed + stats.unsettled,
        }))
    }

    async fn restartable(&self) -> Option<Result<Restartable, BoxError>> {
        Some(restartable())
    }

    /// Without a store nothing outlives a broker.
    fn promised_by_restartable(&self) -> &'static [Capability] {
        &[Capability::Persistence]
    }

    fn malformed(&self) -> Malformed {
        Malformed::NoBytes
    }

    fn max_message_size(&self) -> Option<NonZeroUsize> {
        Some(MAX_MESSAGE_SIZE)
    }

    fn with_bad_credentials(&self) -> Option<Arc<dyn ConnectionFactory>> {
        anymq::connection_factory(&url(&self.name, "wrong")).ok()
    }

    fn with_configured_client_id(&self, client_id: &str) -> Option<Arc<dyn ConnectionFactory>> {
        let url = format!("{}?client-id={client_id}", url(&self.name, PASSWORD));
        anymq::connection_factory(&url).ok()
    }

    fn dead_letters(&self, _destination: &Address) -> Option<Address> {
        Address::new(DestinationKind::Queue, "DLQ").ok()
    }

    fn has_foreign_clients(&self) -> bool {
        false
    }
}
