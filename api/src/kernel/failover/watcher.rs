use std::time::Duration;

use crate::{Error, spi::EventSink};

/// A link was lost.
#[derive(Clone, Debug)]
pub(crate) struct Interruption {
    /// Epochs before this one are over.
    pub(crate) epoch: u32,
    pub(crate) error: Error,
}

/// There is a link again.
#[derive(Clone, Debug)]
pub(crate) struct Restoration {
    pub(crate) host: Option<String>,
    pub(crate) after: Duration,
}

/// Who is told how the links are; otherwise an event sink like any driver's. A link that is lost for good comes as the
/// driver's event does.
pub(crate) trait Watcher: EventSink {
    /// When it returns, nothing of the old link is handed out or settled any more. Called under the locks of whoever
    /// found the link lost: it calls nothing of the driver but [`grant_credit`](crate::spi::DriverSubscription), which
    /// is kept for the next link.
    fn interrupted(&self, interruption: Interruption);

    fn restored(&self, restoration: Restoration);
}
