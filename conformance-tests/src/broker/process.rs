//! A child process that cannot outlive us.

use std::path::PathBuf;
use std::process::Child;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, kill_process, kill_process_group, waitid};

use super::{BrokerError, ProcessSpec, group};
use crate::poll;

/// How often a process is looked at.
const PAUSE: Duration = Duration::from_millis(10);

/// How often a process is asked whether it is ready.
const READY_PAUSE: Duration = Duration::from_millis(50);

/// How long the kernel may take to clear away what was killed.
const CLEARING: Duration = Duration::from_secs(5);

/// How much of the log goes into an error.
const TAIL_LINES: usize = 30;

/// A running program in a process group of its own, with all that it starts there.
///
/// The group is ended when this value is dropped, also while a panic unwinds, and also when our process ends without
/// dropping anything (Ctrl-C, `abort`, SIGKILL). Signals only ever go to this group, and only while its leader is not
/// reaped, so its number cannot belong to anybody else.
#[derive(Debug)]
pub struct GuardedProcess {
    name: String,
    leader: Child,
    group: Pid,
    grace: Duration,
    log: PathBuf,
    reaped: bool,
}

impl GuardedProcess {
    /// Starts the program.
    ///
    /// # Errors
    ///
    /// [`BrokerError::Io`] when a file cannot be created or no process started. A program that does not exist ends with
    /// status 127, as in any shell.
    pub fn spawn(spec: &ProcessSpec) -> Result<Self, BrokerError> {
        let name = spec.name();
        let leader = spec
            .command()?
            .spawn()
            .map_err(BrokerError::io(format!("start {name}")))?;
        let group = Pid::from_child(&leader);
        Ok(Self {
            name,
            leader,
            group,
            grace: spec.grace_period(),
            log: spec.log().to_owned(),
            reaped: false,
        })
    }

    /// The number of the process group, which is also the pid of its leader, the guarding shell.
    pub fn group(&self) -> u32 {
        self.leader.id()
    }

    /// The program's exit status (128 + n after signal n), or `None` while it runs.
    ///
    /// # Errors
    ///
    /// [`BrokerError::NotRunning`] when it was ended through this value before.
    pub fn exit_status(&self) -> Result<Option<i32>, BrokerError> {
        if self.reaped {
            return Err(BrokerError::NotRunning {
                what: self.name.clone(),
            });
        }
        // NOWAIT leaves the leader unreaped, so the number of the group stays ours.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let status = waitid(WaitId::Pid(self.group), options)
            .map_err(|errno| BrokerError::io(format!("look at {}", self.name))(errno.into()))?;
        Ok(status.as_ref().map(shell_status))
    }

    /// Waits until the program ends by itself and gives its exit status.
    ///
    /// # Errors
    ///
    /// [`BrokerError::TimedOut`] when it does not within `limit`; it goes on then.
    ///
    /// # Cancel safety
    ///
    /// Safe; the program goes on.
    pub async fn wait(&self, limit: Duration) -> Result<i32, BrokerError> {
        poll::until(limit, PAUSE, async || self.exit_status().transpose())
            .await
            .unwrap_or_else(|_| Err(self.timed_out("end", limit)))
    }

    /// Asks the program to end (SIGTERM) and waits for it; whatever is left of the group then is killed.
    ///
    /// # Errors
    ///
    /// [`BrokerError::TimedOut`] when the program had to be killed after `limit`.
    ///
    /// # Cancel safety
    ///
    /// The program has been asked, and the group is not yet cleared.
    pub async fn terminate(&mut self, limit: Duration) -> Result<i32, BrokerError> {
        self.exit_status()?;
        self.ask();
        let outcome = self.wait(limit).await;
        self.kill().await?;
        outcome
    }

    /// Ends the whole group by SIGKILL, as a crash does, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// [`BrokerError::TimedOut`] when the kernel does not clear the group away.
    ///
    /// # Cancel safety
    ///
    /// The group has been killed in any case once this was polled.
    pub async fn kill(&mut self) -> Result<(), BrokerError> {
        self.kill_and_reap();
        poll::until(CLEARING, PAUSE, async || self.group_is_empty())
            .await
            .map_err(|_| self.timed_out("die", CLEARING))
    }

    /// Calls `probe` until it gives a value, which shows that the process did what is expected.
    pub(super) async fn until<T, F: Future<Output = Option<T>>>(
        &self,
        expected: &'static str,
        limit: Duration,
        mut probe: impl FnMut() -> F,
    ) -> Result<T, BrokerError> {
        let alive_and = || {
            let probed = probe();
            async {
                match self.check_alive() {
                    Err(error) => Some(Err(error)),
                    Ok(()) => probed.await.map(Ok),
                }
            }
        };
        poll::until(limit, READY_PAUSE, alive_and)
            .await
            .unwrap_or_else(|_| Err(self.timed_out(expected, limit)))
    }

    /// The last lines that the program printed.
    pub fn log_tail(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
    }

    /// The error for something that this process did not do in time.
    fn timed_out(&self, expected: &'static str, limit: Duration) -> BrokerError {
        BrokerError::TimedOut {
            what: self.name.clone(),
            expected,
            limit,
            log_tail: self.log_tail(),
        }
    }

    /// The error when this process has ended by itself, else `Ok`.
    fn check_alive(&self) -> Result<(), BrokerError> {
        match self.exit_status()? {
            None => Ok(()),
            Some(status) => Err(BrokerError::Exited {
                what: self.name.clone(),
                status,
                log_tail: self.log_tail(),
            }),
        }
    }

    /// SIGTERM to the leader, which passes it on to the program alone: Erlang's helper processes would die of it first
    /// and take the broker with them.
    fn ask(&self) {
        let _gone_already = kill_process(self.group, Signal::TERM);
    }

    fn kill_and_reap(&mut self) {
        if self.reaped {
            return;
        }
        let _gone_already = kill_process_group(self.group, Signal::KILL);
        let _status = self.leader.wait();
        self.reaped = true;
    }

    fn group_is_empty(&self) -> Option<()> {
        (!group::lives(self.group)).then_some(())
    }

    fn has_ended(&self) -> Option<()> {
        matches!(self.exit_status(), Ok(Some(_))).then_some(())
    }
}

impl Drop for GuardedProcess {
    fn drop(&mut self) {
        if !self.reaped && !self.grace.is_zero() {
            self.ask();
            let _killed_next = poll::until_blocking(self.grace, PAUSE, || self.has_ended());
        }
        self.kill_and_reap();
        let _best_effort = poll::until_blocking(CLEARING, PAUSE, || self.group_is_empty());
    }
}

fn shell_status(status: &WaitIdStatus) -> i32 {
    let signalled = || status.terminating_signal().map_or(-1, |n| 128 + n);
    status.exit_status().unwrap_or_else(signalled)
}

#[cfg(test)]
#[path = "process_tests.rs"]
mod tests;
