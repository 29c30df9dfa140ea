//! A third party's provider, made from the public items of `anymq-api` alone: `loop://name` keeps queues in memory.

mod broker;
mod connection;
mod session;

use std::sync::{Arc, Mutex, PoisonError};

use anymq_api::{
    Error, ErrorKind, Result,
    spi::{BrokerUrl, ConnectSpec, Driver, DriverConnection, EventSink, Provider, ProviderSetup},
};
use async_trait::async_trait;

use self::{broker::Broker, connection::LoopConnection};

/// Remembers what its drivers were asked to connect with.
#[derive(Clone, Debug, Default)]
pub(crate) struct LoopProvider {
    connects: Arc<Mutex<Vec<ConnectSpec>>>,
}

impl LoopProvider {
    pub(crate) fn connects(&self) -> Vec<ConnectSpec> {
        self.connects.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Provider for LoopProvider {
    fn schemes(&self) -> &[&'static str] {
        &["loop"]
    }

    fn setup(&self, url: &BrokerUrl) -> Result<ProviderSetup> {
        if url.host().is_none() {
            return Err(Error::new(ErrorKind::Configuration, "a name is missing: loop://name"));
        }
        let mut options = url.options();
        let connect = options.take_connect_options()?;
        let greeting = options.take("greeting");
        options.finish(&["greeting"])?;
        let driver = LoopDriver {
            broker: Arc::default(),
            greeting: greeting.unwrap_or_else(|| "loop".to_owned()),
            connects: Arc::clone(&self.connects),
        };
        Ok(ProviderSetup::new(Arc::new(driver), connect))
    }
}

#[derive(Debug)]
struct LoopDriver {
    broker: Arc<Broker>,
    greeting: String,
    connects: Arc<Mutex<Vec<ConnectSpec>>>,
}

#[async_trait]
impl Driver for LoopDriver {
    fn name(&self) -> &'static str {
        "loop"
    }

    fn version(&self) -> &'static str {
        "1.2.3"
    }

    async fn connect(&self, spec: ConnectSpec, _events: Arc<dyn EventSink>) -> Result<Arc<dyn DriverConnection>> {
        self.connects.lock().unwrap_or_else(PoisonError::into_inner).push(spec);
        let connection = LoopConnection::new(Arc::clone(&self.broker), self.greeting.clone());
        Ok(Arc::new(connection))
    }
}
