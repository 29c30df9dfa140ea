//! Asynchronous sends that are under way, each asked for its outcome as soon as there is one.

use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::time::{Instant, Sleep};

use super::Completion;
use crate::{Result, kernel::detach::late, spi::Done};

/// In the order of their submission. All are asked, not the first alone: over a link that is made again, those that had
/// not begun wait in line only once they have been.
pub(super) struct Pipeline {
    sends: VecDeque<Submitted>,
    /// The number of the first of them.
    first: u64,
    outcomes: FuturesUnordered<Numbered>,
    /// How long the first one may take from when it became the first.
    limit: Duration,
    patience: Pin<Box<Sleep>>,
}

struct Submitted {
    completion: Completion,
    outcome: Option<Result<()>>,
}

impl Pipeline {
    pub(super) fn new(limit: Duration) -> Self {
        Self {
            sends: VecDeque::new(),
            first: 0,
            outcomes: FuturesUnordered::new(),
            limit,
            patience: Box::pin(tokio::time::sleep(limit)),
        }
    }

    pub(super) fn push(&mut self, completion: Completion, done: Done<()>) {
        if self.sends.is_empty() {
            self.wait_afresh();
        }
        let number = self.first + self.sends.len() as u64;
        let outcome = match done.into_ready() {
            Ok(outcome) => Some(outcome),
            Err(pending) => {
                self.outcomes.push(Numbered(number, pending));
                None
            }
        };
        self.sends.push_back(Submitted { completion, outcome });
    }

    /// The first one, if its outcome is known.
    pub(super) fn pop(&mut self) -> Option<(Completion, Result<()>)> {
        let outcome = self.sends.front_mut()?.outcome.take()?;
        let send = self.sends.pop_front()?;
        self.first += 1;
        self.wait_afresh();
        Some((send.completion, outcome))
    }

    /// Waits for any outcome; the first one gets none that comes too late. Cancel safe.
    pub(super) async fn progress(&mut self) {
        tokio::select! {
            biased;
            Some((number, outcome)) = self.outcomes.next() => self.learn(number, outcome),
            () = self.patience.as_mut(), if !self.sends.is_empty() => {
                let late = Err(late(self.limit));
                self.learn(self.first, late);
            }
            else => std::future::pending().await,
        }
    }

    /// Only what is learnt first about a send counts.
    fn learn(&mut self, number: u64, outcome: Result<()>) {
        let Some(index) = number
            .checked_sub(self.first)
            .and_then(|index| usize::try_from(index).ok())
        else {
            return;
        };
        if let Some(send) = self.sends.get_mut(index) {
            send.outcome.get_or_insert(outcome);
        }
    }

    fn wait_afresh(&mut self) {
        self.patience.as_mut().reset(Instant::now() + self.limit);
    }
}

/// Tells whose outcome it gives.
struct Numbered(u64, Done<()>);

impl Future for Numbered {
    type Output = (u64, Result<()>);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let number = self.0;
        Pin::new(&mut self.1).poll(context).map(|outcome| (number, outcome))
    }
}
