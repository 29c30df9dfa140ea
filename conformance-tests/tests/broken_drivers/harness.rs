//! A driver brought to be judged.

use std::{sync::Arc, time::Duration};

use anymq_api::{ConnectOptions, ConnectionFactory, kernel, spi::Driver};
use anymq_conformance::{
    checklist::Ability,
    harness::{Harness, Timing},
};

use crate::{decorated::FaultyDriver, fault::Fault};

#[derive(Debug)]
pub(crate) struct Faulty {
    name: &'static str,
    driver: Arc<dyn Driver>,
}

impl Faulty {
    pub(crate) fn new(name: &'static str, fault: Arc<dyn Fault>) -> Self {
        let driver = Arc::new(FaultyDriver::new(fault));
        Self { name, driver }
    }
}

impl Harness for Faulty {
    fn target(&self) -> &str {
        self.name
    }

    fn factory(&self) -> Arc<dyn ConnectionFactory> {
        kernel::factory(Arc::clone(&self.driver), kernel::FactoryOptions::new())
    }

    /// Short: the broker never keeps anybody waiting, and what is broken is waited for in vain.
    fn timing(&self) -> Timing {
        let usual = Timing::new(Duration::from_millis(60));
        Timing {
            wait: usual.wait / 5,
            ..usual
        }
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
