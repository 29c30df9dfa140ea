use std::sync::Arc;

use anymq_api::{
    Result,
    spi::{BrokerUrl, ConnectSpec, Driver, DriverConnection, EventSink, Provider, ProviderSetup},
};
use async_trait::async_trait;

use crate::{
    broker::{Broker, Client, registry},
    config::Config,
    connection::InVmConnection,
};

/// Serves `vm://name`, with the options that every provider has.
///
/// ```
/// use anymq_api::spi::{BrokerUrl, Provider};
/// use anymq_in_vm::InVmProvider;
///
/// let setup = InVmProvider.setup(&BrokerUrl::parse("vm://shop?client-id=till-1")?)?;
/// assert_eq!(setup.options.client_id.as_deref(), Some("till-1"));
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct InVmProvider;

impl Provider for InVmProvider {
    fn schemes(&self) -> &[&'static str] {
        &["vm"]
    }

    fn setup(&self, url: &BrokerUrl) -> Result<ProviderSetup> {
        let config = Config::from_url(url)?;
        let driver = Arc::new(InVmDriver::new(config.name));
        Ok(ProviderSetup::new(driver, config.options))
    }
}

/// Connects to one in-VM broker.
#[derive(Clone, Debug)]
pub struct InVmDriver {
    aim: Aim,
}

#[derive(Clone, Debug)]
enum Aim {
    Shared(String),
    Embedded(Arc<Broker>),
}

impl InVmDriver {
    /// Aims at the broker of this name, which the whole process shares; it is made when somebody first connects.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            aim: Aim::Shared(name.into()),
        }
    }

    pub(crate) fn embedded(broker: Arc<Broker>) -> Self {
        Self {
            aim: Aim::Embedded(broker),
        }
    }

    fn open(&self, spec: &ConnectSpec, events: &Arc<dyn EventSink>) -> Result<Arc<Client>> {
        let (client_id, credentials) = (spec.client_id.as_deref(), spec.credentials.as_ref());
        match &self.aim {
            Aim::Embedded(broker) => broker.connect(client_id, credentials, events),
            Aim::Shared(name) => loop {
                let broker = registry::open(name);
                let outcome = broker.connect(client_id, credentials, events);
                // One that was shut down meanwhile is out of the registry by now: the next round makes a new one.
                if outcome.is_ok() || broker.is_running() {
                    return outcome;
                }
            },
        }
    }
}

#[async_trait]
impl Driver for InVmDriver {
    fn name(&self) -> &'static str {
        "in-vm"
    }

    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    async fn connect(&self, spec: ConnectSpec, events: Arc<dyn EventSink>) -> Result<Arc<dyn DriverConnection>> {
        let client = self.open(&spec, &events)?;
        Ok(Arc::new(InVmConnection::new(client)))
    }
}
