//! A driver brought to be judged.

use std::{sync::Arc, time::Duration};

use anymq_api::{ConnectOptions, ConnectionFactory, kernel, spi::Driver};
use anymq_conformance::{
    checklist::Ability,
    harness::{Harness, Timing},
};

use crate::{
    decorated::{Extent, FaultyDriver},
    fault::Fault,
};

#[derive(Debug)]
pub(crate) struct Faulty {
    name: &'static str,
    driver: Arc<dyn Driver>,
    timing: Timing,
}

impl Faulty {
    pub(crate) fn new(name: &'static str, fault: Arc<dyn Fault>, extent: Extent) -> Self {
        Self {
            name,
            driver: Arc::new(FaultyDriver::new(fault, extent)),
            // Short, as the in-VM broker keeps nobody waiting.
            timing: Timing::new(Duration::from_millis(60)),
        }
    }

    /// Does not wait long for what a broken driver may never do.
    pub(crate) fn in_haste(mut self) -> Self {
        self.timing.wait /= 4;
        self
    }
}

impl Harness for Faulty {
    fn target(&self) -> &str {
        self.name
    }

    fn factory(&self) -> Arc<dyn ConnectionFactory> {
        kernel::factory(Arc::clone(&self.driver), kernel::FactoryOptions::new())
    }

    fn timing(&self) -> Timing {
        self.timing
    }

    fn abilities(&self) -> &'static [Ability] {
        &[Ability::AdminClientId]
    }

    fn with_configured_client_id(&self, client_id: &str) -> Option<Arc<dyn ConnectionFactory>> {
        let connect = ConnectOptions::new().with_client_id(client_id);
        let options = kernel::FactoryOptions::new().with_connect(connect);
        Some(kernel::factory(Arc::clone(&self.driver), options))
    }
}
