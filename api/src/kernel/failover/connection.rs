use std::{fmt, future::Future, sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{
    gate::Gate,
    hosts::{Host, Refusals, Requirements},
    is_lost,
    link::Status,
    session::FailoverSession,
    shared::Shared,
    supervisor,
    watcher::Watcher,
};
use crate::{
    Address, Capabilities, Limits, ReconnectPolicy, Result,
    spi::{
        BrowseSpec, ConnectSpec, DriverBrowser, DriverConnection, DriverSession, ReleaseScope, SessionSpec,
        SubscriptionDescriptor,
    },
};

/// A connection that outlives its links.
pub(crate) struct FailoverConnection {
    shared: Arc<Shared>,
    /// The latest link's.
    first: Arc<dyn DriverConnection>,
}

impl FailoverConnection {
    /// Connects to the first host that can be used; each is tried once.
    pub(crate) async fn connect(
        hosts: Vec<Host>,
        spec: ConnectSpec,
        requirements: Requirements,
        policy: ReconnectPolicy,
        watcher: Arc<dyn Watcher>,
    ) -> Result<(Arc<Self>, Option<String>)> {
        let shared = Shared::new(hosts, spec, requirements, policy, watcher);
        let mut refusals = Refusals::default();
        for host in &shared.hosts {
            let made = match shared.make(host).await {
                Ok(made) => made,
                Err(error) => {
                    refusals.push(error);
                    continue;
                }
            };
            match shared.publish(&made) {
                Ok(()) => {
                    made.gate.tell_early(|event| shared.tell(event));
                    shared.tell_up(&made);
                    supervisor::start(&shared);
                    let first = Arc::clone(&made.connection);
                    return Ok((Arc::new(Self { shared, first }), made.host));
                }
                Err(error) => {
                    made.give_up();
                    refusals.push(error);
                }
            }
        }
        Err(refusals.into_error())
    }

    fn latest(&self) -> Arc<dyn DriverConnection> {
        self.shared.latest().unwrap_or_else(|| Arc::clone(&self.first))
    }

    /// Asks over the link that is up, and again over the next one when that is lost meanwhile: for what may be asked
    /// twice.
    async fn ask<T, F>(&self, ask: impl Fn(Arc<dyn DriverConnection>) -> F + Send) -> Result<(Arc<Gate>, T)>
    where
        F: Future<Output = Result<T>> + Send,
    {
        loop {
            let (gate, connection) = self.shared.up().await?;
            match ask(connection).await {
                Ok(answer) => return Ok((gate, answer)),
                Err(error) if self.shared.asks_again(gate.generation, &error).await => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn once(&self) -> Result<Arc<dyn DriverConnection>> {
        self.shared.up().await.map(|(_, connection)| connection)
    }
}

#[async_trait]
impl DriverConnection for FailoverConnection {
    fn broker(&self) -> Option<String> {
        self.latest().broker()
    }

    fn capabilities(&self) -> Capabilities {
        self.latest().capabilities()
    }

    fn capabilities_of(&self, destination: &Address) -> Capabilities {
        self.latest().capabilities_of(destination)
    }

    fn limits(&self) -> Limits {
        self.latest().limits()
    }

    fn release_scope(&self) -> ReleaseScope {
        self.latest().release_scope()
    }

    fn check_destination(&self, destination: &Address) -> Result<()> {
        self.latest().check_destination(destination)
    }

    async fn open_session(&self, spec: SessionSpec) -> Result<Arc<dyn DriverSession>> {
        loop {
            let (gate, inner) = self
                .ask(|connection| async move { connection.open_session(spec).await })
                .await?;
            let session = FailoverSession::new(spec, Arc::clone(&self.shared), &gate, inner);
            let mut sessions = self.shared.sessions.lock();
            // Otherwise nobody would open it again for the outage that has begun.
            if self.shared.is_up(gate.generation) {
                sessions.retain(|other| other.strong_count() > 0);
                sessions.push(Arc::downgrade(&session));
                return Ok(session);
            }
            drop(sessions);
            session.abandon();
        }
    }

    async fn create_temporary(&self, destination: &Address) -> Result<()> {
        loop {
            let ask =
                |connection: Arc<dyn DriverConnection>| async move { connection.create_temporary(destination).await };
            let (gate, ()) = self.ask(ask).await?;
            let mut temporaries = self.shared.temporaries.lock();
            if self.shared.is_up(gate.generation) {
                temporaries.push(destination.clone());
                return Ok(());
            }
        }
    }

    async fn delete_temporary(&self, destination: &Address) -> Result<()> {
        self.shared.temporaries.lock().retain(|other| other != destination);
        let Some((_, connection)) = self.shared.latest_up() else {
            // It went with its link, and is not made again.
            return Ok(());
        };
        match connection.delete_temporary(destination).await {
            Err(error) if is_lost(&error) => Ok(()),
            deleted => deleted,
        }
    }

    async fn browse(&self, spec: BrowseSpec) -> Result<Box<dyn DriverBrowser>> {
        let ask = |connection: Arc<dyn DriverConnection>| {
            let spec = spec.clone();
            async move { connection.browse(spec).await }
        };
        self.ask(ask).await.map(|(_, browser)| browser)
    }

    async fn unsubscribe(&self, client_id: Option<&str>, name: &str) -> Result<()> {
        self.once().await?.unsubscribe(client_id, name).await
    }

    async fn load_descriptor(&self, key: &str) -> Result<Option<SubscriptionDescriptor>> {
        self.once().await?.load_descriptor(key).await
    }

    async fn store_descriptor(&self, descriptor: &SubscriptionDescriptor) -> Result<()> {
        self.once().await?.store_descriptor(descriptor).await
    }

    async fn delete_descriptor(&self, key: &str) -> Result<()> {
        self.once().await?.delete_descriptor(key).await
    }

    async fn close(&self, deadline: Duration) -> Result<()> {
        let was_up = matches!(*self.shared.status.borrow(), Status::Up(_));
        let Some(connection) = self.shared.end(None) else {
            return Ok(());
        };
        if was_up {
            return connection.close(deadline).await;
        }
        connection.abandon();
        Ok(())
    }

    fn abandon(&self) {
        if let Some(connection) = self.shared.end(None) {
            connection.abandon();
        }
    }
}

impl Drop for FailoverConnection {
    fn drop(&mut self) {
        self.abandon();
    }
}

impl fmt::Debug for FailoverConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FailoverConnection").field(&self.shared).finish()
    }
}
