use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Weak},
    time::Duration,
};

use anymq_api::{
    Address, Capabilities, Capability, DestinationKind, Error, ErrorKind, Limits, Result,
    spi::{
        BrowseSpec, DeliverySink, DriverBrowser, DriverConnection, DriverSession, ReleaseScope, SessionSpec,
        SubscribeSpec, SubscriptionDescriptor, SubscriptionKind,
    },
};
use async_trait::async_trait;
use parking_lot::Mutex;

use crate::{
    capability,
    codec::Names,
    error::error,
    kept,
    link::{End, Link, Recipient},
    links::Links,
    own::Own,
    session::MqttSession,
    table::Table,
};

/// Requests in flight on the connection's link: enough to keep a broker busy.
const IN_FLIGHT: u16 = 1000;

/// A connection. What it lacks is refused by the kernel, before a call comes here.
pub(crate) struct MqttConnection {
    shared: Arc<Shared>,
}

/// What sessions need of their connection.
pub(crate) struct Shared {
    pub(crate) links: Arc<Links>,
    /// Publishes, and carries what plain subscriptions receive.
    pub(crate) link: Arc<Link>,
    pub(crate) table: Arc<Table>,
    /// Of each name, the one that was opened last, and when its link is over.
    durable: Mutex<HashMap<String, (Weak<Own>, End)>>,
    /// Held while one is opened or deleted.
    turn: tokio::sync::Mutex<()>,
    names: Names,
}

impl MqttConnection {
    pub(crate) async fn open(links: Arc<Links>) -> Result<Self> {
        let table = Table::new(Arc::clone(&links));
        let opened = links.open_main(u16::MAX, IN_FLIGHT).await?;
        let link = Arc::clone(opened.link());
        let names = Names {
            wildcards: link.greeting().wildcards,
        };
        table.serve(&link);
        let recipient: Weak<dyn Recipient> = Arc::<Table>::downgrade(&table);
        opened.run(recipient);
        links.enter_main(&link)?;
        Ok(Self {
            shared: Arc::new(Shared {
                links,
                link,
                table,
                durable: Mutex::default(),
                turn: tokio::sync::Mutex::default(),
                names,
            }),
        })
    }
}

impl Shared {
    /// Opens a subscription with a link of its own.
    pub(crate) async fn open_own(
        &self,
        spec: SubscribeSpec,
        settles_promptly: bool,
        sink: Arc<dyn DeliverySink>,
    ) -> Result<Arc<Own>> {
        let SubscriptionKind::Durable { name } = spec.kind.clone() else {
            return Own::open(&self.links, spec, settles_promptly, sink).await;
        };
        let _turn = self.turn.lock().await;
        self.put_aside(&name).await?;
        let own = Own::open(&self.links, spec, settles_promptly, sink).await?;
        let last = (Arc::downgrade(&own), own.link().end());
        let mut all = self.durable.lock();
        all.retain(|_, (own, end)| own.strong_count() > 0 || !end.is_reached());
        all.insert(name, last);
        drop(all);
        Ok(own)
    }

    /// Ends what is left of a durable subscription whose consumer is closed.
    async fn put_aside(&self, name: &str) -> Result<()> {
        let known = self
            .durable
            .lock()
            .get(name)
            .map(|(own, end)| (own.upgrade(), end.clone()));
        let Some((own, end)) = known else { return Ok(()) };
        if let Some(own) = own {
            if !own.is_closed() {
                let detail = "the durable subscription has a consumer";
                return Err(error(ErrorKind::IllegalState, detail).with_resource(name));
            }
            own.release();
        }
        // Else the next one would put it out before the broker has read its acknowledgements.
        end.reached().await;
        Ok(())
    }

    /// Deletes a durable subscription, and says whether there was one.
    async fn delete(&self, name: &str) -> Result<bool> {
        let _turn = self.turn.lock().await;
        self.put_aside(name).await?;
        kept::delete(&self.links, name).await
    }

    /// Ends one that nobody wants any more.
    pub(crate) async fn undo(&self, own: &Own) {
        let _turn = self.turn.lock().await;
        own.undo().await;
    }
}

#[async_trait]
impl DriverConnection for MqttConnection {
    /// MQTT's brokers do not say.
    fn broker(&self) -> Option<String> {
        None
    }

    fn capabilities(&self) -> Capabilities {
        capability::declared(self.shared.link.greeting(), self.shared.links.version())
    }

    fn capabilities_of(&self, _destination: &Address) -> Capabilities {
        self.capabilities()
    }

    fn limits(&self) -> Limits {
        capability::limits(self.shared.link.greeting(), self.shared.links.max_unsettled())
    }

    fn release_scope(&self) -> ReleaseScope {
        ReleaseScope::Subscription
    }

    fn check_destination(&self, destination: &Address) -> Result<()> {
        self.shared.names.check(destination)
    }

    async fn open_session(&self, spec: SessionSpec) -> Result<Arc<dyn DriverSession>> {
        if !self.shared.link.is_up() {
            return Err(self.shared.link.ended());
        }
        Ok(Arc::new(MqttSession::new(&self.shared, spec)))
    }

    async fn create_temporary(&self, destination: &Address) -> Result<()> {
        if destination.kind() == DestinationKind::TemporaryQueue {
            return self.shared.table.create_queue(destination).await;
        }
        // A topic is there when somebody uses it.
        Ok(())
    }

    async fn delete_temporary(&self, destination: &Address) -> Result<()> {
        if destination.kind() == DestinationKind::TemporaryQueue {
            return self.shared.table.delete_queue(destination).await;
        }
        Ok(())
    }

    async fn browse(&self, _spec: BrowseSpec) -> Result<Box<dyn DriverBrowser>> {
        Err(Error::unsupported(Capability::Browser))
    }

    async fn unsubscribe(&self, _client_id: Option<&str>, name: &str) -> Result<()> {
        let (shared, name) = (Arc::clone(&self.shared), name.to_owned());
        // To its end: it makes a session on the way.
        let deleting = tokio::spawn(async move {
            if shared.delete(&name).await? {
                Ok(())
            } else {
                Err(kept::unknown(&name))
            }
        });
        deleting.await.unwrap_or_else(|_| Err(Error::closed("connection")))
    }

    // The broker does not tell what a subscription was made with, so misuse is not found.

    async fn load_descriptor(&self, _key: &str) -> Result<Option<SubscriptionDescriptor>> {
        Err(Error::unsupported(Capability::DurableGuard))
    }

    async fn store_descriptor(&self, _descriptor: &SubscriptionDescriptor) -> Result<()> {
        Err(Error::unsupported(Capability::DurableGuard))
    }

    async fn delete_descriptor(&self, _key: &str) -> Result<()> {
        Err(Error::unsupported(Capability::DurableGuard))
    }

    async fn close(&self, deadline: Duration) -> Result<()> {
        self.shared.link.begin_close();
        self.shared.link.closed(deadline).await;
        self.shared.links.abandon();
        Ok(())
    }

    fn abandon(&self) {
        self.shared.links.abandon();
    }
}

impl fmt::Debug for MqttConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MqttConnection")
            .field("link", &self.shared.link)
            .finish_non_exhaustive()
    }
}

impl Drop for MqttConnection {
    fn drop(&mut self) {
        self.shared.links.abandon();
    }
}
