//! How a connection ends: in order, with a deadline, or at once.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::Instant;

use super::ConnectionCore;
use crate::{
    DrainReport, Result,
    kernel::{detach::clamped, session::SessionCore},
};

impl ConnectionCore {
    /// The sessions that are left; closed when there are none, before another one can be registered.
    fn sessions_or_closed(&self) -> Vec<Arc<SessionCore>> {
        let state = self.state.lock();
        let sessions: Vec<_> = state.sessions.values().filter_map(Weak::upgrade).collect();
        if sessions.is_empty() {
            self.life.close();
        }
        sessions
    }

    /// A session ended whose listeners still run.
    pub(crate) fn left_running(&self, session: Weak<SessionCore>) {
        let mut state = self.state.lock();
        state.left_running.retain(|session| session.strong_count() > 0);
        state.left_running.push(session);
    }

    /// Waits for the listeners that sessions left running; says whether all have returned.
    async fn stragglers_returned(&self, end: Instant) -> bool {
        let stragglers = std::mem::take(&mut self.state.lock().left_running);
        for session in stragglers.iter().filter_map(Weak::upgrade) {
            if tokio::time::timeout_at(end, session.idle()).await.is_err() {
                return false;
            }
        }
        true
    }

    /// From now on nothing is handed out, and only running listeners use the connection.
    pub(super) fn begin_close(&self) {
        self.life.begin_close();
        for session in self.sessions() {
            session.begin_close();
        }
    }

    pub(super) async fn close(self: Arc<Self>, deadline: Duration) -> Result<DrainReport> {
        let end = Instant::now() + clamped(deadline);
        let mut report = DrainReport {
            complete: true,
            ..DrainReport::default()
        };
        // A running listener may still open a session while the others end.
        loop {
            let sessions = self.sessions_or_closed();
            if sessions.is_empty() {
                break;
            }
            for session in &sessions {
                session.begin_close();
            }
            for session in sessions {
                let drained = session.close_by(end).await;
                report.complete &= drained.complete;
                report.released += drained.released;
                report.unconfirmed += drained.unconfirmed;
                self.forget(session.id);
            }
        }
        let left = end.saturating_duration_since(Instant::now());
        if !matches!(tokio::time::timeout(left, self.driver.close(left)).await, Ok(Ok(()))) {
            self.driver.abandon();
            report.complete = false;
        }
        report.complete &= self.stragglers_returned(end).await;
        self.temporaries.lock().clear();
        self.events.close();
        Ok(report)
    }

    /// Ends at once what an orderly close could not end.
    pub(super) fn give_up(&self) {
        for session in self.sessions() {
            session.abandon();
        }
        self.life.close();
        self.end();
    }

    pub(super) fn abandon(&self) {
        if !self.life.close() {
            self.end();
        }
    }

    fn end(&self) {
        self.driver.abandon();
        self.temporaries.lock().clear();
        self.events.close();
    }
}
