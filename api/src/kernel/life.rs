//! How far a session or a connection is with closing, and its end for those who wait.

use std::{
    future::Future,
    pin::pin,
    sync::atomic::{AtomicBool, AtomicU8, Ordering},
};

use tokio::sync::Notify;

use super::scope;
use crate::{Error, Result};

const OPEN: u8 = 0;
const CLOSING: u8 = 1;
const CLOSED: u8 = 2;

/// Open, closing or closed: one atomic, since every call asks.
#[derive(Default)]
pub(crate) struct Life(AtomicU8);

impl Life {
    /// From now on only running listeners of the connection may go on using it.
    pub(crate) fn begin_close(&self) {
        self.0.fetch_max(CLOSING, Ordering::AcqRel);
    }

    /// Says whether it was closed before.
    pub(crate) fn close(&self) -> bool {
        self.0.swap(CLOSED, Ordering::AcqRel) == CLOSED
    }

    /// Open to the caller, in a listener of `connection` or not.
    #[inline]
    pub(crate) fn check(&self, connection: u64, what: &str) -> Result<()> {
        match self.0.load(Ordering::Acquire) {
            OPEN => Ok(()),
            CLOSING if scope::inside_connection(connection) => Ok(()),
            _ => Err(Error::closed(what)),
        }
    }

    /// Not closed yet, though perhaps closing.
    pub(crate) fn check_not_closed(&self, what: &str) -> Result<()> {
        match self.0.load(Ordering::Acquire) {
            CLOSED => Err(Error::closed(what)),
            _ => Ok(()),
        }
    }
}

/// That a session is no more, in order or not: what others waited for need not come.
#[derive(Default)]
pub(crate) struct Over {
    over: AtomicBool,
    told: Notify,
}

impl Over {
    pub(crate) fn tell(&self) {
        self.over.store(true, Ordering::Release);
        self.told.notify_waiters();
    }

    /// Waits for `work`, but not beyond the end.
    pub(crate) async fn or(&self, work: impl Future<Output = ()>) {
        let mut told = pin!(self.told.notified());
        told.as_mut().enable();
        if self.over.load(Ordering::Acquire) {
            return;
        }
        tokio::select! {
            biased;
            () = work => {}
            () = told => {}
        }
    }
}
