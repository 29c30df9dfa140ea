//! How a broker is started.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::broker::BrokerTls;

/// A user beside `guest`, with rights by filters of topics, such as `orders/#`.
#[derive(Debug, Clone, Default)]
pub struct MosquittoUser {
    /// The user's name.
    pub name: String,
    /// The password.
    pub password: String,
    /// Where the user may subscribe.
    pub read: Vec<String>,
    /// Where the user may publish.
    pub write: Vec<String>,
}

/// What to start. The default has one port without TLS, and the user `guest` with the password `guest`, who may do
/// everything.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MosquittoOptions {
    /// Users with less rights.
    pub users: Vec<MosquittoUser>,
    /// How many bytes a packet may have; MQTT's own limit when `None`. Clients of version 5 are told.
    pub max_packet_size: Option<NonZeroUsize>,
    /// Whether each change is written down within a second, and not only in good order at the end: what a crash leaves.
    pub writes_each_change: bool,
    /// A second port, with TLS; there is none by default.
    pub tls: Option<BrokerTls>,
    /// How long a start may take.
    pub start_limit: Duration,
    /// The program.
    pub program: PathBuf,
}

impl Default for MosquittoOptions {
    fn default() -> Self {
        Self {
            users: Vec::new(),
            max_packet_size: None,
            writes_each_change: false,
            tls: None,
            start_limit: Duration::from_secs(60),
            program: PathBuf::from("/usr/sbin/mosquitto"),
        }
    }
}

impl MosquittoOptions {
    /// Adds a user.
    #[must_use]
    pub fn with_user(mut self, user: MosquittoUser) -> Self {
        self.users.push(user);
        self
    }

    /// Sets how many bytes a packet may have. A connection on which a larger one comes is closed.
    #[must_use]
    pub fn with_max_packet_size(mut self, bytes: NonZeroUsize) -> Self {
        self.max_packet_size = Some(bytes);
        self
    }

    /// Has each change written down within a second.
    #[must_use]
    pub fn with_each_change_written(mut self) -> Self {
        self.writes_each_change = true;
        self
    }

    /// Opens a second port, with TLS.
    #[must_use]
    pub fn with_tls(mut self, tls: BrokerTls) -> Self {
        self.tls = Some(tls);
        self
    }
}
