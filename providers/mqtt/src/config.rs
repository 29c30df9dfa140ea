//! What a URL says about a broker.

use std::time::Duration;

use anymq_api::{
    ConnectOptions, Credentials, Error, ErrorKind, Result,
    spi::{BrokerUrl, ConnectSpec},
};
use anymq_tls::{Connector, TlsOptions, warn_of_exposed_password};

use crate::{
    error::error,
    wire::{Carriage, QoS, Version, Will},
};

const DEFAULT_PORT: u16 = 1883;
const DEFAULT_TLS_PORT: u16 = 8883;
const DEFAULT_KEEP_ALIVE: Duration = Duration::from_secs(10);
/// With less, a busy machine would be taken for a dead one.
const SHORTEST_KEEP_ALIVE: Duration = Duration::from_secs(5);
/// In seconds, as MQTT counts it.
const LONGEST_KEEP_ALIVE: u64 = u16::MAX as u64;
/// What MQTT takes for "never".
const NEVER: u32 = u32::MAX;
/// In bytes. MQTT's own limit is twice that.
const DEFAULT_MAX_PACKET: u32 = 128 << 20;
/// What brokers of 3.1.1 keep unacknowledged at least, unless they are told otherwise: RabbitMQ 10, Mosquitto 20.
const DEFAULT_UNSETTLED: u16 = 10;
/// In bytes. Less would be of no use.
const SMALLEST_MAX_PACKET: u32 = 1024;

/// Where the broker is and how to talk to it. Shows no password.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    host: String,
    port: u16,
    credentials: Option<Credentials>,
    /// Of `mqtts`.
    tls: Option<TlsOptions>,
    keep_alive: Duration,
    /// With which persistent messages are published.
    persistent: QoS,
    /// How long durable subscriptions outlive their links, in seconds.
    session_expiry: u32,
    max_packet: u32,
    version: Choice,
    /// How many deliveries may be unacknowledged, where that was chosen.
    max_unsettled: Option<u16>,
    will: Option<Will>,
}

/// Which versions may be spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Only(Version),
    /// 5, or else 3.1.1.
    Newest(Carriage),
}

/// What protects a connection.
pub(crate) struct Security {
    pub(crate) tls: Option<Connector>,
}

impl Config {
    /// Reads a URL; gives back also what it chooses for connections.
    pub(crate) fn from_url(url: &BrokerUrl) -> Result<(Self, ConnectOptions)> {
        let host = url
            .host()
            .filter(|host| !host.is_empty())
            .ok_or_else(|| configuration("an mqtt URL needs a host"))?;
        if !matches!(url.path(), "" | "/") {
            return Err(configuration("an mqtt URL has no path"));
        }
        let mut options = url.options();
        let connect = options.take_connect_options()?;
        let keep_alive = options.take_duration("keep-alive")?.unwrap_or(DEFAULT_KEEP_ALIVE);
        let qos = options.take("qos");
        let session_expiry = options.take_duration("session-expiry")?;
        let max_packet = options.take_parsed("max-packet-size")?.unwrap_or(DEFAULT_MAX_PACKET);
        let version = version(options.take("version").as_deref(), options.take("envelope").as_deref())?;
        let max_unsettled = options.take_parsed("max-unsettled")?;
        let will = Will::take(&mut options)?;
        let tls = tls(url, TlsOptions::take(&mut options)?)?;
        if session_expiry.is_some() && matches!(version, Choice::Only(Version::V4(_))) {
            return Err(configuration("option `session-expiry`: version 3.1.1 has none"));
        }
        options.finish(&own_options())?;
        check_keep_alive(keep_alive)?;
        if max_packet < SMALLEST_MAX_PACKET {
            return Err(configuration("option `max-packet-size`: it is less than 1024 bytes"));
        }
        let config = Self {
            host: host.to_owned(),
            port: url.port().unwrap_or(match tls {
                Some(_) => DEFAULT_TLS_PORT,
                None => DEFAULT_PORT,
            }),
            credentials: url.credentials().cloned(),
            tls,
            keep_alive,
            persistent: persistent(qos.as_deref())?,
            session_expiry: session_expiry.map_or(NEVER, seconds),
            max_packet,
            version,
            max_unsettled: unsettled(max_unsettled)?,
            will,
        };
        Ok((config, connect))
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn keep_alive(&self) -> Duration {
        self.keep_alive
    }

    pub(crate) fn persistent(&self) -> QoS {
        self.persistent
    }

    pub(crate) fn session_expiry(&self) -> u32 {
        self.session_expiry
    }

    /// Which version is tried first.
    pub(crate) fn version(&self) -> Version {
        match self.version {
            Choice::Only(version) => version,
            Choice::Newest(_) => Version::V5,
        }
    }

    /// Which one is tried where the broker does not speak that.
    pub(crate) fn older_version(&self) -> Option<Version> {
        match self.version {
            Choice::Only(_) => None,
            Choice::Newest(carriage) => Some(Version::V4(carriage)),
        }
    }

    /// How many deliveries of one link may be unacknowledged. A client of version 5 says how many, and one of 3.1.1 has to know.
    pub(crate) fn max_unsettled(&self, version: Version) -> u16 {
        let usual = match version {
            Version::V5 => u16::MAX,
            Version::V4(_) => DEFAULT_UNSETTLED,
        };
        self.max_unsettled.unwrap_or(usual)
    }

    /// What the broker publishes when the connection is lost.
    pub(crate) fn will(&self) -> Option<&Will> {
        self.will.as_ref()
    }

    pub(crate) fn max_packet(&self) -> u32 {
        self.max_packet
    }

    /// `host:port`, for error texts.
    pub(crate) fn resource(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Those of `spec` go before the URL's.
    pub(crate) fn credentials<'a>(&'a self, spec: &'a ConnectSpec) -> Option<&'a Credentials> {
        spec.credentials.as_ref().or(self.credentials.as_ref())
    }

    /// Reads the files that the URL names.
    pub(crate) async fn security(&self, _spec: &ConnectSpec) -> Result<Security> {
        let tls = match &self.tls {
            Some(options) => Some(options.connector(&self.host).await?),
            None => None,
        };
        Ok(Security { tls })
    }

    /// Warns where a password goes over a network as it is.
    pub(crate) async fn warn(&self, spec: &ConnectSpec) {
        let password = self.credentials(spec).map(Credentials::expose_password);
        let is_exposed = self.tls.is_none() && password.is_some_and(|password| !password.is_empty());
        if !is_exposed {
            return;
        }
        // What cannot be found is told by the connecting.
        if let Ok(mut peers) = tokio::net::lookup_host(self.resource()).await
            && let Some(peer) = peers.next()
        {
            warn_of_exposed_password(peer, &self.resource());
        }
    }
}

/// Those that not every provider has.
fn own_options() -> Vec<&'static str> {
    [
        &[
            "envelope",
            "keep-alive",
            "max-packet-size",
            "max-unsettled",
            "qos",
            "session-expiry",
            "version",
        ][..],
        &TlsOptions::NAMES,
        &Will::OPTIONS,
    ]
    .concat()
}

/// The scheme says whether there is TLS.
fn tls(url: &BrokerUrl, options: TlsOptions) -> Result<Option<TlsOptions>> {
    match url.scheme() {
        "mqtts" => Ok(Some(options)),
        _ if options.is_default() => Ok(None),
        _ => Err(configuration("options for TLS, but the scheme is not `mqtts`")),
    }
}

fn check_keep_alive(keep_alive: Duration) -> Result<()> {
    if keep_alive < SHORTEST_KEEP_ALIVE || keep_alive.as_secs() > LONGEST_KEEP_ALIVE {
        return Err(configuration("option `keep-alive`: it is from 5 seconds to 18 hours"));
    }
    Ok(())
}

fn version(version: Option<&str>, envelope: Option<&str>) -> Result<Choice> {
    let carriage = match envelope {
        None => Carriage::Plain,
        Some("jms") => Carriage::Envelope,
        Some(_) => return Err(configuration("option `envelope`: it is `jms`")),
    };
    match version {
        None => Ok(Choice::Newest(carriage)),
        Some("5") if envelope.is_some() => Err(configuration("option `envelope`: it is for version 3.1.1")),
        Some("5") => Ok(Choice::Only(Version::V5)),
        Some("3.1.1") => Ok(Choice::Only(Version::V4(carriage))),
        Some(_) => Err(configuration("option `version`: it is `5` or `3.1.1`")),
    }
}

fn unsettled(chosen: Option<u16>) -> Result<Option<u16>> {
    match chosen {
        Some(0) => Err(configuration("option `max-unsettled`: it is 1 at least")),
        _ => Ok(chosen),
    }
}

fn persistent(qos: Option<&str>) -> Result<QoS> {
    match qos {
        None | Some("1") => Ok(QoS::AtLeastOnce),
        Some("2") => Ok(QoS::ExactlyOnce),
        Some(_) => Err(configuration("option `qos`: persistent messages have 1 or 2")),
    }
}

/// Rounded up, and less than "never".
fn seconds(duration: Duration) -> u32 {
    let seconds = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    u32::try_from(seconds).unwrap_or(NEVER).min(NEVER - 1)
}

fn configuration(detail: &str) -> Error {
    error(ErrorKind::Configuration, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<(Config, ConnectOptions)> {
        Config::from_url(&BrokerUrl::parse(url)?)
    }

    #[test]
    fn what_is_not_said_has_defaults() {
        let (config, _) = read("mqtt://h").unwrap();
        assert_eq!(
            (config.port(), config.persistent(), config.session_expiry()),
            (1883, QoS::AtLeastOnce, NEVER)
        );
        assert_eq!(config.keep_alive(), DEFAULT_KEEP_ALIVE);
        let (config, _) =
            read("mqtts://h:7/?ca=/ca.pem&qos=2&session-expiry=1500ms&keep-alive=5s&max-packet-size=2048").unwrap();
        assert!(config.tls.is_some());
        assert_eq!(
            (config.port(), config.persistent(), config.session_expiry()),
            (7, QoS::ExactlyOnce, 2)
        );
        assert_eq!(config.max_packet(), 2048);
        assert_eq!(read("mqtts://h").unwrap().0.port(), 8883);
        let (version_6, _) = read("mqtts://[::1]").unwrap();
        assert_eq!(
            (version_6.host(), version_6.resource()),
            ("::1", "[::1]:8883".to_owned())
        );
    }

    #[test]
    fn the_newest_version_is_tried_first_unless_one_is_chosen() {
        let (enveloped, plain) = (Version::V4(Carriage::Envelope), Version::V4(Carriage::Plain));
        for (options, first, other) in [
            ("", Version::V5, Some(plain)),
            ("?envelope=jms", Version::V5, Some(enveloped)),
            ("?version=5", Version::V5, None),
            ("?version=3.1.1", plain, None),
            ("?version=3.1.1&envelope=jms", enveloped, None),
        ] {
            let (config, _) = read(&format!("mqtt://h{options}")).unwrap();
            assert_eq!((config.version(), config.older_version()), (first, other), "{options}");
            assert_eq!(
                (config.max_unsettled(Version::V5), config.max_unsettled(plain)),
                (u16::MAX, 10)
            );
        }
        let (config, _) = read("mqtt://h?max-unsettled=7").unwrap();
        assert_eq!((config.max_unsettled(Version::V5), config.max_unsettled(plain)), (7, 7));
    }

    #[test]
    fn the_spec_s_credentials_go_before_the_url_s() {
        let (config, _) = read("mqtt://ann:one@h").unwrap();
        let mut spec = ConnectSpec::new(1);
        assert_eq!(config.credentials(&spec).map(Credentials::username), Some("ann"));
        spec.credentials = Some(Credentials::new("bob", "two"));
        assert_eq!(config.credentials(&spec).map(Credentials::username), Some("bob"));
    }

    #[test]
    fn what_is_wrong_is_a_configuration_error_without_the_password() {
        for url in [
            "mqtt://u:hunter2@/",
            "mqtt://u:hunter2@h/path",
            "mqtt://u:hunter2@h/?colour=red",
            "mqtt://u:hunter2@h/?ca=/ca.pem",
            "mqtt://u:hunter2@h/?qos=0",
            "mqtt://u:hunter2@h/?version=4",
            "mqtt://u:hunter2@h/?version=5&envelope=jms",
            "mqtt://u:hunter2@h/?version=3.1.1&envelope=xml",
            "mqtt://u:hunter2@h/?version=3.1.1&session-expiry=1h",
            "mqtt://u:hunter2@h/?max-unsettled=0",
            "mqtt://u:hunter2@h/?will-payload=gone",
            "mqtt://u:hunter2@h/?keep-alive=4s",
            "mqtt://u:hunter2@h/?keep-alive=20h",
            "mqtt://u:hunter2@h/?max-packet-size=10",
            "mqtt://u:hunter2@h/?max-packet-size=large",
            "mqtts://u:hunter2@h/?client-cert=/c.pem",
        ] {
            let error = read(url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{url}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
        let (config, _) = read("mqtt://u:hunter2@h").unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
