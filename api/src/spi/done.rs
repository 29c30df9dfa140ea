use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use crate::Result;

/// How something that was submitted ended, or will end. Ready without an allocation where the answer is known at once;
/// otherwise a future that only waits: dropping it does not undo the work.
pub struct Done<T>(State<T>);

enum State<T> {
    Ready(Option<Result<T>>),
    Pending(Pin<Box<dyn Future<Output = Result<T>> + Send>>),
}

impl<T> Done<T> {
    /// It ended already.
    pub const fn ready(outcome: Result<T>) -> Self {
        Self(State::Ready(Some(outcome)))
    }

    /// `waiter` gives the outcome. It must not do any part of the work itself.
    pub fn pending(waiter: impl Future<Output = Result<T>> + Send + 'static) -> Self {
        Self(State::Pending(Box::pin(waiter)))
    }

    /// The outcome, when it is known already; otherwise the same value back.
    ///
    /// # Errors
    /// The value itself, when its outcome is pending.
    pub fn into_ready(self) -> Result<Result<T>, Self> {
        match self.0 {
            State::Ready(Some(outcome)) => Ok(outcome),
            other => Err(Self(other)),
        }
    }
}

impl Done<()> {
    /// It ended well already.
    pub const fn ok() -> Self {
        Self::ready(Ok(()))
    }
}

impl<T: Unpin> Future for Done<T> {
    type Output = Result<T>;

    /// Polling again after the outcome was taken stays pending.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Ready(outcome) => outcome.take().map_or(Poll::Pending, Poll::Ready),
            State::Pending(waiter) => {
                let outcome = std::task::ready!(waiter.as_mut().poll(context));
                self.0 = State::Ready(None);
                Poll::Ready(outcome)
            }
        }
    }
}

impl Done<()> {
    /// Whether it is known to have ended well.
    pub(crate) fn is_ok(&self) -> bool {
        matches!(self.0, State::Ready(Some(Ok(()))))
    }
}

impl<T> fmt::Debug for Done<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            State::Ready(_) => "Done(ready)",
            State::Pending(_) => "Done(pending)",
        })
    }
}
