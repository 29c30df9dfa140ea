use serde::{Deserialize, Serialize};

/// Whether a message must survive a restart of the broker. JMS: `JMSDeliveryMode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryMode {
    /// The broker keeps it on stable storage before the send is confirmed. JMS: `PERSISTENT`.
    #[default]
    Persistent,
    /// The broker may lose it, and delivers it at most once. JMS: `NON_PERSISTENT`.
    NonPersistent,
}
