//! Placeholder.

/// TEMP.
pub const UNDECLARED: &[(anymq_api::Capability, &str)] = &[];
/// TEMP.
#[derive(Debug, Default)]
pub struct AmqpProvider;
impl anymq_api::spi::Provider for AmqpProvider {
    fn schemes(&self) -> &[&'static str] {
        &["amqp"]
    }
    fn setup(&self, _url: &anymq_api::spi::BrokerUrl) -> anymq_api::Result<anymq_api::spi::ProviderSetup> {
        Err(anymq_api::ErrorKind::Other.into())
    }
}
