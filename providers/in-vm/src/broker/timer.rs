//! When a broker has to do something without being asked: delayed messages fall due, others expire.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    sync::{Arc, Weak},
    time::Duration,
};

use anymq_api::{Clock, Timestamp};
use parking_lot::{Condvar, Mutex};

use super::Queue;

/// The clock may be set while the thread sleeps, so it looks again after this.
const LONGEST_SLEEP: Duration = Duration::from_secs(10);

/// Wakes queues at their times. With the system's clock a thread does it, which runs only while something is scheduled;
/// with any other clock nothing happens by itself, and whoever moves the clock calls [`run_due`](Self::run_due).
#[derive(Debug)]
pub(super) struct Timer {
    clock: Arc<dyn Clock>,
    by_itself: bool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    due: BinaryHeap<Reverse<Due>>,
    next: u64,
    running: bool,
    stopped: bool,
}

#[derive(Debug)]
struct Due {
    at: Timestamp,
    /// Makes each different.
    number: u64,
    queue: Weak<Queue>,
}

impl Due {
    fn key(&self) -> (Timestamp, u64) {
        (self.at, self.number)
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl Timer {
    pub(super) fn new(clock: Arc<dyn Clock>, by_itself: bool) -> Arc<Self> {
        Arc::new(Self {
            clock,
            by_itself,
            state: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Has the queue woken at that time. May be called under the queue's lock.
    pub(super) fn schedule(self: &Arc<Self>, at: Timestamp, queue: Weak<Queue>) {
        let mut state = self.state.lock();
        if state.stopped {
            return;
        }
        let number = state.next;
        state.next += 1;
        state.due.push(Reverse(Due { at, number, queue }));
        if self.by_itself && !std::mem::replace(&mut state.running, true) {
            let timer = Arc::clone(self);
            let thread = std::thread::Builder::new().name("anymq-in-vm-timer".to_owned());
            // Without a thread, expired messages are still found when they would be delivered; the next call tries again.
            state.running = thread.spawn(move || timer.run()).is_ok();
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Wakes every queue whose time has come.
    pub(super) fn run_due(&self) {
        loop {
            // Unlocked again before the queue is woken, which may schedule the next time.
            let due = self.state.lock().pop_due(self.now());
            match due {
                Some(queue) => wake(&queue),
                None => return,
            }
        }
    }

    /// Nothing is woken any more, and the thread ends.
    pub(super) fn stop(&self) {
        let mut state = self.state.lock();
        state.stopped = true;
        let forgotten = std::mem::take(&mut state.due);
        drop(state);
        drop(forgotten);
        self.changed.notify_one();
    }

    fn run(&self) {
        let mut state = self.state.lock();
        while let Some(at) = state.next_time() {
            let now = self.now();
            if let Some(queue) = state.pop_due(now) {
                drop(state);
                wake(&queue);
                state = self.state.lock();
            } else {
                let left = at.saturating_since(now).min(LONGEST_SLEEP);
                self.changed.wait_for(&mut state, left);
            }
        }
        state.running = false;
    }
}

fn wake(queue: &Weak<Queue>) {
    if let Some(queue) = queue.upgrade() {
        queue.on_time();
    }
}

impl State {
    fn next_time(&self) -> Option<Timestamp> {
        self.due.peek().map(|Reverse(due)| due.at)
    }

    fn pop_due(&mut self, now: Timestamp) -> Option<Weak<Queue>> {
        if self.next_time().is_none_or(|at| at > now) {
            return None;
        }
        self.due.pop().map(|Reverse(due)| due.queue)
    }
}
