//! Subscriptions with links of their own: durable ones, shared ones, and those by a filter with wildcards.

mod handover;
mod leaving;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Weak},
    time::Duration,
};

use anymq_api::{
    Error, ErrorKind, Result,
    spi::{DeliverySink, Done, DriverSubscription, SubscribeSpec, SubscriptionKind},
};
use parking_lot::Mutex;
use tokio::runtime::Handle;

use self::handover::Handover;
use crate::{
    codec::{self, Names},
    delivering::Delivering,
    error::error,
    kept,
    link::{Link, Recipient},
    links::{Keeping, Links},
    outlet::Outlet,
    parcel::Parcel,
    wire::{Failure, Publish, QoS, Request, Version},
};

/// A few requests at a time, beside acknowledgements.
const IN_FLIGHT: u16 = 32;

/// A subscription with its link.
pub(crate) struct Own {
    links: Arc<Links>,
    link: Arc<Link>,
    /// What is subscribed to, and what messages of it have as their topic.
    filter: String,
    topic: String,
    /// Of a shared one: where its members leave what they are not going to consume.
    handover: Option<Handover>,
    delivering: Delivering,
    outlet: Outlet<Option<Parcel>>,
    state: Mutex<State>,
    runtime: Handle,
    /// Itself, for what it does when it leaves.
    this: Weak<Self>,
}

#[derive(Default)]
struct State {
    /// What nobody here has settled, by tag.
    unsettled: BTreeMap<u64, Held>,
    /// What is left to the other members, in order.
    left: Vec<Held>,
    is_closed: bool,
    /// Somebody sees to what is left.
    is_leaving: bool,
    /// DISCONNECT is on its way.
    is_over: bool,
}

/// A message that the broker waits to hear of.
struct Held {
    id: u16,
    qos: QoS,
    /// Of a shared subscription, where it may have to go on.
    message: Option<Publish>,
    /// An application has seen it.
    is_seen: bool,
}

impl Own {
    /// Whether a subscription like this needs a link of its own.
    pub(crate) fn is_for(spec: &SubscribeSpec) -> bool {
        spec.kind != SubscriptionKind::Plain || Names::is_filter(&spec.destination)
    }

    /// Opens it, or undoes what was begun. Dropping the future leaves a new durable subscription behind: it is run to its end.
    pub(crate) async fn open(
        links: &Arc<Links>,
        spec: SubscribeSpec,
        settles_promptly: bool,
        sink: Arc<dyn DeliverySink>,
    ) -> Result<Arc<Self>> {
        let topic = Names::filter(&spec.destination);
        let client_id = spec.client_id.as_deref();
        let (keeping, filter, handover) = match &spec.kind {
            SubscriptionKind::Durable { name } => (Keeping::Durable(name), topic.clone(), None),
            SubscriptionKind::Shared { name } => {
                let filter = codec::share(client_id, name, &topic);
                let handover = Handover::new(client_id, name, &topic);
                (Keeping::Nothing, filter, Some(handover))
            }
            _ => (Keeping::Nothing, topic.clone(), None),
        };
        let most = links.max_unsettled();
        // Not for a durable one: of what it had kept, Mosquitto fills the window with what has expired, too, and where that is all
        // of it, sends nothing until something new comes.
        let is_durable = matches!(spec.kind, SubscriptionKind::Durable { .. });
        let receive_maximum = if settles_promptly && !is_durable {
            u16::try_from(spec.prefetch).unwrap_or(most).clamp(1, most)
        } else {
            most
        };
        let limit = links.opening_limit();
        let opening = links.open(keeping, receive_maximum, IN_FLIGHT);
        let opened = tokio::time::timeout(limit, opening)
            .await
            .unwrap_or_else(|_| Err(late()))?;
        let own = Arc::new_cyclic(|this| Self {
            links: Arc::clone(links),
            link: Arc::clone(opened.link()),
            filter,
            topic,
            handover,
            outlet: Outlet::new(sink),
            delivering: Delivering::new(spec, links.origin()),
            state: Mutex::default(),
            runtime: Handle::current(),
            this: Weak::clone(this),
        });
        let recipient: Weak<dyn Recipient> = Arc::<Self>::downgrade(&own);
        opened.run(recipient);
        links.enter(&own.link)?;
        let subscribed = tokio::time::timeout(limit, own.subscribe()).await;
        if let Err(refusal) = subscribed.unwrap_or_else(|_| Err(late())) {
            own.undo().await;
            return Err(refusal);
        }
        Ok(own)
    }

    async fn subscribe(&self) -> Result<()> {
        let qos = QoS::AtLeastOnce;
        if let Some(handover) = &self.handover {
            let filter = handover.filter().to_owned();
            let asked = self.link.ask(Request::Subscribe { filter, qos }).await;
            // Without the right to it, what a leaving member holds is lost, as with other clients.
            if let Err(refusal) = asked {
                tracing::debug!(%refusal, "nothing is handed over to a shared subscription");
            }
        }
        let filter = self.filter.clone();
        self.link.ask(Request::Subscribe { filter, qos }).await
    }

    /// Ends it, and what it was the first to make at the broker.
    pub(crate) async fn undo(&self) {
        self.release();
        self.over(Duration::MAX).await;
        let SubscriptionKind::Durable { name } = &self.delivering.spec().kind else {
            return;
        };
        if !self.link.greeting().session_present && kept::is_told(&self.links, name).await {
            // Nobody is left to be told.
            let _ = kept::delete(&self.links, name).await;
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
        if let Some(held) = state.unsettled.remove(&tag) {
            self.link.acknowledge(held.id, held.qos);
        }
        self.tidy(&mut state);
    }

    /// Whether it is closed, and nothing is left of it, nor of its link.
    pub(crate) fn is_over(&self) -> bool {
        self.state.lock().is_over && self.link.is_over()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state.lock().is_closed
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    pub(crate) fn link(&self) -> &Arc<Link> {
        &self.link
    }

    /// Done when its link is gone.
    pub(crate) async fn over(&self, deadline: Duration) {
        self.link.closed(deadline).await;
    }

    /// What came by a topic that the name of a durable subscription was used for before.
    fn forget_topic(&self, message: &Publish) {
        self.link.acknowledge(message.pkid, message.qos);
        let filter = String::from_utf8_lossy(&message.topic).into_owned();
        tracing::debug!(filter, "a durable subscription was made anew for another topic");
        if self.links.version() != Version::V5 && rumqttc::valid_filter(&filter) {
            // RabbitMQ ends only what this link has subscribed to.
            let (filter, qos) = (filter.clone(), QoS::AtLeastOnce);
            self.link.submit(Request::Subscribe { filter, qos }, Box::new(drop));
        }
        self.link.submit(Request::Unsubscribe { filter }, Box::new(drop));
    }

    fn is_of_another_topic(&self, message: &Publish) -> bool {
        let is_own = || std::str::from_utf8(&message.topic).is_ok_and(|topic| codec::is_same(topic, &self.topic));
        self.is_durable() && !Names::is_filter(&self.delivering.spec().destination) && !is_own()
    }

    /// The broker ended the session of this subscription, and nothing else.
    fn end_alone(&self, failure: &Failure) {
        let mut state = self.state.lock();
        state.is_closed = true;
        state.is_over = true;
        state.unsettled.clear();
        state.left.clear();
        drop(state);
        let detail = "another client consumes from this durable subscription now";
        let taken = error(ErrorKind::IllegalState, detail).with_source(failure.error.clone());
        self.outlet.end(&taken);
    }

    fn held(&self, message: &Publish) -> Held {
        Held {
            id: message.pkid,
            qos: message.qos,
            message: self.handover.is_some().then(|| message.clone()),
            is_seen: message.dup,
        }
    }
}

impl Recipient for Own {
    fn message(&self, mut message: Publish) {
        if message.retain {
            // It was kept for whoever comes, and no consumer was there when it was sent.
            self.link.acknowledge(message.pkid, message.qos);
            return;
        }
        if self.is_of_another_topic(&message) {
            self.forget_topic(&message);
            return;
        }
        if let Some(handover) = &self.handover {
            handover.receive(&mut message, &self.topic);
        }
        let envelope = codec::decode(&message, &self.delivering.spec().destination);
        let delivery = self.delivering.delivery(&message, envelope);
        let tag = delivery.token.tag;
        {
            let mut state = self.state.lock();
            if state.is_closed {
                self.refuse(&mut state, &message);
                return;
            }
            if self.is_settled() {
                state.unsettled.insert(tag, self.held(&message));
            }
        }
        let parcel = if self.is_settled() {
            None
        } else {
            Parcel::new(&self.link, &message)
        };
        let parcel = parcel.filter(|_| !self.keeps_up());
        if !self.outlet.offer(delivery, parcel, message.qos) {
            self.not_offered(tag);
        }
    }

    fn keeps_up(&self) -> bool {
        !self.is_settled() && !self.outlet.is_behind()
    }

    /// Another client that resumes a durable subscription ends this one's link. Brokers of MQTT 5 are to say so, but Mosquitto 2.0.11
    /// hangs up without a word, as those of 3.1.1 do: the end of this link alone is meant.
    fn lost(&self, failure: &Failure) {
        match self.this.upgrade() {
            Some(_) if failure.taken_over => self.end_alone(failure),
            Some(this) if failure.is_silent && self.is_durable() => {
                let failure = failure.clone();
                self.runtime.spawn(async move {
                    if this.links.main_goes_on().await {
                        this.end_alone(&failure);
                    } else {
                        this.links.lost(&failure.error);
                    }
                });
            }
            _ => self.links.lost(&failure.error),
        }
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

fn late() -> Error {
    error(ErrorKind::Timeout, "the broker does not answer")
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Own")
            .field("filter", &self.filter)
            .finish_non_exhaustive()
    }
}
