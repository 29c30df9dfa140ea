use std::{
    fmt,
    sync::{Arc, Weak},
    time::Duration,
};

use anymq_api::{
    Address, Capabilities, Capability, Error, Limits, Result,
    spi::{
        BrowseSpec, DriverBrowser, DriverConnection, DriverSession, ReleaseScope, SessionSpec, SubscriptionDescriptor,
    },
};
use async_trait::async_trait;

use crate::{
    browser::StompBrowser,
    capability,
    config::Config,
    frame::Frame,
    link::{Link, Owner},
    links::Links,
    session::StompSession,
};

/// A connection. What it lacks is refused by the kernel, before a call comes here.
pub(crate) struct StompConnection {
    links: Arc<Links>,
    /// What is no session's, and all that sessions do where they have no links of their own.
    link: Arc<Link>,
    /// For what may be refused and is no session's, when that was asked for before.
    chores: tokio::sync::Mutex<Option<Arc<Link>>>,
    dead_letters: Address,
    max_message_size: Option<u64>,
}

impl StompConnection {
    pub(crate) fn new(links: Arc<Links>, link: Arc<Link>, config: &Config) -> Self {
        Self {
            links,
            chores: tokio::sync::Mutex::default(),
            max_message_size: config.max_message_size().or(link.dialect().max_message_size()),
            dead_letters: config.dead_letters().clone(),
            link,
        }
    }
}

#[async_trait]
impl DriverConnection for StompConnection {
    fn broker(&self) -> Option<String> {
        self.link.server().map(|server| server.replacen('/', " ", 1))
    }

    fn capabilities(&self) -> Capabilities {
        self.link.dialect().declared()
    }

    fn capabilities_of(&self, destination: &Address) -> Capabilities {
        self.link.dialect().declared_of(destination)
    }

    fn limits(&self) -> Limits {
        capability::limits(self.max_message_size)
    }

    fn release_scope(&self) -> ReleaseScope {
        if self.link.dialect().requeues() {
            ReleaseScope::Message
        } else {
            ReleaseScope::Subscription
        }
    }

    fn check_destination(&self, destination: &Address) -> Result<()> {
        self.link.names().check(destination)
    }

    async fn open_session(&self, spec: SessionSpec) -> Result<Arc<dyn DriverSession>> {
        if !self.link.is_up() {
            return Err(self.link.ended());
        }
        let dead_letters = self.dead_letters.clone();
        Ok(Arc::new(if self.link.dialect().sessions_have_links() {
            StompSession::with_own_link(&self.links, spec, dead_letters).await?
        } else {
            StompSession::over(&self.link, spec, dead_letters)
        }))
    }

    /// The broker makes it when it is first used.
    async fn create_temporary(&self, _destination: &Address) -> Result<()> {
        Ok(())
    }

    /// The broker deletes it with the connection.
    async fn delete_temporary(&self, _destination: &Address) -> Result<()> {
        Ok(())
    }

    async fn browse(&self, spec: BrowseSpec) -> Result<Box<dyn DriverBrowser>> {
        Ok(Box::new(StompBrowser::open(&self.link, spec).await?))
    }

    async fn unsubscribe(&self, client_id: Option<&str>, name: &str) -> Result<()> {
        let ids = [self.link.new_id(), self.link.new_id()];
        let frames = self.link.dialect().deleting(client_id, name, ids);
        if !self.link.dialect().sessions_have_links() {
            return ask_all(&self.link, &frames).await;
        }
        // Held throughout, so that what the broker refuses is known to be this.
        let mut chores = self.chores.lock().await;
        let link = match chores.take().filter(|link| link.is_up()) {
            Some(link) => link,
            None => self.links.open().await?,
        };
        let guard = AbandonOnDrop(Some(link));
        if let Some(link) = &guard.0 {
            link.belong_to(Weak::<Nobody>::new());
            ask_all(link, &frames).await?;
        }
        // Nothing is left on it.
        *chores = guard.keep();
        Ok(())
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
        let closed = self.link.close(deadline).await;
        self.links.abandon();
        closed
    }

    fn abandon(&self) {
        self.links.abandon();
    }
}

impl fmt::Debug for StompConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StompConnection")
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}

impl Drop for StompConnection {
    fn drop(&mut self) {
        self.links.abandon();
    }
}

/// One after the other.
async fn ask_all(link: &Link, frames: &[Frame]) -> Result<()> {
    for frame in frames {
        link.ask(frame).await?;
    }
    Ok(())
}

/// Ends a link on which something may be left.
struct AbandonOnDrop(Option<Arc<Link>>);

impl AbandonOnDrop {
    fn keep(mut self) -> Option<Arc<Link>> {
        self.0.take()
    }
}

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        if let Some(link) = &self.0 {
            link.abandon();
        }
    }
}

/// Who asked over such a link was told already.
struct Nobody;

impl Owner for Nobody {
    fn refused(&self, _error: &Error) {}
}
