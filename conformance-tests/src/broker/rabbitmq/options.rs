//! How a broker is started.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::broker::BrokerTls;

/// A plugin that a provider needs. Each makes the start slower, so none is there unless asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Plugin {
    /// The exchange type `x-jms-topic`, which takes selectors.
    JmsTopicExchange,
    /// STOMP 1.0 to 1.2, on a port of its own.
    Stomp,
    /// MQTT 3.1.1, on a port of its own; costs about five seconds at the first start.
    Mqtt,
    /// The SASL mechanism EXTERNAL: the common name of a client's certificate is its user name.
    ExternalLogin,
}

impl Plugin {
    /// The plugin's name for the broker.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::JmsTopicExchange => "rabbitmq_jms_topic_exchange",
            Self::Stomp => "rabbitmq_stomp",
            Self::Mqtt => "rabbitmq_mqtt",
            Self::ExternalLogin => "rabbitmq_auth_mechanism_ssl",
        }
    }

    pub(super) fn has_port(self) -> bool {
        match self {
            Self::JmsTopicExchange | Self::ExternalLogin => false,
            Self::Stomp | Self::Mqtt => true,
        }
    }

    /// The configuration that makes the plugin usable without a user name of its own.
    pub(super) fn settings(self) -> &'static str {
        match self {
            Self::JmsTopicExchange => "",
            Self::Stomp => {
                "stomp.default_user = guest\n\
                 stomp.default_pass = guest\n\
                 stomp.implicit_connect = false\n"
            }
            Self::ExternalLogin => {
                "auth_mechanisms.1 = PLAIN\n\
                 auth_mechanisms.2 = EXTERNAL\n\
                 ssl_cert_login_from = common_name\n"
            }
            Self::Mqtt => {
                "mqtt.default_user = guest\n\
                 mqtt.default_pass = guest\n\
                 mqtt.allow_anonymous = true\n\
                 mqtt.vhost = /\n\
                 mqtt.exchange = amq.topic\n\
                 mqtt.subscription_ttl = 86400000\n\
                 mqtt.prefetch = 100\n"
            }
        }
    }

    /// The configuration key of its listener.
    pub(super) fn listener(self) -> &'static str {
        match self {
            Self::JmsTopicExchange | Self::ExternalLogin => "",
            Self::Stomp => "stomp.listeners.tcp.1",
            Self::Mqtt => "mqtt.listeners.tcp.1",
        }
    }
}

/// What to start. The default is a plain AMQP broker, which starts fastest.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RabbitMqOptions {
    /// The plugins to enable.
    pub plugins: Vec<Plugin>,
    /// How many bytes the body of a message may have; the broker's own limit when `None`.
    pub max_message_size: Option<NonZeroUsize>,
    /// A second AMQP port, with TLS; there is none by default.
    pub tls: Option<BrokerTls>,
    /// How long a start may take. The default of two minutes leaves room for a busy machine.
    pub start_limit: Duration,
    /// The directory of `rabbitmq-server` and `rabbitmqctl`. Not those in `/usr/sbin`, which change the user.
    pub bin_dir: PathBuf,
}

impl Default for RabbitMqOptions {
    fn default() -> Self {
        Self {
            plugins: Vec::new(),
            max_message_size: None,
            tls: None,
            start_limit: Duration::from_secs(120),
            bin_dir: PathBuf::from("/usr/lib/rabbitmq/bin"),
        }
    }
}

impl RabbitMqOptions {
    /// Enables a plugin; once is enough.
    #[must_use]
    pub fn with_plugin(mut self, plugin: Plugin) -> Self {
        if !self.plugins.contains(&plugin) {
            self.plugins.push(plugin);
        }
        self
    }

    /// Sets how many bytes the body of a message may have. A channel on which a larger one comes is closed.
    #[must_use]
    pub fn with_max_message_size(mut self, bytes: NonZeroUsize) -> Self {
        self.max_message_size = Some(bytes);
        self
    }

    /// Opens a second AMQP port, with TLS.
    #[must_use]
    pub fn with_tls(mut self, tls: BrokerTls) -> Self {
        self.tls = Some(tls);
        self
    }
}
