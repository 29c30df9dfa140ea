use anymq_mqtt::{UNDECLARED_ON_MQTT3, UNDECLARED_ON_MQTT3_PLAIN, UNDECLARED_ON_MQTT5};

use crate::{harness::Undeclared, mqtt::Version};

/// Which MQTT a target is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::target) enum Kind {
    /// 5.
    Five,
    /// 3.1.1, with properties before the payload.
    Three,
    /// 3.1.1, with nothing but payloads.
    Plain,
}

impl Kind {
    pub(super) const fn undeclared(self) -> &'static [Undeclared] {
        match self {
            Self::Five => UNDECLARED_ON_MQTT5,
            Self::Three => UNDECLARED_ON_MQTT3,
            Self::Plain => UNDECLARED_ON_MQTT3_PLAIN,
        }
    }

    pub(super) const fn version(self) -> Version {
        match self {
            Self::Five => Version::Five,
            Self::Three | Self::Plain => Version::Three,
        }
    }

    /// Of a URL. A client of 3.1.1 has to know what others are told.
    pub(super) fn options(self, max_message_size: usize) -> String {
        let limits = format!("max-unsettled=100&max-packet-size={max_message_size}");
        match self {
            Self::Five => "version=5".to_owned(),
            Self::Three => format!("version=3.1.1&envelope=jms&{limits}"),
            Self::Plain => format!("version=3.1.1&{limits}"),
        }
    }
}
