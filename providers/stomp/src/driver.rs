use std::sync::Arc;

use anymq_api::{
    Result,
    spi::{BrokerUrl, ConnectSpec, Driver, DriverConnection, EventSink, Provider, ProviderSetup},
};
use async_trait::async_trait;

use crate::{config::Config, connection::StompConnection, error::PROVIDER, links::Links};

/// The provider of `stomp://` and `stomps://` URLs.
///
/// ```
/// use anymq_stomp::StompProvider;
/// use anymq_api::spi::{BrokerUrl, Provider};
///
/// let url = BrokerUrl::parse("stomp://localhost:61613")?;
/// let setup = StompProvider.setup(&url)?;
/// assert_eq!(setup.driver.name(), "stomp");
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct StompProvider;

impl Provider for StompProvider {
    fn schemes(&self) -> &[&'static str] {
        &["stomp", "stomps"]
    }

    fn setup(&self, url: &BrokerUrl) -> Result<ProviderSetup> {
        let (config, options) = Config::from_url(url).map_err(|error| error.with_operation("read URL"))?;
        Ok(ProviderSetup::new(Arc::new(StompDriver { config }), options))
    }
}

/// A driver aimed at one STOMP broker. Its `Debug` form shows no password.
#[derive(Clone, Debug)]
pub struct StompDriver {
    config: Config,
}

#[async_trait]
impl Driver for StompDriver {
    fn name(&self) -> &'static str {
        PROVIDER
    }

    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    fn target(&self) -> Option<String> {
        Some(self.config.resource())
    }

    async fn connect(&self, spec: ConnectSpec, events: Arc<dyn EventSink>) -> Result<Arc<dyn DriverConnection>> {
        let links = Links::new(&self.config, spec, events);
        let first = links.open().await?;
        Ok(Arc::new(StompConnection::new(links, first, &self.config)))
    }
}
