use anymq_mqtt::{UNDECLARED_ON_MQTT3, UNDECLARED_ON_MQTT5};

use crate::harness::Undeclared;

/// Which MQTT a target is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MqttVersion {
    Five,
    /// 3.1.1.
    Three,
}

impl MqttVersion {
    pub(super) const fn target(self) -> &'static str {
        match self {
            Self::Five => "mqtt5-mosquitto",
            Self::Three => "mqtt3-mosquitto",
        }
    }

    pub(super) const fn undeclared(self) -> &'static [Undeclared] {
        match self {
            Self::Five => UNDECLARED_ON_MQTT5,
            Self::Three => UNDECLARED_ON_MQTT3,
        }
    }

    /// Of a URL. A client of 3.1.1 has to know what others are told.
    pub(super) fn options(self, max_message_size: usize) -> String {
        match self {
            Self::Five => "version=5".to_owned(),
            Self::Three => {
                format!("version=3.1.1&envelope=jms&max-unsettled=100&max-packet-size={max_message_size}")
            }
        }
    }
}
