use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::task::coop;

use super::producer::{Boxed, ProducerHandle};
use crate::{Message, Result, SendReceipt};

/// A send to the producer's own destination with its own options. Mostly the broker takes it at once, and this ends with
/// its first poll. By hand, as [`Receiving`](super::receiving::Receiving) is.
#[derive(Default)]
#[must_use]
pub(crate) struct Sending<'a> {
    /// None once it is submitted.
    submission: Option<(&'a ProducerHandle, Message)>,
    waiting: Option<Boxed<'a, SendReceipt>>,
}

impl<'a> Sending<'a> {
    #[inline]
    pub(crate) fn boxed(producer: &'a ProducerHandle, message: Message) -> Pin<Box<Self>> {
        // Filled when it has its place.
        let mut boxed = Box::<Self>::default();
        boxed.submission = Some((producer, message));
        boxed.into()
    }

    #[cold]
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<Result<SendReceipt>> {
        match &mut self.waiting {
            Some(waiting) => waiting.as_mut().poll(context),
            // It has ended.
            None => Poll::Pending,
        }
    }
}

impl Future for Sending<'_> {
    type Output = Result<SendReceipt>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some((producer, _)) = &self.submission
            && producer.core.pace.counts()
        {
            ready!(coop::poll_proceed(context)).made_progress();
        }
        let Some((producer, message)) = self.submission.take() else {
            return self.wait(context);
        };
        let envelope = producer.prepare_own(message)?;
        match producer.submit(envelope) {
            Ok(receipt) => Poll::Ready(Ok(receipt)),
            Err(waiting) => {
                self.waiting = Some(waiting);
                self.wait(context)
            }
        }
    }
}
