use crate::{Error, Timestamp};

/// How a connection is, by what it does and not by its socket alone.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Health {
    /// The link to the broker is up.
    pub connected: bool,
    /// The host at its other end, where the provider tells it; while there is none, the one before.
    pub host: Option<String>,
    /// Since when it has been up, or down.
    pub since: Option<Timestamp>,
    /// How often it was lost.
    pub outages: u64,
    /// What went wrong last: why the link was lost, a consumer ended, an acknowledgement failed.
    pub last_error: Option<Error>,
    /// Delivery was started and not stopped.
    pub started: bool,
    /// The broker asks publishers to pause.
    pub blocked: bool,
    /// Open consumers.
    pub consumers: usize,
    /// Open consumers whose subscription the broker serves, by what the driver knows of it: after an outage only those
    /// that were made again.
    pub consumers_served: usize,
}

impl Health {
    /// Connected, not blocked, and every consumer is served.
    pub fn is_healthy(&self) -> bool {
        self.connected && !self.blocked && self.consumers == self.consumers_served
    }
}

/// What closing a connection left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DrainReport {
    /// Everything ended in order, within the deadline, and no listener runs any more.
    pub complete: bool,
    /// Deliveries given back to the broker because the application had not acknowledged them.
    pub released: usize,
    /// Sends whose confirmation was still outstanding when the deadline passed.
    pub unconfirmed: usize,
}
