//! Where `RabbitMQ` is on this machine.

use std::env;
use std::path::{Path, PathBuf};

use super::options::RabbitMqOptions;
use super::{BrokerError, NAME};

const HINT: &str = "run ./conformance-tests/test.sh, or with --install-only, which installs it";

/// The programs that we need.
#[derive(Debug)]
pub(super) struct Installation {
    pub(super) server: PathBuf,
    pub(super) ctl: PathBuf,
    pub(super) epmd: PathBuf,
}

impl Installation {
    /// Looks for them.
    pub(super) fn find(options: &RabbitMqOptions) -> Result<Self, BrokerError> {
        Ok(Self {
            server: existing(&options.bin_dir.join("rabbitmq-server"))?,
            ctl: existing(&options.bin_dir.join("rabbitmqctl"))?,
            epmd: on_path("epmd")?,
        })
    }
}

fn existing(program: &Path) -> Result<PathBuf, BrokerError> {
    if program.is_file() {
        return Ok(program.to_owned());
    }
    Err(missing(&program.display().to_string()))
}

fn on_path(program: &str) -> Result<PathBuf, BrokerError> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|directory| directory.join(program))
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| missing(program))
}

fn missing(program: &str) -> BrokerError {
    BrokerError::NotInstalled {
        what: format!("{NAME} ({program})"),
        hint: HINT.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_broker_is_named_with_a_way_to_get_it() {
        let options = RabbitMqOptions {
            bin_dir: PathBuf::from("/nowhere"),
            ..RabbitMqOptions::default()
        };
        let error = Installation::find(&options).unwrap_err();
        assert!(matches!(error, BrokerError::NotInstalled { .. }));
        let text = error.to_string();
        assert!(text.contains("/nowhere/rabbitmq-server"), "{text}");
        assert!(text.contains("./conformance-tests/test.sh"), "{text}");
    }
}
