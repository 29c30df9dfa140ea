//! Connections that are closed when the run ends.

use std::sync::Arc;

use anymq_api::{ConnectOptions, Connection, ConnectionFactory};

use super::{Context, Failure};
use crate::checklist::Place;

impl Context {
    /// The run's connection factory. Connections made with it directly are the case's to close.
    pub fn factory(&self) -> Arc<dyn ConnectionFactory> {
        Arc::clone(&self.factory)
    }

    /// The options of this run's connections: its prefetch, and a client identifier where durable subscriptions need
    /// one.
    pub fn connect_options(&self) -> ConnectOptions {
        let mut options = ConnectOptions::new();
        options.prefetch = self.prefetch;
        if self.place() == Place::Durable {
            options = options.with_client_id(self.name());
        }
        options
    }

    /// A new connection, not started; closed when the run ends.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be made.
    #[track_caller]
    pub fn connect(&self) -> impl Future<Output = Result<Arc<dyn Connection>, Failure>> + '_ {
        self.connect_with(self.connect_options())
    }

    /// A new connection, not started, with options of the case's own; closed when the run ends.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be made.
    pub async fn connect_with(&self, options: ConnectOptions) -> Result<Arc<dyn Connection>, Failure> {
        Ok(self.connect_by(&self.factory(), options).await?)
    }

    /// As [`connect_with`](Self::connect_with), by another factory.
    ///
    /// # Errors
    /// What the factory gives.
    pub async fn connect_by(
        &self,
        factory: &Arc<dyn ConnectionFactory>,
        options: ConnectOptions,
    ) -> anymq_api::Result<Arc<dyn Connection>> {
        let client = options.client_id.clone();
        let connection = factory.create_connection_with(options).await?;
        self.lasting.lock().clients.insert(client);
        self.connections.lock().push(Arc::clone(&connection));
        Ok(connection)
    }

    /// A new, started connection; closed when the run ends.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be made.
    pub async fn started(&self) -> Result<Arc<dyn Connection>, Failure> {
        let connection = self.connect().await?;
        connection.start().await?;
        Ok(connection)
    }
}
