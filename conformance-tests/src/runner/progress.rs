use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use parking_lot::Mutex;

use crate::Outcome;

/// Hears how a run goes; called from several threads.
pub trait Progress: Send + Sync {
    /// The run begins, with so many ids.
    fn started(&self, total: usize);

    /// An id begins.
    fn running(&self, id: &str);

    /// An id ended.
    fn finished(&self, id: &str, outcome: Outcome);

    /// The run ended, one way or the other.
    fn ended(&self);
}

/// Says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn started(&self, _total: usize) {}

    fn running(&self, _id: &str) {}

    fn finished(&self, _id: &str, _outcome: Outcome) {}

    fn ended(&self) {}
}

/// A bar on standard error, which keeps the failures on screen above it.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
    failed: Mutex<u64>,
}

impl Bar {
    /// A bar on standard error, whatever that is.
    pub fn new() -> Self {
        Self::on(ProgressDrawTarget::stderr())
    }

    /// A bar where standard error is a terminal, else nothing.
    pub fn on_terminal() -> Box<dyn Progress> {
        if std::io::stderr().is_terminal() {
            Box::new(Self::new())
        } else {
            Box::new(Silent)
        }
    }

    fn on(target: ProgressDrawTarget) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {prefix} {wide_msg}") {
            bar.set_style(style);
        }
        Self {
            bar,
            failed: Mutex::new(0),
        }
    }
}

impl Default for Bar {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress for Bar {
    fn started(&self, total: usize) {
        self.bar.set_length(u64::try_from(total).unwrap_or(u64::MAX));
    }

    fn running(&self, id: &str) {
        self.bar.set_message(id.to_owned());
    }

    fn finished(&self, id: &str, outcome: Outcome) {
        self.bar.inc(1);
        if outcome == Outcome::Fail {
            let mut failed = self.failed.lock();
            *failed += 1;
            self.bar.set_prefix(format!("{failed} failed"));
            self.bar.println(format!("fail {id}"));
        }
    }

    fn ended(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_follows_the_run() {
        let bar = Bar::on(ProgressDrawTarget::hidden());
        bar.started(3);
        bar.running("CONN-01");
        bar.finished("CONN-01", Outcome::Pass);
        bar.finished("CONN-02", Outcome::Fail);
        assert_eq!((bar.bar.length(), bar.bar.position()), (Some(3), 2));
        assert_eq!(bar.bar.prefix(), "1 failed");
        bar.ended();
        assert!(bar.bar.is_finished());
    }
}
