//! Ends a socket that the client library owns, and would keep for as long as the broker is silent.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Context,
    time::Duration,
};

use futures_util::task::AtomicWaker;
use tokio::sync::Notify;

/// A hold on a socket.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lifeline(Arc<Line>);

#[derive(Debug, Default)]
struct Line {
    cut: AtomicBool,
    reader: AtomicWaker,
    writer: AtomicWaker,
    gone: Notify,
    hung_up: Notify,
}

impl Lifeline {
    /// Every read and write fails from now on, and the client library lets go of the socket.
    pub(crate) fn cut(&self) {
        self.0.cut.store(true, Ordering::Release);
        self.0.reader.wake();
        self.0.writer.wake();
    }

    /// Waits until the socket is gone, but no longer than `limit`.
    pub(crate) async fn gone(&self, limit: Duration) {
        let _ = tokio::time::timeout(limit, self.0.gone.notified()).await;
    }

    /// The socket is gone.
    pub(super) fn let_go(&self) {
        self.0.gone.notify_one();
    }

    /// The broker has closed the socket, or it broke.
    pub(super) fn note_end(&self) {
        self.0.hung_up.notify_one();
    }

    /// Waits until the broker has closed the socket.
    pub(super) async fn hung_up(&self) {
        self.0.hung_up.notified().await;
    }

    pub(super) fn check_reader(&self, context: &Context<'_>) -> io::Result<()> {
        self.check(&self.0.reader, context)
    }

    pub(super) fn check_writer(&self, context: &Context<'_>) -> io::Result<()> {
        self.check(&self.0.writer, context)
    }

    fn check(&self, waker: &AtomicWaker, context: &Context<'_>) -> io::Result<()> {
        // Before the look, so that no cut is missed.
        waker.register(context.waker());
        if self.0.cut.load(Ordering::Acquire) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }
}

/// Cuts when it is dropped.
pub(crate) struct CutOnDrop(Option<Lifeline>);

impl CutOnDrop {
    pub(crate) fn new(lifeline: &Lifeline) -> Self {
        Self(Some(lifeline.clone()))
    }

    pub(crate) fn defuse(mut self) {
        self.0 = None;
    }
}

impl Drop for CutOnDrop {
    fn drop(&mut self) {
        if let Some(lifeline) = &self.0 {
            lifeline.cut();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    #[test]
    fn it_is_cut_once_nobody_wants_it() {
        let lifeline = Lifeline::default();
        let context = Context::from_waker(Waker::noop());
        CutOnDrop::new(&lifeline).defuse();
        assert!(lifeline.check_reader(&context).is_ok());
        drop(CutOnDrop::new(&lifeline));
        assert!(lifeline.check_reader(&context).is_err());
        assert!(lifeline.check_writer(&context).is_err());
    }
}
