//! Where the programs of brokers are on this machine.

use std::env;
use std::path::{Path, PathBuf};

use super::BrokerError;

const HINT: &str = "run ./conformance-tests/test.sh, or with --install-only, which installs it";

/// The file, when it is there.
pub(super) fn existing(broker: &str, file: &Path) -> Result<PathBuf, BrokerError> {
    if file.is_file() {
        return Ok(file.to_owned());
    }
    Err(missing(broker, &file.display().to_string()))
}

/// The program in the first directory of `PATH` that has it.
pub(super) fn on_path(broker: &str, program: &str) -> Result<PathBuf, BrokerError> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|directory| directory.join(program))
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| missing(broker, program))
}

fn missing(broker: &str, what: &str) -> BrokerError {
    BrokerError::NotInstalled {
        what: format!("{broker} ({what})"),
        hint: HINT.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_a_way_to_get_it() {
        let file = existing("A broker", Path::new("/nowhere/broker")).unwrap_err();
        let program = on_path("A broker", "no-such-program-anywhere").unwrap_err();
        for (error, name) in [(file, "/nowhere/broker"), (program, "no-such-program-anywhere")] {
            assert!(matches!(error, BrokerError::NotInstalled { .. }));
            let text = error.to_string();
            assert!(text.contains("A broker") && text.contains(name), "{text}");
            assert!(text.contains("./conformance-tests/test.sh"), "{text}");
        }
    }
}
