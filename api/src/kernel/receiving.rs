use std::{
    future::Future,
    ops::ControlFlow,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::task::coop;

use super::consumer::ConsumerCore;
use crate::{Received, Result};

/// A receive. Mostly a message is there, and this ends with its first poll.
///
/// By hand: what the compiler makes of an `async fn` is built elsewhere and copied, unused parts included, and each
/// message waits for that.
#[derive(Default)]
#[must_use]
pub(crate) struct Receiving<'a> {
    /// None once it has ended or waits.
    core: Option<&'a ConsumerCore>,
    waiting: Option<Waiting<'a>>,
}

/// Apart, so that the usual receive does not carry what waiting needs.
pub(crate) type Waiting<'a> = Pin<Box<dyn Future<Output = Result<Option<Received>>> + Send + 'a>>;

impl<'a> Receiving<'a> {
    #[inline]
    pub(crate) fn new(core: &'a ConsumerCore) -> Self {
        Self {
            core: Some(core),
            waiting: None,
        }
    }

    /// Filled when it has its place.
    #[inline]
    pub(crate) fn boxed(core: &'a ConsumerCore) -> Pin<Box<Self>> {
        let mut boxed = Box::<Self>::default();
        boxed.core = Some(core);
        boxed.into()
    }

    #[cold]
    fn wait(&mut self, core: &'a ConsumerCore, context: &mut Context<'_>) -> Poll<Result<Option<Received>>> {
        self.core = None;
        self.waiting.insert(core.wait()).as_mut().poll(context)
    }
}

impl Future for Receiving<'_> {
    type Output = Result<Option<Received>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(core) = self.core else {
            return match &mut self.waiting {
                Some(waiting) => waiting.as_mut().poll(context),
                // It has ended.
                None => Poll::Pending,
            };
        };
        if core.pace.counts() {
            ready!(coop::poll_proceed(context)).made_progress();
        }
        match core.receive_now() {
            ControlFlow::Break(outcome) => {
                self.core = None;
                Poll::Ready(outcome)
            }
            ControlFlow::Continue(()) => self.wait(core, context),
        }
    }
}
