//! The one task of a session that runs message listeners.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{Arc, atomic::Ordering},
    task::Poll,
};

use super::{
    deliveries::{Dispatch, Errand, FollowUp, HandOver},
    scope::{self, Scope, ScopeKind},
    session::SessionCore,
};
use crate::{Error, ErrorKind, Event, MessageListener, Received, spi::SubscriptionId};

impl SessionCore {
    /// Starts the dispatch task, the first time a listener is set.
    pub(crate) fn ensure_dispatcher(self: &Arc<Self>) {
        if !self.dispatching.swap(true, Ordering::AcqRel) {
            tokio::spawn(dispatch(Arc::clone(self)));
        }
    }

    /// Turns a hand-over into what the application gets, and submits what goes with it.
    #[inline]
    pub(crate) fn receive(&self, hand_over: HandOver) -> Received {
        self.follow_up(hand_over.follow_up);
        if let Some(accepted) = hand_over.accepted {
            self.settle_unattended(&[accepted]);
            self.deliveries.submitted();
        }
        Received::new(hand_over.envelope, hand_over.info, self.acknowledger())
    }

    /// Tells the driver what is left of a look into an inbox.
    #[inline]
    pub(crate) fn follow_up(&self, follow_up: FollowUp) {
        if let Some(errand) = follow_up.into_errand() {
            self.run_errand(*errand);
        }
    }

    #[cold]
    fn run_errand(&self, errand: Errand) {
        self.settle_unattended(&errand.settlements);
        if errand.owed {
            self.deliveries.submitted();
        }
        if let Some(grant) = errand.grant {
            grant.apply();
        }
    }

    async fn call(&self, consumer: SubscriptionId, listener: Arc<dyn MessageListener>, hand_over: HandOver) {
        let scope = Scope {
            kind: ScopeKind::MessageListener { consumer: consumer.0 },
            connection: self.connection.id,
            session: self.id,
        };
        let received = self.receive(hand_over);
        let delivery = received.info().id;
        let destination = received.destination().clone();
        let called = catch_panic(scope::enter(scope, async { listener.on_message(received).await })).await;
        let outcome = called.unwrap_or_else(|panic| Err(panic.into()));
        let succeeded = outcome.is_ok();
        if let Err(cause) = outcome {
            let error = Error::new(ErrorKind::Other, cause.to_string())
                .with_operation("listener")
                .with_source(cause);
            self.connection
                .events
                .publish(&Event::ListenerFailed { destination, error });
        }
        // Dropped before it counts as returned: it may hold the last handle of what is being closed.
        drop(listener);
        if let Some(settlement) = self.deliveries.finish(delivery, succeeded) {
            self.settle_unattended(&[settlement]);
        }
        // After the settlement: a close that waits for the listener must not overtake it.
        self.deliveries.returned();
    }
}

async fn dispatch(session: Arc<SessionCore>) {
    loop {
        let woken = session.deliveries.dispatch.notified();
        match session.deliveries.next_for_listener() {
            Dispatch::Message {
                consumer,
                listener,
                hand_over,
            } => {
                session.call(consumer, listener, hand_over).await;
                tokio::task::coop::consume_budget().await;
            }
            Dispatch::Again(follow_up) => session.follow_up(follow_up),
            Dispatch::Nothing(None) => woken.await,
            Dispatch::Nothing(Some(until)) => _ = tokio::time::timeout_at(until, woken).await,
            Dispatch::Closed => return,
        }
    }
}

/// Runs user code; a panic becomes an error.
pub(crate) async fn catch_panic<F: Future>(future: F) -> Result<F::Output, Panic> {
    let mut future = pin!(future);
    std::future::poll_fn(
        |context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(payload) => Poll::Ready(Err(Panic::new(&*payload))),
        },
    )
    .await
}

/// A caught panic, with its message where it has one.
#[derive(Debug, thiserror::Error)]
#[error("panicked: {0}")]
pub(crate) struct Panic(String);

impl Panic {
    pub(crate) fn into_error(self, operation: &'static str) -> Error {
        Error::new(ErrorKind::Other, self.to_string())
            .with_operation(operation)
            .with_source(self)
    }

    fn new(payload: &(dyn std::any::Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().map(ToString::to_string);
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        Self(text.unwrap_or_else(|| "without a message".to_owned()))
    }
}
