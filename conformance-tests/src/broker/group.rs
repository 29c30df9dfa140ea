//! Whether anything of a process group still lives.

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process_group};

/// Whether a process of this group can still do something.
///
/// The kernel's own answer counts the dead until they are reaped, which is the first process's duty when their parent
/// is gone too, and some first processes take seconds or, in containers, never do it. So on Linux the dead are told apart.
pub(super) fn lives(group: Pid) -> bool {
    test_kill_process_group(group) != Err(Errno::SRCH) && has_member_alive(group)
}

#[cfg(target_os = "linux")]
fn has_member_alive(group: Pid) -> bool {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return true;
    };
    entries
        .flatten()
        .filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok())
        .any(|stat| is_alive_in(group, &stat) == Some(true))
}

#[cfg(not(target_os = "linux"))]
fn has_member_alive(_group: Pid) -> bool {
    true
}

/// Reads a line of `/proc/PID/stat`: pid, name in parentheses, state, parent, group, and further on the number of threads.
#[cfg(target_os = "linux")]
fn is_alive_in(group: Pid, stat: &str) -> Option<bool> {
    // The name may hold anything, parentheses and spaces too.
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let threads: u32 = fields.get(17)?.parse().ok()?;
    // A process whose first thread has ended shows as dead while its other threads still hold its files and ports.
    let dead = matches!(*fields.first()?, "Z" | "X") && threads <= 1;
    let of_group = fields.get(2)?.parse() == Ok(group.as_raw_pid());
    Some(of_group && !dead)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn alive(group: i32, state: &str, threads: u32) -> Option<bool> {
        let stat = format!("7 (a) Z (b)) {state} 1 42 42 0 -1 0 0 0 0 0 0 0 0 0 20 0 {threads} 0 12 0");
        is_alive_in(Pid::from_raw(group).unwrap(), &stat)
    }

    #[test]
    fn only_the_living_of_the_group_count() {
        assert_eq!(alive(42, "S", 1), Some(true));
        assert_eq!(alive(43, "S", 1), Some(false));
        assert_eq!(alive(42, "Z", 1), Some(false));
        assert_eq!(alive(42, "Z", 3), Some(true), "other threads still end");
    }

    #[test]
    fn our_own_group_lives() {
        assert!(lives(rustix::process::getpgrp()));
    }
}
