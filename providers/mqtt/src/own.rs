//! Subscriptions with links of their own: durable ones, shared ones, and those by a filter with wildcards.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use anymq_api::{
    Error, ErrorKind, Result,
    spi::{DeliverySink, Done, DriverSubscription, SubscribeSpec, SubscriptionKind},
};
use parking_lot::Mutex;

use crate::{
    codec::{self, Names},
    delivering::Delivering,
    error::error,
    link::{Link, Recipient},
    links::{Keeping, Links},
    outlet::Outlet,
    wire::{Failure, Publish, QoS, Request},
};

/// SUBSCRIBE and UNSUBSCRIBE, one at a time, beside acknowledgements.
const IN_FLIGHT: u16 = 8;
/// As many deliveries as MQTT can tell apart.
pub(crate) const MOST_UNSETTLED: u16 = u16::MAX;

/// A subscription with its link.
pub(crate) struct Own {
    links: Arc<Links>,
    link: OnceLock<Arc<Link>>,
    /// What is subscribed to, and what messages of it have as their topic.
    filter: String,
    topic: String,
    delivering: Delivering,
    outlet: Outlet<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What the broker waits to hear of, by tag.
    unsettled: HashMap<u64, (u16, QoS)>,
    is_closed: bool,
    /// DISCONNECT is on its way.
    is_over: bool,
}

impl Own {
    /// Whether a subscription like this needs a link of its own.
    pub(crate) fn is_for(spec: &SubscribeSpec) -> bool {
        spec.kind != SubscriptionKind::Plain || Names::is_filter(&spec.destination)
    }

    /// Opens it. Dropping the future leaves a new durable subscription behind: whoever calls this sees to that.
    pub(crate) async fn open(
        links: &Arc<Links>,
        spec: SubscribeSpec,
        settles_promptly: bool,
        sink: Arc<dyn DeliverySink>,
    ) -> Result<Arc<Self>> {
        let topic = Names::filter(&spec.destination);
        let (keeping, filter) = match &spec.kind {
            SubscriptionKind::Durable { name } => (Keeping::Durable(name), topic.clone()),
            SubscriptionKind::Shared { name } => {
                let filter = codec::share(spec.client_id.as_deref(), name, &topic);
                (Keeping::Nothing, filter)
            }
            _ => (Keeping::Nothing, topic.clone()),
        };
        let receive_maximum = if settles_promptly {
            u16::try_from(spec.prefetch).unwrap_or(MOST_UNSETTLED).max(1)
        } else {
            MOST_UNSETTLED
        };
        let opened = links.open(keeping, receive_maximum, IN_FLIGHT).await?;
        let own = Arc::new(Self {
            links: Arc::clone(links),
            link: OnceLock::new(),
            filter,
            topic,
            outlet: Outlet::new(sink),
            delivering: Delivering::new(spec, links.origin()),
            state: Mutex::default(),
        });
        let recipient: Weak<dyn Recipient> = Arc::<Self>::downgrade(&own);
        let link = opened.run(recipient);
        links.enter(&link)?;
        // Once.
        let _ = own.link.set(Arc::clone(&link));
        let (filter, qos) = (own.filter.clone(), QoS::AtLeastOnce);
        if let Err(refusal) = link.ask(Request::Subscribe { filter, qos }).await {
            own.undo().await;
            return Err(refusal);
        }
        Ok(own)
    }

    /// Ends it, and what it was the first to make at the broker.
    pub(crate) async fn undo(&self) {
        self.release();
        self.over(Duration::MAX).await;
        let SubscriptionKind::Durable { name } = &self.delivering.spec().kind else {
            return;
        };
        let was_there = self.link.get().is_some_and(|link| link.greeting().session_present);
        if !was_there {
            // Nobody is left to be told.
            let _ = delete(&self.links, name).await;
        }
    }

    fn is_durable(&self) -> bool {
        matches!(self.delivering.spec().kind, SubscriptionKind::Durable { .. })
    }

    /// Whether the broker waits for settlements. For what is neither durable nor shared, nothing can come of them.
    fn is_settled(&self) -> bool {
        self.delivering.spec().kind != SubscriptionKind::Plain
    }

    /// A delivery is done with.
    pub(crate) fn settle(&self, tag: u64) {
        let mut state = self.state.lock();
        if let Some((id, qos)) = state.unsettled.remove(&tag) {
            self.acknowledge(id, qos);
        }
        self.tidy(&mut state);
    }

    /// A delivery goes back, with the link: the broker hears nothing of it.
    pub(crate) fn give_back(&self, tag: u64) {
        let mut state = self.state.lock();
        state.unsettled.remove(&tag);
        self.tidy(&mut state);
    }

    fn acknowledge(&self, id: u16, qos: QoS) {
        if let Some(link) = self.link.get() {
            link.acknowledge(id, qos);
        }
    }

    /// What was held may have been the last of it.
    fn tidy(&self, state: &mut State) {
        if state.is_closed && state.unsettled.is_empty() && !state.is_over {
            state.is_over = true;
            if let Some(link) = self.link.get() {
                link.begin_close();
            }
        }
    }

    /// Whether it is closed, and nothing is left of it.
    pub(crate) fn is_over(&self) -> bool {
        self.state.lock().is_over
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state.lock().is_closed
    }

    pub(crate) fn link(&self) -> Option<&Arc<Link>> {
        self.link.get()
    }

    /// Closes it; what is held goes back.
    pub(crate) fn release(&self) {
        drop(self.outlet.close());
        let mut state = self.state.lock();
        state.is_closed = true;
        state.unsettled.clear();
        self.tidy(&mut state);
    }

    /// Done when its link is gone.
    pub(crate) async fn over(&self, deadline: Duration) {
        if let Some(link) = self.link.get() {
            link.closed(deadline).await;
        }
    }

    fn leave(&self) -> Done<()> {
        let waiting = self.outlet.close();
        let mut state = self.state.lock();
        if std::mem::replace(&mut state.is_closed, true) {
            return Done::ok();
        }
        for (delivery, ()) in &waiting {
            state.unsettled.remove(&delivery.token.tag);
        }
        self.tidy(&mut state);
        let is_over = state.is_over;
        drop(state);
        let Some(link) = self.link.get().cloned() else {
            return Done::ok();
        };
        if is_over {
            return Done::pending(async move {
                link.closed(Duration::MAX).await;
                Ok(())
            });
        }
        if !self.is_durable() {
            let filter = self.filter.clone();
            link.submit(Request::Unsubscribe { filter }, Box::new(drop));
        }
        Done::ok()
    }

    /// What came by a topic that the name of a durable subscription was used for before.
    fn forget_topic(&self, message: &Publish) {
        self.acknowledge(message.pkid, message.qos);
        let filter = String::from_utf8_lossy(&message.topic).into_owned();
        tracing::debug!(filter, "a durable subscription was made anew for another topic");
        if let Some(link) = self.link.get() {
            link.submit(Request::Unsubscribe { filter }, Box::new(drop));
        }
    }

    fn is_of_another_topic(&self, message: &Publish) -> bool {
        self.is_durable() && !Names::is_filter(&self.delivering.spec().destination) && message.topic != self.topic
    }
}

impl Recipient for Own {
    fn message(&self, message: Publish) {
        if self.is_of_another_topic(&message) {
            self.forget_topic(&message);
            return;
        }
        let envelope = codec::decode(&message, &self.delivering.spec().destination);
        let delivery = self.delivering.delivery(&message, envelope);
        {
            let mut state = self.state.lock();
            if state.is_closed {
                return;
            }
            if self.is_settled() && message.qos != QoS::AtMostOnce {
                state.unsettled.insert(delivery.token.tag, (message.pkid, message.qos));
            }
        }
        self.outlet.offer(delivery, (), message.qos);
        if !self.is_settled() {
            self.acknowledge(message.pkid, message.qos);
        }
    }

    fn lost(&self, failure: &Failure) {
        if !failure.taken_over {
            self.links.lost(&failure.error);
            return;
        }
        let error = error(
            ErrorKind::IllegalState,
            "another client consumes from this durable subscription now",
        );
        let mut state = self.state.lock();
        state.is_closed = true;
        state.is_over = true;
        state.unsettled.clear();
        drop(state);
        self.outlet.end(&error.with_source(failure.error.clone()));
    }
}

impl DriverSubscription for Own {
    fn grant_credit(&self, credit: u32) {
        self.outlet.grant(credit);
    }

    fn stop_delivery(&self) -> Done<()> {
        self.outlet.stop();
        Done::ok()
    }

    fn close(&self) -> Done<()> {
        self.leave()
    }

    fn abandon(&self) {
        drop(self.leave());
    }
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Own")
            .field("filter", &self.filter)
            .finish_non_exhaustive()
    }
}

/// Deletes a durable subscription, and says whether there was one.
pub(crate) async fn delete(links: &Links, name: &str) -> Result<bool> {
    let opened = links.open(Keeping::ToEnd(name), 1, IN_FLIGHT).await?;
    let was_there = opened.greeting().session_present;
    let link = opened.run(Weak::<Nobody>::new());
    links.enter(&link)?;
    link.begin_close();
    link.closed(Duration::MAX).await;
    Ok(was_there)
}

/// What is about to be deleted goes to nobody.
struct Nobody;

impl Recipient for Nobody {
    fn message(&self, _message: Publish) {}

    fn lost(&self, _failure: &Failure) {}
}

/// Nothing is known of a subscription by this name.
pub(crate) fn unknown(name: &str) -> Error {
    error(ErrorKind::InvalidDestination, "there is no such durable subscription").with_resource(name)
}
