//! How a broker is started.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::broker::BrokerTls;

/// A user beside `guest`, with rights by the names of queues and topics, such as `orders.>`. Temporary destinations are
/// everybody's.
#[derive(Debug, Clone, Default)]
pub struct ActiveMqUser {
    /// The user's name.
    pub name: String,
    /// The password.
    pub password: String,
    /// Where the user may consume and browse.
    pub read: Vec<String>,
    /// Where the user may send.
    pub write: Vec<String>,
    /// What the user may create, by sending or consuming, and delete.
    pub admin: Vec<String>,
}

/// What to start. The default has ports for STOMP and OpenWire without TLS, and the user `guest` with the password
/// `guest`, who may do everything.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ActiveMqOptions {
    /// Users with less rights.
    pub users: Vec<ActiveMqUser>,
    /// Whether those may do everything who give no name at all; they are refused by default.
    pub anonymous: bool,
    /// How many bytes the body of a STOMP frame with `content-length` may have; the broker's own limit when `None`.
    pub max_message_size: Option<NonZeroUsize>,
    /// How many bytes a STOMP frame may have with all its headers; the broker's own limit when `None`.
    pub max_frame_size: Option<NonZeroUsize>,
    /// A port for MQTT; there is none by default.
    pub mqtt: bool,
    /// A second STOMP port, with TLS; there is none by default.
    pub tls: Option<BrokerTls>,
    /// How long a start may take. The default of two minutes leaves room for a busy machine.
    pub start_limit: Duration,
    /// The directory with `lib`.
    pub home: PathBuf,
}

impl Default for ActiveMqOptions {
    fn default() -> Self {
        Self {
            users: Vec::new(),
            anonymous: false,
            max_message_size: None,
            max_frame_size: None,
            mqtt: false,
            tls: None,
            start_limit: Duration::from_secs(120),
            home: PathBuf::from("/usr/share/activemq"),
        }
    }
}

impl ActiveMqOptions {
    /// Adds a user.
    #[must_use]
    pub fn with_user(mut self, user: ActiveMqUser) -> Self {
        self.users.push(user);
        self
    }

    /// Lets those do everything who give no name.
    #[must_use]
    pub fn with_anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// Sets how many bytes the body of a message may have. A connection on which a larger one comes is closed, after a
    /// frame ERROR that names no receipt.
    #[must_use]
    pub fn with_max_message_size(mut self, bytes: NonZeroUsize) -> Self {
        self.max_message_size = Some(bytes);
        self
    }

    /// Sets how many bytes a frame may have. A connection on which a larger one comes is closed in the same way.
    #[must_use]
    pub fn with_max_frame_size(mut self, bytes: NonZeroUsize) -> Self {
        self.max_frame_size = Some(bytes);
        self
    }

    /// Opens a port for MQTT 3.1.1, which needs more of Java.
    #[must_use]
    pub fn with_mqtt(mut self) -> Self {
        self.mqtt = true;
        self
    }

    /// Opens a second STOMP port, with TLS.
    #[must_use]
    pub fn with_tls(mut self, tls: BrokerTls) -> Self {
        self.tls = Some(tls);
        self
    }
}
