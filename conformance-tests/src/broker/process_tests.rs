//! Processes end when they must.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tempfile::TempDir;

use super::*;

const LIMIT: Duration = Duration::from_secs(20);

/// A shell command in a directory of its own; its log is there too.
fn shell(directory: &TempDir, script: &str) -> ProcessSpec {
    ProcessSpec::new("sh", directory.path().join("log")).args(["-c", script])
}

fn directory() -> TempDir {
    TempDir::new().unwrap()
}

/// Whether anything of the group lives, also after its value is gone.
fn group_lives(group: u32) -> bool {
    group::lives(Pid::from_raw(i32::try_from(group).unwrap()).unwrap())
}

/// Waits until the command has printed `line`.
async fn printed(process: &GuardedProcess, line: &str) {
    let seen = async || process.log_tail().lines().any(|l| l == line).then_some(());
    poll::until(LIMIT, PAUSE, seen).await.unwrap();
}

#[test]
fn a_process_ends_with_its_value() {
    let directory = directory();
    let spec = ProcessSpec::new("sleep", directory.path().join("log")).args(["600"]);
    let process = GuardedProcess::spawn(&spec).unwrap();
    let group = process.group();
    assert!(group_lives(group));
    assert_eq!(process.exit_status().unwrap(), None);
    drop(process);
    assert!(!group_lives(group));
}

#[tokio::test]
async fn the_whole_group_ends() {
    let directory = directory();
    let script = "sleep 600 & (sleep 600 & sleep 600) & echo up; wait";
    let mut process = GuardedProcess::spawn(&shell(&directory, script)).unwrap();
    printed(&process, "up").await;
    process.kill().await.unwrap();
    assert!(!group_lives(process.group()));
}

#[test]
fn a_panic_ends_the_process() {
    let directory = directory();
    let process = GuardedProcess::spawn(&shell(&directory, "sleep 600")).unwrap();
    let group = process.group();
    let panicking = catch_unwind(AssertUnwindSafe(move || {
        let _kept = process;
        std::panic::resume_unwind(Box::new("as a failing test does"));
    }));
    assert!(panicking.is_err());
    assert!(!group_lives(group));
}

#[tokio::test]
async fn the_exit_status_stays_readable() {
    let directory = directory();
    let process = GuardedProcess::spawn(&shell(&directory, "echo bye; exit 7")).unwrap();
    assert_eq!(process.wait(LIMIT).await.unwrap(), 7);
    assert_eq!(process.exit_status().unwrap(), Some(7));
    let error = process.check_alive().unwrap_err();
    assert_eq!(
        error.to_string(),
        "sh ended by itself with status 7\nbye",
        "the log belongs to the error"
    );
}

#[tokio::test]
async fn a_missing_program_ends_with_127() {
    let directory = directory();
    let spec = ProcessSpec::new("/nowhere/to/be/found", directory.path().join("log"));
    let process = GuardedProcess::spawn(&spec).unwrap();
    assert_eq!(process.wait(LIMIT).await.unwrap(), 127);
}

#[tokio::test]
async fn terminate_asks_the_program_first() {
    let directory = directory();
    let script = "trap 'echo asked; exit 3' TERM; echo up; while :; do sleep 0.01; done";
    let mut process = GuardedProcess::spawn(&shell(&directory, script)).unwrap();
    printed(&process, "up").await;
    assert_eq!(process.terminate(LIMIT).await.unwrap(), 3);
    assert_eq!(process.log_tail(), "up\nasked");
    let again = process.terminate(LIMIT).await.unwrap_err();
    assert!(matches!(again, BrokerError::NotRunning { .. }), "{again}");
}

#[tokio::test]
async fn terminate_kills_who_does_not_listen() {
    let directory = directory();
    let script = "trap '' TERM; echo up; while :; do sleep 0.01; done";
    let mut process = GuardedProcess::spawn(&shell(&directory, script)).unwrap();
    printed(&process, "up").await;
    let error = process.terminate(Duration::from_millis(100)).await;
    assert!(matches!(error, Err(BrokerError::TimedOut { .. })));
    assert!(!group_lives(process.group()));
}

#[tokio::test]
async fn a_drop_with_grace_asks_first() {
    let directory = directory();
    let script = "trap 'echo asked; exit' TERM; echo up; while :; do sleep 0.01; done";
    let spec = shell(&directory, script).grace(LIMIT);
    let process = GuardedProcess::spawn(&spec).unwrap();
    printed(&process, "up").await;
    drop(process);
    let log = std::fs::read_to_string(directory.path().join("log")).unwrap();
    assert_eq!(log, "up\nasked\n");
}

/// What the guard does when we die is the same as when only its pipe closes.
#[tokio::test]
async fn a_closed_pipe_ends_the_group_and_the_scratch_directory() {
    let logs = directory();
    let scratch = directory().keep();
    let script = "sleep 600 & echo up; wait";
    let spec = shell(&logs, script).scratch(&scratch);
    let mut process = GuardedProcess::spawn(&spec).unwrap();
    printed(&process, "up").await;
    drop(process.leader.stdin.take());
    // The leader is our child: until we reap it, it stays in its group.
    process.wait(LIMIT).await.unwrap();
    process.leader.wait().unwrap();
    process.reaped = true;
    let gone = async || (process.group_is_empty().is_some() && !scratch.exists()).then_some(());
    poll::until(LIMIT, PAUSE, gone).await.unwrap();
}

#[tokio::test]
async fn standard_output_can_be_kept_apart() {
    let directory = directory();
    let out = directory.path().join("out");
    let spec = shell(&directory, "echo result; echo trouble >&2").stdout(&out);
    let process = GuardedProcess::spawn(&spec).unwrap();
    process.wait(LIMIT).await.unwrap();
    assert_eq!(std::fs::read_to_string(out).unwrap(), "result\n");
    assert_eq!(process.log_tail(), "trouble");
}
