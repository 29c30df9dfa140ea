//! Making again, over a new link, what there was over the old one.

use std::{future::Future, sync::Arc};

use super::{
    session::{FailoverSession, Reopened},
    shared::{Made, Shared},
    subscription::FailoverSubscription,
};
use crate::{Address, Error, ErrorKind, Result, spi::DriverConnection};

/// What was made again, ready to take over.
pub(super) struct Restored {
    temporaries: Vec<Address>,
    sessions: Vec<Reopened>,
    subscriptions: Vec<Arc<FailoverSubscription>>,
    /// What cannot be made again, whatever the next link says.
    ended: Vec<(Arc<FailoverSubscription>, Error)>,
}

/// What a subscription met that could not be made again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    /// There is no use in trying again.
    Final,
    /// The broker may still hold what is left of the old link: it is tried again later, by itself.
    Passing,
    /// The link itself is not fit for use.
    Link,
}

fn obstacle(error: &Error) -> Obstacle {
    match error.kind() {
        ErrorKind::InvalidDestination
        | ErrorKind::InvalidSelector
        | ErrorKind::Security
        | ErrorKind::Configuration
        | ErrorKind::Unsupported { .. } => Obstacle::Final,
        ErrorKind::ConnectionLost => Obstacle::Link,
        _ => Obstacle::Passing,
    }
}

impl Shared {
    /// Temporary destinations first, then sessions with their subscriptions. Nothing of it is used before the link is
    /// up.
    pub(super) async fn restore(&self, made: &Made) -> Result<Restored> {
        let temporaries = self.temporaries.lock().clone();
        for temporary in &temporaries {
            self.in_time(made.connection.create_temporary(temporary)).await?;
        }
        let mut restored = Restored {
            temporaries,
            sessions: Vec::new(),
            subscriptions: Vec::new(),
            ended: Vec::new(),
        };
        for session in self.live_sessions().into_iter().filter(|session| session.is_wanted()) {
            let inner = self.in_time(made.connection.open_session(session.spec)).await?;
            let reopened = Reopened { session, inner };
            for subscription in reopened.session.live_subscriptions() {
                self.resubscribe(made, &reopened, subscription, &mut restored).await?;
            }
            restored.sessions.push(reopened);
        }
        Ok(restored)
    }

    async fn resubscribe(
        &self,
        made: &Made,
        reopened: &Reopened,
        subscription: Arc<FailoverSubscription>,
        restored: &mut Restored,
    ) -> Result<()> {
        let subscribing = subscription.subscribe(&made.gate, &*reopened.inner);
        let Err(error) = self.in_time(subscribing).await else {
            restored.subscriptions.push(subscription);
            return Ok(());
        };
        match obstacle(&error) {
            Obstacle::Final => restored.ended.push((subscription, error)),
            Obstacle::Passing => tracing::debug!(%error, "a subscription cannot be made again yet"),
            Obstacle::Link => return Err(error),
        }
        Ok(())
    }

    /// Tries again what met a passing obstacle; says whether there is any left.
    pub(super) async fn retry_subscriptions(&self, generation: u32) -> bool {
        let Ok((gate, _)) = self.up().await else { return false };
        if gate.generation != generation {
            return false;
        }
        let mut is_left = false;
        for session in self.live_sessions() {
            for subscription in session.missing(generation) {
                match session.try_again(&gate, &subscription).await {
                    Ok(()) => subscription.release_credit(),
                    Err(error) if obstacle(&error) == Obstacle::Final => subscription.end(error),
                    Err(_) => is_left = true,
                }
            }
        }
        is_left
    }

    pub(super) fn has_missing(&self, generation: u32) -> bool {
        self.live_sessions()
            .iter()
            .any(|session| !session.missing(generation).is_empty())
    }

    /// A link over which no answer comes counts as lost.
    pub(super) async fn in_time<T>(&self, work: impl Future<Output = Result<T>> + Send) -> Result<T> {
        let limit = self.spec.request_timeout;
        match tokio::time::timeout(limit, work).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::new(
                ErrorKind::ConnectionLost,
                format!("no answer within {limit:?}"),
            )),
        }
    }
}

impl Restored {
    /// Before the link is up.
    pub(super) fn take_over(&self, made: &Made) {
        for reopened in &self.sessions {
            reopened.take_over(&made.gate);
        }
    }

    /// When the link is up: credit flows, and what waited goes out.
    pub(super) fn go_on(mut self, made: &Made, shared: &Shared) {
        self.temporaries.retain(|it| !shared.temporaries.lock().contains(it));
        if !self.temporaries.is_empty() {
            tokio::spawn(delete(self.temporaries, Arc::clone(&made.connection)));
        }
        for (subscription, error) in self.ended {
            subscription.end(error);
        }
        for subscription in &self.subscriptions {
            subscription.release_credit();
        }
        for Reopened { session, .. } in &self.sessions {
            if !session.advance_at_once() {
                let session: Arc<FailoverSession> = Arc::clone(session);
                let generation = made.gate.generation;
                tokio::spawn(async move { session.advance(generation).await });
            }
        }
    }
}

/// Of temporary destinations that the application deleted while they were made again.
async fn delete(temporaries: Vec<Address>, connection: Arc<dyn DriverConnection>) {
    for temporary in temporaries {
        if let Err(error) = connection.delete_temporary(&temporary).await {
            // It goes with its link at the latest.
            tracing::debug!(%error, "a temporary destination is left");
        }
    }
}
