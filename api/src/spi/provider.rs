use std::{fmt::Debug, sync::Arc};

use super::{BrokerUrl, Driver};
use crate::{ConnectOptions, Result};

/// What a URL says: a driver aimed at a broker, and the choices of its connections.
#[derive(Debug)]
#[non_exhaustive]
pub struct ProviderSetup {
    /// Aimed at the URL's broker.
    pub driver: Arc<dyn Driver>,
    /// What the URL chooses for its connections.
    pub options: ConnectOptions,
}

impl ProviderSetup {
    /// Joins the two.
    pub fn new(driver: Arc<dyn Driver>, options: ConnectOptions) -> Self {
        Self { driver, options }
    }
}

/// What a provider registers: the schemes of its URLs and how to read them.
pub trait Provider: Debug + Send + Sync {
    /// The schemes it serves, for example `["amqp"]`.
    fn schemes(&self) -> &[&'static str];

    /// Reads a URL. Nothing is connected yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for whatever is wrong with it: a missing host, an
    /// unknown option, a bad value. No message shows the password.
    fn setup(&self, url: &BrokerUrl) -> Result<ProviderSetup>;
}
