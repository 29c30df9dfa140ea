use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;

use super::{
    connection::ConnectionHandle,
    detach::clamped,
    failover::{FailoverConnection, Host, Refusals, Requirements},
    sink::ConnectionSink,
};
use crate::{
    AckMode, Capability, Clock, ConnectOptions, Connection, ConnectionFactory, Context, Error, ErrorKind,
    ReconnectPolicy, ReconnectRounds, RedeliveryPolicy, Result, SystemClock,
    spi::{ConnectSpec, Driver, DriverConnection, ProviderSetup},
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
///
/// Its connections make their links again where the options' [`reconnect`](ConnectOptions::reconnect) says so.
pub fn factory(driver: Arc<dyn Driver>, options: FactoryOptions) -> Arc<dyn ConnectionFactory> {
    let host = Host {
        driver,
        credentials: None,
    };
    Arc::new(Factory {
        first: Arc::clone(&host.driver),
        hosts: vec![host],
        policy: None,
        options,
    })
}

/// Makes a connection factory over several brokers that stand in for each other: connections use the first, in the order
/// given, that they reach, and look again from the first on whenever they lose it; for ever, unless
/// [`reconnect`](ConnectOptions::reconnect) says otherwise. Each may have credentials of its own, which count where the
/// connection is given none.
///
/// # Errors
/// [`ErrorKind::Configuration`] when there is no broker, when they are of several providers, or when one of them makes
/// other choices than credentials: those are the connection's, so they stand in `options`.
pub fn failover_factory(brokers: Vec<ProviderSetup>, options: FactoryOptions) -> Result<Arc<dyn ConnectionFactory>> {
    let refused = |detail: &str| Err(Error::new(ErrorKind::Configuration, detail));
    let Some(first) = brokers.first().map(|broker| Arc::clone(&broker.driver)) else {
        return refused("there is no broker to connect to");
    };
    if brokers.iter().any(|broker| broker.driver.name() != first.name()) {
        return refused("brokers that stand in for each other must be of one provider");
    }
    if brokers.iter().any(|broker| !broker.options.is_only_credentials()) {
        return refused(
            "what a connection chooses is chosen once for all its brokers, in a URL behind the parenthesis",
        );
    }
    let hosts = brokers.into_iter().map(|ProviderSetup { driver, options }| Host {
        driver,
        credentials: options.credentials,
    });
    Ok(Arc::new(Factory {
        hosts: hosts.collect(),
        first,
        policy: Some(ReconnectPolicy::new()),
        options,
    }))
}

#[derive(Debug)]
struct Factory {
    /// Never none.
    hosts: Vec<Host>,
    /// The first one's: tells whose connections these are.
    first: Arc<dyn Driver>,
    /// How they reconnect unless told otherwise.
    policy: Option<ReconnectPolicy>,
    options: FactoryOptions,
}

/// What there is of a connection before the application has it.
struct Linked {
    driver: Arc<dyn DriverConnection>,
    /// At the other end.
    host: Option<String>,
    /// Where the driver reports to.
    sink: Arc<ConnectionSink>,
}

/// The choices of one connection, all made.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) client_id: Option<String>,
    pub(crate) prefetch: u32,
    pub(crate) request_timeout: Duration,
    pub(crate) close_timeout: Duration,
    pub(crate) redelivery: Option<RedeliveryPolicy>,
    /// At the other end of the first link.
    pub(crate) host: Option<String>,
}

#[async_trait]
impl ConnectionFactory for Factory {
    async fn create_connection(&self) -> Result<Arc<dyn Connection>> {
        self.connect(self.options.connect.clone()).await
    }

    async fn create_connection_with(&self, options: ConnectOptions) -> Result<Arc<dyn Connection>> {
        if options.client_id.is_some() && self.options.connect.client_id.is_some() {
            let detail = "the factory's configuration fixes the client identifier";
            return Err(self.refused(Error::new(ErrorKind::IllegalState, detail)));
        }
        self.connect(options.or(&self.options.connect)).await
    }

    async fn create_context(&self, _mode: AckMode) -> Result<Context> {
        Err(self.refused(Error::unsupported(Capability::SimplifiedApi)))
    }
}

impl Factory {
    fn refused(&self, error: Error) -> Error {
        self.hosts.first().map_or(error.clone(), |host| host.name(error))
    }

    async fn connect(&self, options: ConnectOptions) -> Result<Arc<dyn Connection>> {
        let named = |error: Error| error.with_provider(self.first.name()).with_operation("connect");
        self.open(options).await.map_err(named)
    }

    async fn open(&self, options: ConnectOptions) -> Result<Arc<dyn Connection>> {
        options.client_id.as_deref().map_or(Ok(()), check_client_id)?;
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(Error::new(ErrorKind::IllegalState, "there is no tokio runtime here"));
        }
        let spec = spec(&options);
        let id = spec.connection_id;
        let mut settings = Settings {
            client_id: spec.client_id.clone(),
            prefetch: options.prefetch.map_or(100, Into::into),
            request_timeout: spec.request_timeout,
            close_timeout: clamped(options.close_timeout.unwrap_or(Duration::from_secs(10))),
            redelivery: options.redelivery,
            host: None,
        };
        let Linked { driver, host, sink } = self.link(spec, &options).await?;
        settings.host = host;
        let connection = ConnectionHandle::new(id, &*self.first, driver, &self.options, settings);
        sink.attach(connection.core());
        Ok(Arc::new(connection))
    }

    async fn link(&self, spec: ConnectSpec, options: &ConnectOptions) -> Result<Linked> {
        let requirements = requirements(options);
        if let Some(policy) = self.reconnect(options) {
            let (hosts, sink) = (self.hosts.clone(), Arc::<ConnectionSink>::default());
            let watcher = Arc::clone(&sink) as _;
            let (driver, host) = FailoverConnection::connect(hosts, spec, requirements, policy, watcher).await?;
            return Ok(Linked { driver, host, sink });
        }
        let mut refusals = Refusals::default();
        for host in &self.hosts {
            // Each its own: what one that is given up reports is of no concern to the next.
            let sink = Arc::<ConnectionSink>::default();
            let events = Arc::clone(&sink) as _;
            match host.connect_fit(spec.clone(), &requirements, events).await {
                Ok(driver) => {
                    let host = host.driver.target();
                    return Ok(Linked { driver, host, sink });
                }
                Err(error) => refusals.push(error),
            }
        }
        Err(refusals.into_error())
    }

    /// How its connections reconnect, if they do.
    fn reconnect(&self, options: &ConnectOptions) -> Option<ReconnectPolicy> {
        let policy = options.reconnect.or(self.policy);
        policy.filter(|policy| policy.rounds != Some(ReconnectRounds::Off))
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
fn requirements(options: &ConnectOptions) -> Requirements {
    // Giving messages up is no choice where they would be lost.
    let limited = options.redelivery.is_some_and(|policy| policy.max_deliveries.is_some());
    let implied = limited.then_some(Capability::DeadLetters);
    Requirements(options.required.iter().copied().chain(implied).collect())
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
