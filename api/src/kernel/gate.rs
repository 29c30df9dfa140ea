//! The one gate: what a connection does not declare is refused here, by name, and nowhere else.

use super::connection::ConnectionCore;
use crate::{Address, Capability, ConsumerOptions, Error, ErrorKind, Message, Result, Selector, spi::SubscriptionKind};

impl ConnectionCore {
    /// Refuses a capability that this connection does not declare.
    pub(crate) fn require(&self, capability: Capability) -> Result<()> {
        if self.driver.capabilities().supports(capability) {
            return Ok(());
        }
        Err(Error::unsupported(capability).with_provider(self.provider))
    }

    fn require_for(&self, destination: &Address, capability: Capability) -> Result<()> {
        if self.driver.capabilities_of(destination).supports(capability) {
            return Ok(());
        }
        Err(Error::unsupported(capability)
            .with_provider(self.provider)
            .with_resource(destination))
    }

    /// Whether messages can be sent to, or consumed from, this destination at all.
    pub(crate) fn check_destination(&self, destination: &Address) -> Result<()> {
        let kind = destination.kind();
        let domain = if kind.is_queue() {
            Capability::Queues
        } else {
            Capability::Topics
        };
        if kind.is_temporary() {
            self.require_for(destination, Capability::TemporaryDestinations)?;
            self.check_not_deleted(destination)?;
        } else {
            self.require_for(destination, domain)?;
        }
        let checked = self.driver.check_destination(destination);
        checked.map_err(|error| error.with_provider(self.provider).with_resource(destination))
    }

    /// Whether a delay can be asked for with sends to this destination.
    pub(crate) fn check_delay(&self, destination: &Address) -> Result<()> {
        self.require_for(destination, Capability::DeliveryDelay)
    }

    /// Refuses a message that is larger than this connection takes, or of which a part would not arrive.
    #[inline]
    pub(crate) fn check_message(&self, message: &Message, destination: &Address) -> Result<()> {
        if let Some(lacking) = self.carried.lacks(message) {
            return Err(Error::unsupported(lacking).with_resource(destination));
        }
        match self.max_message_size {
            Some(limit) => check_size(message, limit).map_err(|error| error.with_resource(destination)),
            None => Ok(()),
        }
    }

    /// Whether a consumer like this can be made.
    pub(crate) fn check_consumer(
        &self,
        destination: &Address,
        kind: &SubscriptionKind,
        options: &ConsumerOptions,
    ) -> Result<()> {
        self.check_destination(destination)?;
        if destination.kind().is_temporary() {
            self.check_own_temporary(destination)?;
        }
        self.check_subscription_kind(destination, kind)?;
        if let Some(text) = selector_of(options) {
            let capability = if destination.kind().is_queue() {
                Capability::QueueSelectors
            } else {
                Capability::TopicSelectors
            };
            self.require_for(destination, capability)?;
            Selector::parse(text)?;
        }
        if options.no_local {
            self.check_no_local(destination)?;
        }
        Ok(())
    }

    /// Whether a browser like this can be made.
    pub(crate) fn check_browser(&self, destination: &Address, selector: Option<&str>) -> Result<()> {
        self.require(Capability::Browser)?;
        if !destination.kind().is_queue() {
            return Err(Error::new(ErrorKind::InvalidDestination, "only queues can be browsed")
                .with_provider(self.provider)
                .with_resource(destination));
        }
        self.check_destination(destination)?;
        if destination.kind().is_temporary() {
            self.check_own_temporary(destination)?;
        }
        self.require_for(destination, Capability::Browser)?;
        if selector.is_some() {
            self.require_for(destination, Capability::QueueSelectors)?;
        }
        Ok(())
    }

    fn check_subscription_kind(&self, destination: &Address, kind: &SubscriptionKind) -> Result<()> {
        let (capability, name) = match kind {
            SubscriptionKind::Plain => return Ok(()),
            SubscriptionKind::Durable { name } => (Capability::DurableSubscriptions, name),
            SubscriptionKind::Shared { name } => (Capability::SharedSubscriptions, name),
            SubscriptionKind::SharedDurable { name } => (Capability::SharedDurableSubscriptions, name),
        };
        self.require(capability)?;
        if !destination.kind().is_topic() {
            return Err(
                Error::new(ErrorKind::InvalidDestination, "only topics have subscriptions").with_resource(destination),
            );
        }
        if name.is_empty() {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                "the subscription's name is empty",
            ));
        }
        if capability == Capability::DurableSubscriptions && self.client_id.is_none() {
            return Err(Error::new(
                ErrorKind::IllegalState,
                "an unshared durable subscription needs a client identifier",
            ));
        }
        Ok(())
    }

    fn check_no_local(&self, destination: &Address) -> Result<()> {
        self.require_for(destination, Capability::NoLocal)?;
        if destination.kind().is_topic() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidArgument, "no-local is for topics").with_resource(destination))
    }
}

fn check_size(message: &Message, limit: u64) -> Result<()> {
    let size = message.size();
    if u64::try_from(size).is_ok_and(|size| size <= limit) {
        return Ok(());
    }
    let detail = format!("a message of {size} bytes, and the limit is {limit} bytes");
    Err(Error::new(ErrorKind::ResourceAllocation, detail))
}

/// The selector's text; the empty text is none.
pub(crate) fn selector_of(options: &ConsumerOptions) -> Option<&str> {
    options.selector.as_deref().filter(|text| !text.is_empty())
}
