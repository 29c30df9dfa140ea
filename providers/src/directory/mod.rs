//! Connections and destinations by name, from a file and the environment.

mod builder;
mod connection;
mod environment;
mod file;
mod interpolate;
mod overrides;
mod setting;
#[cfg(test)]
mod tests;

pub use builder::DirectoryBuilder;

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use anymq_api::{
    Address, ConnectOptions, ConnectionFactory, DestinationKind, Error, Queue, Result, Topic, spi::excerpt,
};

use self::{
    environment::Environment,
    setting::{Names, Setting, Settings, configuration},
};
use crate::{Registry, registry::Setup, suggest};

/// Connections and destinations by name: this project's JNDI.
///
/// # The file
///
/// ```toml
/// [connections.shop]
/// url = "amqp://guest:${AMQP_PASSWORD}@localhost:5672/%2f"
/// client-id = "till-1"          # also: username, password, password-file, prefetch,
/// request-timeout = "5s"        # connect-timeout, request-timeout, close-timeout,
/// max-deliveries = 5            # max-deliveries, redelivery-delay, redelivery-multiplier, redelivery-max-delay
/// reconnect = "forever"         # reconnect, reconnect-delay, reconnect-multiplier, reconnect-max-delay
///
/// [destinations]
/// orders = "queue:orders.v1"
/// prices = "topic:prices.eu"
/// ```
///
/// [`load`](Self::load) reads the file that the environment variable `ANYMQ_CONFIG` names, else `anymq.toml` in the
/// current directory, else none. Unknown keys are errors.
///
/// # Variables
///
/// In every text of the file `${NAME}` stands for an environment variable and `$$` for one `$`. A variable that is not
/// set is an error when the entry is looked up.
///
/// In a `url` that has its `://` written out, values are percent-encoded when they are put in, so a password may hold
/// any character. In the place of the host, a value of the form `host`, `host:port` or `[::1]:port` is put in as it is.
/// In a `url` whose `://` comes out of a variable (`url = "${BROKER_URL}"`), values are put in as they are: they must be
/// URLs already. So they are everywhere else.
///
/// # The environment
///
/// Variables go before the file, key by key, and may also add entries: `ANYMQ_CONNECTION_SHOP_URL`, `…_CLIENT_ID`,
/// `…_USERNAME`, `…_PASSWORD`, `…_PASSWORD_FILE`, `…_PREFETCH`, `…_CONNECT_TIMEOUT`, `…_REQUEST_TIMEOUT`,
/// `…_CLOSE_TIMEOUT`, `…_MAX_DELIVERIES`, `…_REDELIVERY_DELAY`, `…_REDELIVERY_MULTIPLIER`, `…_REDELIVERY_MAX_DELAY`,
/// `…_RECONNECT`, `…_RECONNECT_DELAY`, `…_RECONNECT_MULTIPLIER`, `…_RECONNECT_MAX_DELAY`, and
/// `ANYMQ_DESTINATION_ORDERS`. Names are written in upper case with `_` for `-` and `.`; two entries whose names become
/// the same are an error. Values are taken literally, without `${NAME}`.
///
/// # Precedence
///
/// Code ([`connection_factory_with`](Self::connection_factory_with)) goes before the environment, the environment before
/// the file. Within one of them, what stands both in the URL and in a key of its own (`client-id`, `password`, …) is an
/// error.
///
/// `Debug` shows names only, and no error shows a value that may hold a secret.
///
/// ```
/// # #[cfg(feature = "in-vm")]
/// # async fn example() -> anymq::Result<()> {
/// use anymq::{Directory, prelude::*};
///
/// let directory = Directory::builder()
///     .toml(
///         r#"
///         [connections.shop]
///         url = "vm://${SHOP}"
///         client-id = "till-1"
///
///         [destinations]
///         orders = "queue:orders.v1"
///         "#,
///     )
///     .environment([("SHOP", "espresso"), ("ANYMQ_CONNECTION_SHOP_CLIENT_ID", "till-2")])
///     .build()?;
///
/// let connection = directory.connection_factory("shop")?.create_connection().await?;
/// assert_eq!(connection.client_id()?.as_deref(), Some("till-2"));
/// assert_eq!(directory.queue("orders")?.name(), "orders.v1");
/// connection.close().await
/// # }
/// # #[cfg(feature = "in-vm")]
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone)]
pub struct Directory {
    connections: Names<Settings>,
    destinations: Names<Setting>,
    environment: Environment,
    /// Where the default file would have been.
    not_found: Option<PathBuf>,
    registry: Registry,
}

impl Directory {
    /// Reads the file that `ANYMQ_CONFIG` names, else `anymq.toml` in the current directory, else none; then the
    /// environment of the process.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the file of `ANYMQ_CONFIG` is missing, a file cannot be read or is wrong, or
    /// the environment holds an unknown `ANYMQ_CONNECTION…` or `ANYMQ_DESTINATION…`.
    pub fn load() -> Result<Self> {
        Self::builder().build()
    }

    /// Reads this file and the environment of the process.
    ///
    /// # Errors
    /// As [`load`](Self::load); a missing file is an error.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        Self::builder().file(path.as_ref()).build()
    }

    /// For a choice of file, environment and registry.
    pub fn builder() -> DirectoryBuilder {
        DirectoryBuilder::new()
    }

    /// The same with other providers than the built-in ones.
    #[must_use]
    pub fn with_registry(mut self, registry: Registry) -> Self {
        self.registry = registry;
        self
    }

    /// A connection factory for the connection of this name. Nothing is connected yet. JMS: a JNDI look-up.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for an unknown name, a variable that is not set, a bad value, or a URL that its
    /// provider refuses.
    pub fn connection_factory(&self, name: &str) -> Result<Arc<dyn ConnectionFactory>> {
        self.connection_factory_with(name, ConnectOptions::new())
    }

    /// As [`connection_factory`](Self::connection_factory), with options that go before the configured ones.
    ///
    /// # Errors
    /// As [`connection_factory`](Self::connection_factory).
    pub fn connection_factory_with(&self, name: &str, options: ConnectOptions) -> Result<Arc<dyn ConnectionFactory>> {
        let (setup, origin) = self.setup(name, options)?;
        setup.factory().map_err(|error| error.with_resource(&origin))
    }

    /// And where its URL comes from.
    fn setup(&self, name: &str, options: ConnectOptions) -> Result<(Setup, String)> {
        let settings = self.connections.find(name).ok_or_else(|| {
            let hint = suggest::hint(name, self.connection_names());
            self.unknown("connection", name, &hint)
        })?;
        let configured = connection::resolve(name, settings, &self.environment)?;
        let setup = self
            .registry
            .setup(&configured.url, options.or(&configured.options))
            .map_err(|error| error.with_resource(&configured.origin))?;
        Ok((setup, configured.origin))
    }

    /// The address of the destination of this name. JMS: a JNDI look-up.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for an unknown name, a variable that is not set, or a bad address.
    pub fn destination(&self, name: &str) -> Result<Address> {
        let setting = self.destinations.find(name).ok_or_else(|| {
            let hint = suggest::hint(name, self.destination_names());
            self.unknown("destination", name, &hint)
        })?;
        let text = setting.text(&self.environment)?;
        let address: Address = text
            .parse()
            .map_err(|error: Error| setting.refuse(format!("`{}`: {}", excerpt(&text), error.detail())))?;
        if address.kind().is_temporary() {
            return Err(setting.refuse("a temporary destination is made by a session, not by configuration"));
        }
        Ok(address)
    }

    fn unknown(&self, what: &str, name: &str, hint: &str) -> Error {
        let name = excerpt(name);
        let searched = match &self.not_found {
            Some(path) => format!(
                "; no file was read: there is no {}, and ANYMQ_CONFIG names none",
                path.display()
            ),
            None => String::new(),
        };
        configuration(format!("unknown {what} `{name}`{hint}{searched}"))
    }

    /// The queue of this name.
    ///
    /// # Errors
    /// As [`destination`](Self::destination), and [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for a topic.
    pub fn queue(&self, name: &str) -> Result<Queue> {
        Queue::try_from(self.of_kind(name, DestinationKind::Queue)?)
    }

    /// The topic of this name.
    ///
    /// # Errors
    /// As [`destination`](Self::destination), and [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for a queue.
    pub fn topic(&self, name: &str) -> Result<Topic> {
        Topic::try_from(self.of_kind(name, DestinationKind::Topic)?)
    }

    fn of_kind(&self, name: &str, wanted: DestinationKind) -> Result<Address> {
        let address = self.destination(name)?;
        if address.kind() == wanted {
            return Ok(address);
        }
        let (name, is, wanted) = (excerpt(name), address.kind().scheme(), wanted.scheme());
        Err(configuration(format!(
            "the destination `{name}` is a {is}, not a {wanted}"
        )))
    }

    /// The names of the connections, sorted. One that only the environment has is written in lower case with `-`.
    pub fn connection_names(&self) -> impl Iterator<Item = &str> {
        self.connections.iter()
    }

    /// The names of the destinations, sorted. One that only the environment has is written in lower case with `-`.
    pub fn destination_names(&self) -> impl Iterator<Item = &str> {
        self.destinations.iter()
    }

    /// The names of everything, as `connections.shop` and `destinations.orders`.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let connections = self.connection_names().map(|name| format!("connections.{name}"));
        connections.chain(self.destination_names().map(|name| format!("destinations.{name}")))
    }
}

impl FromStr for Directory {
    type Err = Error;

    /// Reads a file's text and the environment of the process.
    fn from_str(toml: &str) -> Result<Self> {
        Self::builder().toml(toml).build()
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory")
            .field("connections", &self.connection_names().collect::<Vec<_>>())
            .field("destinations", &self.destination_names().collect::<Vec<_>>())
            .field("schemes", &self.registry.schemes().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
