//! Where ActiveMQ is on this machine.

use std::path::{Path, PathBuf};

use super::options::ActiveMqOptions;
use super::{BrokerError, NAME};
use crate::broker::programs::{existing, on_path};

/// Where Debian has all its Java.
const JAVA_LIBRARIES: &str = "/usr/share/java";

/// Not among ActiveMQ's own: what Spring logs with, and what turns statistics into JSON.
const ADDITIONAL: [&str; 3] = ["commons-logging.jar", "xstream.jar", "jettison.jar"];

/// What MQTT is decoded by.
const OF_MQTT: [&str; 3] = ["mqtt-client.jar", "hawtdispatch.jar", "hawtdispatch-transport.jar"];

/// The programs and classes that we need.
#[derive(Debug)]
pub(super) struct Installation {
    pub(super) java: PathBuf,
    /// Turns certificates into what Java reads.
    pub(super) keytool: PathBuf,
    /// Turns keys into what Java reads.
    pub(super) openssl: PathBuf,
    home: PathBuf,
    class_path: String,
}

impl Installation {
    /// Looks for them.
    pub(super) fn find(options: &ActiveMqOptions) -> Result<Self, BrokerError> {
        existing(NAME, &options.home.join("lib/activemq-broker.jar"))?;
        Ok(Self {
            java: on_path(NAME, "java")?,
            keytool: on_path(NAME, "keytool")?,
            openssl: on_path(NAME, "openssl")?,
            home: options.home.clone(),
            class_path: class_path(options)?,
        })
    }

    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    pub(super) fn class_path(&self) -> &str {
        &self.class_path
    }
}

fn class_path(options: &ActiveMqOptions) -> Result<String, BrokerError> {
    let mut entries = vec![options.home.join("lib/*"), options.home.join("lib/optional/*")];
    let of_mqtt = OF_MQTT.into_iter().filter(|_| options.mqtt);
    for name in ADDITIONAL.into_iter().chain(of_mqtt) {
        entries.push(existing(NAME, &Path::new(JAVA_LIBRARIES).join(name))?);
    }
    let entries: Vec<String> = entries.iter().map(|entry| entry.display().to_string()).collect();
    Ok(entries.join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_looked_for_where_the_options_say() {
        let options = ActiveMqOptions {
            home: PathBuf::from("/nowhere"),
            ..ActiveMqOptions::default()
        };
        let error = Installation::find(&options).unwrap_err();
        assert!(matches!(error, BrokerError::NotInstalled { .. }));
        let text = error.to_string();
        assert!(text.contains("/nowhere/lib/activemq-broker.jar"), "{text}");
    }
}
