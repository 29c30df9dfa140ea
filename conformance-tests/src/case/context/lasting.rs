//! What outlives the connections of a run, and is removed when the run ends.

use std::{collections::BTreeSet, time::Duration};

use anymq_api::{AckMode, Capability, ConnectOptions, Error, ErrorKind};
use parking_lot::Mutex;

use super::{Context, Failure};
use crate::poll;

/// What outlives the connections of a run: each client may have a subscription of each name.
#[derive(Debug, Default)]
pub(super) struct Lasting {
    pub(super) clients: BTreeSet<Option<String>>,
    pub(super) names: BTreeSet<String>,
}

impl Context {
    /// Closes the run's connections, and deletes its durable subscriptions; what hangs or stays is a failure.
    pub(crate) async fn end(&self) -> Result<(), Failure> {
        let connections = std::mem::take(&mut *self.connections.lock());
        for connection in connections {
            let closing = tokio::time::timeout(self.timing().wait * 2, connection.close());
            closing
                .await
                .map_err(|_| Failure::new("closing the connection hangs"))??;
        }
        self.unsubscribe_all().await
    }

    async fn unsubscribe_all(&self) -> Result<(), Failure> {
        let Lasting { clients, names } = std::mem::take(&mut *self.lasting.lock());
        let durable = [Capability::DurableSubscriptions, Capability::SharedDurableSubscriptions];
        // Names that were only asked for, and refused, are nobody's.
        if names.is_empty() || !durable.iter().any(|&kind| self.supports(kind)) {
            return Ok(());
        }
        for client in &clients {
            // Without a client identifier there are shared ones only.
            if client.is_none() && !self.supports(Capability::SharedDurableSubscriptions) {
                continue;
            }
            self.unsubscribe(client.as_deref(), &names).await?;
        }
        Ok(())
    }

    /// Deletes one client's subscriptions of these names, as far as it has any. Each has its own time: a case may have many.
    ///
    /// What the case dropped, without closing it, may be there for a little longer.
    async fn unsubscribe(&self, client: Option<&str>, names: &BTreeSet<String>) -> Result<(), Failure> {
        let mut options = ConnectOptions::new();
        options.client_id = client.map(ToOwned::to_owned);
        let is_in_use = |error: &Error| error.kind() == ErrorKind::InvalidClientId;
        let factory = self.factory();
        let connect = || factory.create_connection_with(options.clone());
        let connection = self.patiently("connecting", is_in_use, connect).await?;
        let session = connection.create_session(AckMode::Auto).await?;
        for name in names {
            let delete = || async {
                match session.unsubscribe(name).await {
                    Err(error) if error.kind() != ErrorKind::InvalidDestination => Err(error),
                    _ => Ok(()),
                }
            };
            self.patiently("deleting", |_| true, delete).await?;
        }
        let closing = tokio::time::timeout(self.timing().wait, connection.close()).await;
        Ok(closing.map_err(|_| Failure::new("closing the connection hangs"))??)
    }

    /// Attempts it until it is done, or fails with an error that does not pass.
    async fn patiently<T, F>(
        &self,
        what: &str,
        passes: impl Fn(&Error) -> bool,
        attempt: impl Fn() -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = anymq_api::Result<T>>,
    {
        let last = Mutex::new(None);
        let (last_seen, passes) = (&last, &passes);
        let once = || {
            let attempt = attempt();
            async move {
                let outcome = attempt.await;
                if let Some(error) = outcome.as_ref().err().filter(|error| passes(error)) {
                    *last_seen.lock() = Some(error.clone());
                    return None;
                }
                Some(outcome)
            }
        };
        let done = poll::until(self.timing().wait, Duration::from_millis(50), once).await;
        let outcome = done.map_err(|_| match last.lock().take() {
            Some(error) => Failure::new(format!("a durable subscription stays, {what} fails: {error}")),
            None => Failure::new(format!("a durable subscription stays, {what} hangs")),
        })?;
        Ok(outcome?)
    }
}
