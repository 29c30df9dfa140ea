//! Where `RabbitMQ` is on this machine.

use std::path::PathBuf;

use super::options::RabbitMqOptions;
use super::{BrokerError, NAME};
use crate::broker::programs::{existing, on_path};

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
            server: existing(NAME, &options.bin_dir.join("rabbitmq-server"))?,
            ctl: existing(NAME, &options.bin_dir.join("rabbitmqctl"))?,
            epmd: on_path(NAME, "epmd")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_looked_for_where_the_options_say() {
        let options = RabbitMqOptions {
            bin_dir: PathBuf::from("/nowhere"),
            ..RabbitMqOptions::default()
        };
        let error = Installation::find(&options).unwrap_err();
        assert!(matches!(error, BrokerError::NotInstalled { .. }));
        let text = error.to_string();
        assert!(text.contains("/nowhere/rabbitmq-server"), "{text}");
    }
}
