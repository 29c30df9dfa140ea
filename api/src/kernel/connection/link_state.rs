use parking_lot::Mutex;

use crate::{Health, Timestamp};

/// How the link is, and has been.
pub(crate) struct LinkState(Mutex<Facts>);

struct Facts {
    connected: bool,
    host: Option<String>,
    since: Timestamp,
    outages: u64,
}

impl LinkState {
    pub(super) const fn up(host: Option<String>, since: Timestamp) -> Self {
        Self(Mutex::new(Facts {
            connected: true,
            host,
            since,
            outages: 0,
        }))
    }

    pub(super) fn lost(&self, now: Timestamp) {
        let mut facts = self.0.lock();
        // Given up, after it was lost.
        if std::mem::replace(&mut facts.connected, false) {
            facts.since = now;
            facts.outages += 1;
        }
    }

    pub(super) fn restored(&self, host: Option<String>, now: Timestamp) {
        let mut facts = self.0.lock();
        facts.connected = true;
        facts.host = host;
        facts.since = now;
    }

    pub(super) fn describe(&self, health: &mut Health) {
        let facts = self.0.lock();
        health.connected = facts.connected;
        health.host.clone_from(&facts.host);
        health.since = Some(facts.since);
        health.outages = facts.outages;
    }
}
