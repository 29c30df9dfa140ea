use anymq_mqtt::{UNDECLARED_ON_MQTT3, UNDECLARED_ON_MQTT3_PLAIN, UNDECLARED_ON_MQTT5};

use crate::{harness::Undeclared, mqtt::Version};

/// What the brokers of 3.1.1 that are started here leave unacknowledged, or more.
const UNSETTLED: u16 = 100;

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

    /// How many messages are delivered ahead: MQTT 5 fixes it when a session is opened, with as much as it can be.
    pub(super) const fn window(self) -> u16 {
        match self {
            Self::Five => u16::MAX,
            Self::Three | Self::Plain => UNSETTLED,
        }
    }

    /// Of a URL. A client of 3.1.1 has to know what others are told.
    pub(super) fn options(self, max_message_size: usize) -> String {
        let limits = format!("max-unsettled={UNSETTLED}&max-packet-size={max_message_size}");
        match self {
            Self::Five => "version=5".to_owned(),
            Self::Three => format!("version=3.1.1&envelope=jms&{limits}"),
            Self::Plain => format!("version=3.1.1&{limits}"),
        }
    }
}
