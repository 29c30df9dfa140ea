use std::sync::{Arc, OnceLock};

use anymq_api::{
    Result,
    spi::{BrokerUrl, ConnectSpec, Driver, DriverConnection, EventSink, Provider, ProviderSetup},
};
use async_trait::async_trait;

use crate::{config::Config, connection::MqttConnection, error::PROVIDER, links::Links, wire::Version};

/// The provider of `mqtt://` and `mqtts://` URLs.
///
/// ```
/// use anymq_mqtt::MqttProvider;
/// use anymq_api::spi::{BrokerUrl, Provider};
///
/// let url = BrokerUrl::parse("mqtt://localhost:1883")?;
/// let setup = MqttProvider.setup(&url)?;
/// assert_eq!(setup.driver.name(), "mqtt");
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MqttProvider;

impl Provider for MqttProvider {
    fn schemes(&self) -> &[&'static str] {
        &["mqtt", "mqtts"]
    }

    fn setup(&self, url: &BrokerUrl) -> Result<ProviderSetup> {
        let (config, options) = Config::from_url(url).map_err(|error| error.with_operation("read URL"))?;
        Ok(ProviderSetup::new(
            Arc::new(MqttDriver {
                config,
                version: Arc::default(),
            }),
            options,
        ))
    }
}

/// A driver aimed at one MQTT broker. Its `Debug` form shows no password.
#[derive(Clone, Debug)]
pub struct MqttDriver {
    config: Config,
    /// Which version the broker speaks, once that was found: a connection that comes back is to carry what it carried before.
    version: Arc<OnceLock<Version>>,
}

#[async_trait]
impl Driver for MqttDriver {
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
        self.config.warn(&spec).await;
        Ok(Arc::new(
            MqttConnection::open(Links::new(&self.config, &self.version, spec, events)).await?,
        ))
    }
}
