use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;

use super::{connection::ConnectionHandle, detach::clamped, password, sink::ConnectionSink};
use crate::{
    AckMode, Capability, Clock, ConnectOptions, Connection, ConnectionFactory, Context, Error, ErrorKind,
    RedeliveryPolicy, Result, Retry, SystemClock,
    spi::{ConnectSpec, Driver, DriverConnection},
};

/// The choices of a connection factory.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FactoryOptions {
    /// What its connections choose unless told otherwise.
    pub connect: ConnectOptions,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How many events an [`Events`](crate::Events) stream holds before it drops the oldest; 256 by default.
    pub event_capacity: usize,
}

impl Default for FactoryOptions {
    fn default() -> Self {
        Self {
            connect: ConnectOptions::default(),
            clock: Arc::new(SystemClock),
            event_capacity: 256,
        }
    }
}

impl FactoryOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what connections choose unless told otherwise.
    #[must_use]
    pub fn with_connect(mut self, connect: ConnectOptions) -> Self {
        self.connect = connect;
        self
    }

    /// Sets the clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets how many events a stream holds.
    #[must_use]
    pub fn with_event_capacity(mut self, capacity: usize) -> Self {
        self.event_capacity = capacity;
        self
    }
}

/// Makes a connection factory over a driver: the kernel's one door.
pub fn factory(driver: Arc<dyn Driver>, options: FactoryOptions) -> Arc<dyn ConnectionFactory> {
    Arc::new(Factory { driver, options })
}

#[derive(Debug)]
struct Factory {
    driver: Arc<dyn Driver>,
    options: FactoryOptions,
}

/// The choices of one connection, all made.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) client_id: Option<String>,
    pub(crate) prefetch: u32,
    pub(crate) request_timeout: Duration,
    pub(crate) close_timeout: Duration,
    pub(crate) redelivery: Option<RedeliveryPolicy>,
}

#[async_trait]
impl ConnectionFactory for Factory {
    async fn create_connection(&self) -> Result<Arc<dyn Connection>> {
        self.connect(self.options.connect.clone()).await
    }

    async fn create_connection_with(&self, options: ConnectOptions) -> Result<Arc<dyn Connection>> {
        if options.client_id.is_some() && self.options.connect.client_id.is_some() {
            let detail = "the factory's configuration fixes the client identifier";
            return Err(self.name(Error::new(ErrorKind::IllegalState, detail)));
        }
        self.connect(options.or(&self.options.connect)).await
    }

    async fn create_context(&self, _mode: AckMode) -> Result<Context> {
        Err(self.name(Error::unsupported(Capability::SimplifiedApi)))
    }
}

impl Factory {
    async fn connect(&self, options: ConnectOptions) -> Result<Arc<dyn Connection>> {
        self.open(options).await.map_err(|error| self.name(error))
    }

    async fn open(&self, options: ConnectOptions) -> Result<Arc<dyn Connection>> {
        options.client_id.as_deref().map_or(Ok(()), check_client_id)?;
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(Error::new(ErrorKind::IllegalState, "there is no tokio runtime here"));
        }
        let spec = spec(&options);
        let id = spec.connection_id;
        let settings = Settings {
            client_id: spec.client_id.clone(),
            prefetch: options.prefetch.map_or(100, Into::into),
            request_timeout: spec.request_timeout,
            close_timeout: clamped(options.close_timeout.unwrap_or(Duration::from_secs(10))),
            redelivery: options.redelivery,
        };
        let sink = Arc::new(ConnectionSink::default());
        let limit = spec.connect_timeout;
        let attempt = self.attempt(spec, Arc::clone(&sink));
        let Ok(outcome) = tokio::time::timeout(limit, attempt).await else {
            let detail = format!("no connection within {limit:?}");
            return Err(Error::new(ErrorKind::Timeout, detail).with_retry(Retry::Safe));
        };
        let driver = outcome?;
        check_required(&*driver, &options)?;
        let connection = ConnectionHandle::new(id, &self.driver, driver, &self.options, settings);
        sink.attach(connection.core());
        Ok(Arc::new(connection))
    }

    async fn attempt(&self, mut spec: ConnectSpec, sink: Arc<ConnectionSink>) -> Result<Arc<dyn DriverConnection>> {
        spec.credentials = password::known(spec.credentials).await?;
        self.driver.connect(spec, sink).await
    }

    fn name(&self, error: Error) -> Error {
        let error = error.with_provider(self.driver.name()).with_operation("connect");
        match self.driver.target() {
            Some(target) => error.with_resource(target),
            None => error,
        }
    }
}

/// What no driver has to see.
fn check_client_id(client_id: &str) -> Result<()> {
    let detail = if client_id.is_empty() {
        "the client identifier is empty"
    } else if client_id.len() > 255 {
        "the client identifier is longer than 255 bytes"
    } else if client_id.chars().any(char::is_control) {
        "the client identifier holds a control character"
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::InvalidClientId, detail))
}

fn spec(options: &ConnectOptions) -> ConnectSpec {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut spec = ConnectSpec::new(NEXT.fetch_add(1, Ordering::Relaxed));
    spec.client_id.clone_from(&options.client_id);
    spec.credentials.clone_from(&options.credentials);
    if let Some(timeout) = options.connect_timeout {
        spec.connect_timeout = clamped(timeout);
    }
    if let Some(timeout) = options.request_timeout {
        spec.request_timeout = clamped(timeout);
    }
    spec
}

/// What the application requires, and what its other choices cannot do without.
fn check_required(driver: &dyn DriverConnection, options: &ConnectOptions) -> Result<()> {
    let declared = driver.capabilities();
    // Giving messages up is no choice where they would be lost.
    let limited = options.redelivery.is_some_and(|policy| policy.max_deliveries.is_some());
    let implied = limited.then_some(Capability::DeadLetters);
    let mut required = options.required.iter().copied().chain(implied);
    match required.find(|&capability| !declared.supports(capability)) {
        None => Ok(()),
        Some(missing) => {
            driver.abandon();
            Err(Error::unsupported(missing))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_is_short_and_printable() {
        let longest = "i".repeat(255);
        for accepted in ["till", "Kasse 1 (ü)", &longest] {
            assert!(check_client_id(accepted).is_ok(), "{accepted}");
        }
        let longer = "i".repeat(256);
        for refused in ["", "x\ny", "x\u{1b}[31mred", &longer] {
            let error = check_client_id(refused).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidClientId);
            assert!(!error.to_string().contains("red"));
        }
    }
}
