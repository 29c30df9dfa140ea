//! A driver brought to be judged.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anymq_api::{BoxError, Capability, ConnectOptions, ConnectionFactory, kernel, spi::Driver};
use anymq_conformance::{
    checklist::Ability,
    harness::{Harness, Timing},
    restart::{InVmRestarts, Restartable},
};
use anymq_in_vm::{InVmBroker, InVmDriver};
use async_trait::async_trait;

use crate::{
    decorated::{Extent, FaultyDriver},
    fault::Fault,
};

#[derive(Debug)]
pub(crate) struct Faulty {
    name: &'static str,
    driver: Arc<dyn Driver>,
    fault: Arc<dyn Fault>,
    extent: Extent,
    timing: Timing,
}

impl Faulty {
    pub(crate) fn new(name: &'static str, fault: Arc<dyn Fault>, extent: Extent) -> Self {
        Self {
            name,
            driver: Arc::new(FaultyDriver::new(Arc::clone(&fault), extent)),
            fault,
            extent,
            // Short, as the in-VM broker keeps nobody waiting.
            timing: Timing::new(Duration::from_millis(60)),
        }
    }

    /// Does not wait long for what a broken driver may never do.
    pub(crate) fn in_haste(mut self) -> Self {
        self.timing.wait /= 4;
        self
    }

    fn begin_restarts(&self) -> Result<Restartable, BoxError> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let name = format!("broken-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let driver = FaultyDriver::at(InVmDriver::new(&*name), Arc::clone(&self.fault), self.extent);
        let broker = InVmRestarts::begin(name, self.fault.store(), InVmBroker::builder)?;
        Ok(Restartable {
            factory: kernel::factory(Arc::new(driver), kernel::FactoryOptions::new()),
            broker: Box::new(broker),
            downtime: Duration::ZERO,
        })
    }
}

#[async_trait]
impl Harness for Faulty {
    fn target(&self) -> &'static str {
        self.name
    }

    fn factory(&self) -> Arc<dyn ConnectionFactory> {
        kernel::factory(Arc::clone(&self.driver), kernel::FactoryOptions::new())
    }

    fn timing(&self) -> Timing {
        self.timing
    }

    fn abilities(&self) -> &'static [Ability] {
        &[Ability::AdminClientId, Ability::RestartBroker]
    }

    async fn restartable(&self) -> Option<Result<Restartable, BoxError>> {
        Some(self.begin_restarts())
    }

    fn promised_by_restartable(&self) -> &'static [Capability] {
        &[Capability::Persistence]
    }

    fn with_configured_client_id(&self, client_id: &str) -> Option<Arc<dyn ConnectionFactory>> {
        let connect = ConnectOptions::new().with_client_id(client_id);
        let options = kernel::FactoryOptions::new().with_connect(connect);
        Some(kernel::factory(Arc::clone(&self.driver), options))
    }
}
