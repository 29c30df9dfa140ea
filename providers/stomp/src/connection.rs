use std::{fmt, sync::Arc, time::Duration};

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
    frame::{Command, Frame},
    link::Link,
    session::StompSession,
};

/// A connection. What it lacks is refused by the kernel, before a call comes here.
pub(crate) struct StompConnection {
    link: Arc<Link>,
    dead_letters: Address,
    max_message_size: Option<u64>,
}

impl StompConnection {
    pub(crate) fn new(link: Arc<Link>, config: &Config) -> Self {
        Self {
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
        self.link.dialect().check(destination)
    }

    async fn open_session(&self, spec: SessionSpec) -> Result<Arc<dyn DriverSession>> {
        if !self.link.is_up() {
            return Err(self.link.ended());
        }
        Ok(Arc::new(StompSession::open(&self.link, spec, &self.dead_letters)))
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

    async fn unsubscribe(&self, _client_id: Option<&str>, name: &str) -> Result<()> {
        let mut frame = Frame::new(Command::Unsubscribe).with_header("id", self.link.new_id().to_string());
        self.link.dialect().delete_headers(name, &mut frame.headers);
        self.link.ask(&frame).await
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
        self.link.close(deadline).await
    }

    fn abandon(&self) {
        self.link.abandon();
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
        self.link.abandon();
    }
}
