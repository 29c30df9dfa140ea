//! What a queue tells of itself.

use super::{Queue, state::State};
use crate::broker::{
    BrokerStats, DestinationStats,
    consumers::ConsumerKey,
    crowd::{Crowd, Overflow},
    discarded::Discarded,
};

/// What has become of the messages of a queue, since it was made.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) enqueued: u64,
    pub(super) expired: u64,
    pub(super) overflowed: u64,
    pub(super) rejected: u64,
}

impl Queue {
    pub(in crate::broker) fn ready(&self) -> usize {
        self.state.lock().backlog.len()
    }

    pub(in crate::broker) fn delayed(&self) -> usize {
        self.state.lock().delayed.len()
    }

    pub(in crate::broker) fn count_consumer(&self, consumer: ConsumerKey, stats: &mut BrokerStats) {
        let mut discarded = Discarded::default();
        let mut guarded = self.state.lock();
        if let Some(consumer) = guarded.consumers.get_swept(consumer, &mut discarded) {
            stats.consumers += usize::from(consumer.is_open());
            stats.unsettled += consumer.unsettled();
        }
        guarded.record(&mut discarded);
    }

    pub(in crate::broker) fn figures(&self) -> DestinationStats {
        let mut discarded = Discarded::default();
        let mut state = self.state.lock();
        let mut figures = DestinationStats::new(self.label.address.clone(), self.label.subscription.clone());
        state.fill(&mut figures, &mut discarded);
        state.record(&mut discarded);
        figures.refused = self.crowd.as_ref().map_or(0, |crowd| crowd.refused());
        figures.full = self.crowd.as_ref().is_some_and(|crowd| state.fills(crowd));
        drop(state);
        figures
    }
}

impl State {
    fn fill(&mut self, stats: &mut DestinationStats, discarded: &mut Discarded) {
        // What is accepted is settled, though nobody has looked yet.
        for (_, consumer) in self.consumers.iter_mut() {
            consumer.sweep(discarded);
            stats.consumers += usize::from(consumer.is_open());
            stats.unsettled += consumer.unsettled();
        }
        stats.ready = self.backlog.len();
        stats.delayed = self.delayed.len();
        stats.bytes = self.backlog.weighed();
        stats.enqueued = self.counts.enqueued;
        stats.delivered = self.consumers.delivered();
        stats.expired = self.counts.expired;
        stats.overflowed = self.counts.overflowed;
        stats.rejected = self.counts.rejected;
    }

    fn fills(&self, crowd: &Crowd) -> bool {
        match crowd.limit.overflow {
            // It never stays full, as the next message makes room for itself.
            Overflow::DropOldest => crowd.limit.is_reached(self.backlog.len(), self.backlog.bytes()),
            Overflow::Wait | Overflow::Refuse => crowd.is_full(),
        }
    }
}
