//! What is there before a run, and must not be more after it.

use std::{cell::Cell, collections::HashSet, fmt, sync::Arc, time::Duration};

use anymq_api::BoxError;
use parking_lot::Mutex;
use tokio::runtime::Handle;

use super::Timeline;
use crate::{harness::Harness, poll};

/// What clients hold at a broker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Connections.
    pub connections: usize,
    /// Sessions, or channels.
    pub sessions: usize,
    /// Consumers.
    pub consumers: usize,
    /// Destinations that end with their connection.
    pub temporary: usize,
    /// Subscriptions that outlive their connection.
    pub subscriptions: usize,
    /// Messages.
    pub messages: usize,
}

/// What there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Census {
    /// Tasks of the runtime.
    pub(super) tasks: usize,
    /// Sockets of the process but for local ones, where the system tells.
    pub(super) sockets: usize,
    /// At the broker, where the harness tells.
    pub(super) held: Option<Holdings>,
}

const PAUSE: Duration = Duration::from_millis(50);
/// A busy broker takes its time to tell.
const PATIENCE: u32 = 6;

impl Census {
    pub(super) async fn take(harness: &Arc<dyn Harness>) -> Result<Self, BoxError> {
        Ok(Self {
            tasks: tasks(),
            sockets: sockets(),
            held: harness.holdings().await.transpose()?,
        })
    }

    /// Waits until what is ending has ended: a count that is too high to begin with would hide what is left over.
    pub(super) async fn calm(limit: Duration) {
        let seen = Cell::new((tasks(), sockets()));
        let same = async || {
            let now = (tasks(), sockets());
            (seen.replace(now) == now).then_some(())
        };
        // Whoever never comes to rest is counted as it is.
        let _ = poll::until(limit, PAUSE * 4, same).await;
    }

    /// Waits until there is no more than there was before; says what is left over otherwise.
    pub(super) async fn no_more(
        harness: &Arc<dyn Harness>,
        before: Self,
        limit: Duration,
        timeline: &Timeline,
    ) -> Result<(), String> {
        let latest = Mutex::new(Err("nobody could tell".to_owned()));
        let here = async || (tasks() <= before.tasks && sockets() <= before.sockets).then_some(());
        // Here first, as this costs nothing.
        let _ = poll::until(limit, PAUSE, here).await;
        timeline.note(format!(
            "census: {} tasks, {} sockets; {before} before",
            tasks(),
            sockets()
        ));
        let all = async || {
            let taken = Self::take(harness).await.map_err(|error| error.to_string());
            let judged = taken.and_then(|after| after.within(&before));
            let is_well = judged.is_ok();
            if let Err(left_over) = &judged {
                timeline.note(format!("census: {left_over}"));
            }
            *latest.lock() = judged;
            is_well.then_some(())
        };
        match poll::until(limit * PATIENCE, PAUSE, all).await {
            Ok(()) => Ok(()),
            Err(_) => latest.into_inner(),
        }
    }

    fn within(&self, before: &Self) -> Result<(), String> {
        let own = [
            ("tasks", self.tasks, before.tasks),
            ("sockets", self.sockets, before.sockets),
        ];
        let held = self.held.zip(before.held).map_or(Vec::new(), |(after, before)| {
            vec![
                ("connections at the broker", after.connections, before.connections),
                ("sessions at the broker", after.sessions, before.sessions),
                ("consumers at the broker", after.consumers, before.consumers),
                ("temporary destinations", after.temporary, before.temporary),
                ("durable subscriptions", after.subscriptions, before.subscriptions),
                ("messages at the broker", after.messages, before.messages),
            ]
        });
        let more: Vec<_> = own
            .into_iter()
            .chain(held)
            .filter(|(_, after, before)| after > before)
            .map(|(what, after, before)| format!("{what}: {after} instead of {before}"))
            .collect();
        if more.is_empty() {
            return Ok(());
        }
        Err(format!("left over: {}", more.join(", ")))
    }
}

impl fmt::Display for Census {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tasks, {} sockets", self.tasks, self.sockets)
    }
}

/// How many tasks of this runtime have not ended.
pub(super) fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

/// How many sockets the process has, but for local ones; 0 where the system does not tell.
///
/// What a library starts once in a process may have one of those, as every runtime has: when it does so is no leak.
pub(super) fn sockets() -> usize {
    let Ok(files) = std::fs::read_dir("/proc/self/fd") else {
        return 0;
    };
    let targets = files.flatten().filter_map(|file| std::fs::read_link(file.path()).ok());
    let all: Vec<String> = targets.filter_map(|target| inode(&target.to_string_lossy())).collect();
    // Afterwards, so that it knows all of them.
    let local = local_sockets();
    all.iter().filter(|inode| !local.contains(*inode)).count()
}

/// The number in `socket:[4711]`.
fn inode(target: &str) -> Option<String> {
    let number = target.strip_prefix("socket:[")?.strip_suffix(']')?;
    Some(number.to_owned())
}

/// The numbers of all local sockets, of whatever process.
fn local_sockets() -> HashSet<String> {
    let table = std::fs::read_to_string("/proc/self/net/unix").unwrap_or_default();
    let numbers = table.lines().filter_map(|line| line.split_whitespace().nth(6));
    numbers.map(str::to_owned).collect()
}

/// How much memory the process has, in bytes; 0 where the system does not tell.
pub(super) fn memory() -> u64 {
    /// Of the systems that tell; others are off by a factor, which matters to no comparison.
    const PAGE: u64 = 4096;
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let resident = text
        .split_whitespace()
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    resident.unwrap_or(0) * PAGE
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    use std::os::fd::AsRawFd as _;

    use super::*;

    #[test]
    fn what_is_more_is_left_over() {
        let before = Census {
            tasks: 3,
            sockets: 1,
            held: Some(Holdings::default()),
        };
        assert_eq!(Census { tasks: 2, ..before }.within(&before), Ok(()));
        let held = Holdings {
            consumers: 2,
            ..Holdings::default()
        };
        let after = Census {
            tasks: 4,
            held: Some(held),
            ..before
        };
        let told = "left over: tasks: 4 instead of 3, consumers at the broker: 2 instead of 0";
        assert_eq!(after.within(&before), Err(told.to_owned()));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_system_tells() {
        let before = sockets();
        let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        assert!(sockets() > before && memory() > 0);
        drop(socket);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn local_sockets_are_another_matter() {
        let pair = std::os::unix::net::UnixStream::pair().unwrap();
        let target = std::fs::read_link(format!("/proc/self/fd/{}", pair.0.as_raw_fd())).unwrap();
        let number = inode(&target.to_string_lossy()).unwrap();
        assert!(local_sockets().contains(&number));
    }
}
