//! What a guarded process is made of.

use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::BrokerError;

/// The shell that stands between us and the program; it says itself what it does.
const GUARD: &str = include_str!("guard.sh");

/// What to run, and how to end it.
#[derive(Debug, Clone)]
pub struct ProcessSpec {
    program: PathBuf,
    args: Vec<OsString>,
    env: Vec<(OsString, Option<OsString>)>,
    log: PathBuf,
    stdout: Option<PathBuf>,
    grace: Duration,
    scratch: Option<PathBuf>,
}

impl ProcessSpec {
    /// Runs `program` with everything that it prints appended to the file `log`.
    pub fn new(program: impl Into<PathBuf>, log: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            env: Vec::new(),
            log: log.into(),
            stdout: None,
            grace: Duration::ZERO,
            scratch: None,
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(|a| a.as_ref().to_owned()));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        let value = Some(value.as_ref().to_owned());
        self.env.push((name.as_ref().to_owned(), value));
        self
    }

    /// Keeps a variable of our own environment from the process.
    #[must_use]
    pub fn env_remove(mut self, name: impl AsRef<OsStr>) -> Self {
        self.env.push((name.as_ref().to_owned(), None));
        self
    }

    /// Sends standard output to a file of its own, overwriting it; standard error still goes to the log.
    #[must_use]
    pub fn stdout(mut self, file: impl Into<PathBuf>) -> Self {
        self.stdout = Some(file.into());
        self
    }

    /// How long the process may take after SIGTERM before SIGKILL ends it when its value is dropped or we die. Zero, the
    /// default, ends it by SIGKILL at once, as is right for what keeps nothing; [`GuardedProcess::terminate`](super::GuardedProcess::terminate) has its
    /// own limit.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// A directory that is removed with everything in it when we die without removing it.
    #[must_use]
    pub fn scratch(mut self, directory: impl Into<PathBuf>) -> Self {
        self.scratch = Some(directory.into());
        self
    }

    /// The program, for messages.
    pub(super) fn name(&self) -> String {
        self.program.display().to_string()
    }

    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    pub(super) fn grace_period(&self) -> Duration {
        self.grace
    }

    /// The guarding shell as leader of a new process group, with a pipe to us on its standard input.
    pub(super) fn command(&self) -> Result<Command, BrokerError> {
        let log = open_log(&self.log)?;
        let stdout = match &self.stdout {
            Some(path) => File::create(path).map_err(creating(path))?,
            None => log.try_clone().map_err(creating(&self.log))?,
        };
        let mut command = Command::new("sh");
        command
            .args(["-c", GUARD, "guard"])
            .arg(self.grace.as_millis().div_ceil(100).to_string())
            .arg(self.scratch.as_deref().unwrap_or(Path::new("")))
            .arg(&self.program)
            .args(&self.args)
            .stdin(Stdio::piped())
            .stdout(stdout)
            .stderr(log)
            .process_group(0);
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Ok(command)
    }
}

fn open_log(path: &Path) -> Result<File, BrokerError> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).open(path).map_err(creating(path))
}

fn creating(path: &Path) -> impl FnOnce(io::Error) -> BrokerError {
    BrokerError::io(format!("create {}", path.display()))
}
