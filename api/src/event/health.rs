/// How a connection is, by what it does and not by its socket alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// The link to the broker is up.
    pub connected: bool,
    /// Delivery was started and not stopped.
    pub started: bool,
    /// The broker asks publishers to pause.
    pub blocked: bool,
    /// Open consumers.
    pub consumers: usize,
    /// Open consumers whose subscription the broker serves.
    pub consumers_served: usize,
}

impl Health {
    /// Connected, not blocked, and every consumer is served.
    pub const fn is_healthy(&self) -> bool {
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
