use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anymq_api::{BoxError, ConnectionFactory};

use crate::{
    checklist::Ability,
    harness::{Harness, Timing, Undeclared},
};

/// The in-VM reference broker, one for each run.
#[derive(Debug)]
pub(super) struct InVm {
    url: String,
    factory: Arc<dyn ConnectionFactory>,
}

pub(super) fn start() -> Result<InVm, BoxError> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let url = format!("vm://conformance-{}-{number}", std::process::id());
    let factory = anymq::connection_factory(&url)?;
    Ok(InVm { url, factory })
}

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
        &[Ability::AdminClientId]
    }

    fn with_configured_client_id(&self, client_id: &str) -> Option<Arc<dyn ConnectionFactory>> {
        anymq::connection_factory(&format!("{}?client-id={client_id}", self.url)).ok()
    }

    fn has_foreign_clients(&self) -> bool {
        false
    }
}
