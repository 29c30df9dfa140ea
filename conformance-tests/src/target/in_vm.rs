use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anymq_api::{BoxError, ConnectOptions, ConnectionFactory};
use anymq_in_vm::InVmDriver;
use async_trait::async_trait;

use crate::{
    checklist::Ability,
    harness::{Harness, Timing, Undeclared},
    link::{CuttableDriver, Linked},
};

/// The in-VM reference broker, one for each run.
#[derive(Debug)]
pub(super) struct InVm {
    name: String,
    url: String,
    factory: Arc<dyn ConnectionFactory>,
}

pub(super) fn start() -> Result<InVm, BoxError> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("conformance-{}-{number}", std::process::id());
    let url = format!("vm://{name}");
    let factory = anymq::connection_factory(&url)?;
    Ok(InVm { name, url, factory })
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
        &[Ability::AdminClientId, Ability::KillLink]
    }

    async fn with_link(&self) -> Option<Result<Linked, BoxError>> {
        let driver = CuttableDriver::new(InVmDriver::new(&*self.name));
        Some(Ok(driver.linked(ConnectOptions::new())))
    }

    fn with_configured_client_id(&self, client_id: &str) -> Option<Arc<dyn ConnectionFactory>> {
        anymq::connection_factory(&format!("{}?client-id={client_id}", self.url)).ok()
    }

    fn has_foreign_clients(&self) -> bool {
        false
    }
}
