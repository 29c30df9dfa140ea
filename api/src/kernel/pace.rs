use std::sync::atomic::{AtomicU32, Ordering};

/// How often an object's calls count for the scheduler.
///
/// A task that never has to wait must let others run now and then: the runtime has it yield after 128 calls, reckoning
/// with about a microsecond for each. Where the broker is in the same process a call takes a tenth of that, and a
/// switch of tasks, to another thread perhaps, as much as many calls.
#[derive(Debug, Default)]
pub(crate) struct Pace(AtomicU32);

/// So many calls count as one.
const CALLS: u32 = 8;

impl Pace {
    /// Whether this call counts. Calls at the same time may be taken for one.
    pub(crate) fn counts(&self) -> bool {
        let calls = self.0.load(Ordering::Relaxed).wrapping_add(1);
        self.0.store(calls, Ordering::Relaxed);
        calls.is_multiple_of(CALLS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_so_many_calls_count_as_one() {
        let pace = Pace::default();
        let counted = (0..10 * CALLS).filter(|_| pace.counts()).count();
        assert_eq!(counted, 10);
    }
}
