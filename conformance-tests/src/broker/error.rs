//! What can go wrong with a broker of ours.

use std::io;
use std::time::Duration;

/// A broker could not be started, asked or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrokerError {
    /// The broker's software is not on this machine.
    #[error("{what} is not installed: {hint}")]
    NotInstalled {
        /// What is missing.
        what: String,
        /// How to get it.
        hint: String,
    },
    /// The operating system refused something.
    #[error("cannot {action}")]
    Io {
        /// What was tried.
        action: String,
        /// Why it failed.
        source: io::Error,
    },
    /// A process ended that should have gone on.
    #[error("{what} ended by itself with status {status}\n{log_tail}")]
    Exited {
        /// The program.
        what: String,
        /// Its exit status; 128 + n after signal n.
        status: i32,
        /// The last lines that it printed.
        log_tail: String,
    },
    /// A process is alive but did not do what was waited for.
    #[error("{what} did not {expected} within {limit:?}\n{log_tail}")]
    TimedOut {
        /// The program.
        what: String,
        /// What was waited for.
        expected: &'static str,
        /// How long was waited.
        limit: Duration,
        /// The last lines that it printed.
        log_tail: String,
    },
    /// The broker's control command refused.
    #[error("{command} failed with status {status}\n{output}")]
    Control {
        /// The command with its arguments.
        command: String,
        /// Its exit status.
        status: i32,
        /// What it printed.
        output: String,
    },
    /// The broker was stopped or killed before.
    #[error("{what} is not running")]
    NotRunning {
        /// The broker.
        what: String,
    },
}

impl BrokerError {
    /// For `map_err`: says what was tried when the operating system refused.
    pub(crate) fn io(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let action = action.into();
        move |source| Self::Io { action, source }
    }
}
