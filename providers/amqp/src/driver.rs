use std::sync::Arc;

use anymq_api::{
    Result,
    spi::{BrokerUrl, ConnectSpec, Driver, DriverConnection, EventSink, Provider, ProviderSetup},
};
use anymq_wire::Origin;
use async_trait::async_trait;

use crate::{
    config::{self, Config},
    connection::AmqpConnection,
    error::PROVIDER,
    link::Link,
};

/// The provider of `amqp://` and `amqps://` URLs.
///
/// ```
/// use anymq_amqp::AmqpProvider;
/// use anymq_api::spi::{BrokerUrl, Provider};
///
/// let url = BrokerUrl::parse("amqp://guest:guest@localhost:5672/%2f")?;
/// let setup = AmqpProvider.setup(&url)?;
/// assert_eq!(setup.driver.name(), "amqp");
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct AmqpProvider;

impl Provider for AmqpProvider {
    fn schemes(&self) -> &[&'static str] {
        &["amqp", "amqps"]
    }

    fn setup(&self, url: &BrokerUrl) -> Result<ProviderSetup> {
        let (config, options) = Config::from_url(url).map_err(|error| error.with_operation("read URL"))?;
        Ok(ProviderSetup::new(Arc::new(AmqpDriver { config }), options))
    }
}

/// A driver aimed at one AMQP 0-9-1 broker. Its `Debug` form shows no password.
#[derive(Clone, Debug)]
pub struct AmqpDriver {
    config: Config,
}

#[async_trait]
impl Driver for AmqpDriver {
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
        let security = self.config.security(&spec).await?;
        let (uri, properties) = (self.config.uri(&spec), config::properties(&spec));
        let origin = Origin::new(spec.client_id.as_deref());
        let usual = self.config.usual().clone();
        let opened = Link::open(uri, properties, security, usual, events, origin).await;
        let link = opened.map_err(|error| error.with_resource(self.config.resource()))?;
        Ok(Arc::new(AmqpConnection::new(link)))
    }
}
