//! What a broker leaves behind.

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anymq_conformance::poll;

/// Erlang's helpers in sessions of their own (resolver, memory monitor) end when they find their pipe closed.
const HELPERS_LIMIT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// The processes that have something of this broker's directory in their environment, as all of them do: it is their
/// home. The dead that nobody has reaped yet have no environment.
pub(crate) fn processes_of(directory: &Path) -> Vec<String> {
    let needle = directory.to_string_lossy().into_owned();
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let of_this = |path: &PathBuf| {
        let environment = fs::read(path.join("environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(&needle)
    };
    entries
        .map(|entry| entry.path())
        .filter(of_this)
        .map(|path| fs::read_to_string(path.join("cmdline")).unwrap_or_default())
        .collect()
}

/// Neither the directory nor a process that has to do with it.
pub(crate) async fn assert_nothing_is_left(directory: &Path) {
    assert!(!directory.exists());
    let none = async || processes_of(directory).is_empty().then_some(());
    let left = poll::until(HELPERS_LIMIT, PAUSE, none).await;
    assert!(left.is_ok(), "left behind: {:#?}", processes_of(directory));
}

/// Whether somebody listens there.
pub(crate) fn answers(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}
