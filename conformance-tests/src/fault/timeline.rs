//! What happened when, for whoever asks where the seconds of a run went.

use std::{fmt, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Since the run began.
    pub at: Duration,
    /// What it was.
    pub what: String,
}

/// What happened in one run, in order.
#[derive(Debug)]
pub struct Timeline {
    begin: Instant,
    notes: Mutex<Vec<Note>>,
}

/// A run without an end is not to be noted without an end.
const MOST: usize = 1000;

impl Timeline {
    /// The run begins now.
    pub(super) fn begin() -> Self {
        Self {
            begin: Instant::now(),
            notes: Mutex::default(),
        }
    }

    /// Notes what happens now.
    pub(super) fn note(&self, what: impl Into<String>) {
        let at = self.begin.elapsed();
        let mut notes = self.notes.lock();
        if notes.len() < MOST {
            notes.push(Note { at, what: what.into() });
        }
    }

    /// What was noted.
    pub fn notes(&self) -> Vec<Note> {
        self.notes.lock().clone()
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>9.3} s  {}", self.at.as_secs_f64(), self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn notes_stand_in_order_and_are_bounded() {
        let timeline = Timeline::begin();
        timeline.note("first");
        tokio::time::advance(Duration::from_millis(1500)).await;
        timeline.note("second");
        let told: Vec<_> = timeline.notes().iter().map(ToString::to_string).collect();
        assert_eq!(told, ["    0.000 s  first", "    1.500 s  second"]);
        for _ in 0..MOST {
            timeline.note("more");
        }
        assert_eq!(timeline.notes().len(), MOST);
    }
}
