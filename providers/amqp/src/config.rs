//! What a URL says about a broker, and the client library's form of it.

use std::time::Duration;

use anymq_api::{
    Address, ConnectOptions, Credentials, DestinationKind, Error, ErrorKind, Result,
    spi::{BrokerUrl, ConnectSpec},
};
use lapin::{
    ConnectionProperties,
    uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo},
};

use crate::{error::error, name, options::QueueKind, usual::Usual};

const DEFAULT_PORT: u16 = 5672;
/// As in the other providers.
const DEAD_LETTERS: &str = "DLQ";
const DEFAULT_HEARTBEAT: Duration = Duration::from_secs(10);

/// Where the broker is and how to talk to it. Shows no password.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    host: String,
    port: u16,
    vhost: String,
    credentials: Option<Credentials>,
    /// In seconds; 0 is off.
    heartbeat: u16,
    usual: Usual,
}

impl Config {
    /// Reads a URL; gives back also what it chooses for connections.
    pub(crate) fn from_url(url: &BrokerUrl) -> Result<(Self, ConnectOptions)> {
        if url.scheme() == "amqps" {
            return Err(configuration("TLS is not built in yet, so `amqps` cannot be used"));
        }
        let host = url
            .host()
            .filter(|host| !host.is_empty())
            .ok_or_else(|| configuration("an amqp URL needs a host"))?;
        let mut options = url.options();
        let connect = options.take_connect_options()?;
        let heartbeat = options.take_duration("heartbeat")?.unwrap_or(DEFAULT_HEARTBEAT);
        let dead_letters = options.take("dead-letters");
        let queue_kind = options.take("queue-kind");
        options.finish(&["heartbeat", "dead-letters", "queue-kind"])?;
        let config = Self {
            host: host.to_owned(),
            port: url.port().unwrap_or(DEFAULT_PORT),
            vhost: vhost(url.path())?,
            credentials: url.credentials().cloned(),
            heartbeat: whole_seconds(heartbeat)?,
            usual: Usual {
                dead_letters: queue(dead_letters.as_deref().unwrap_or(DEAD_LETTERS))?,
                queue_kind: queue_kind.map_or(Ok(QueueKind::Classic), |word| kind_of_queues(&word))?,
            },
        };
        Ok((config, connect))
    }

    /// `host:port/vhost`, for error texts.
    pub(crate) fn resource(&self) -> String {
        format!("{}:{} (vhost {})", self.host, self.port, self.vhost)
    }

    pub(crate) fn usual(&self) -> &Usual {
        &self.usual
    }

    /// The credentials of `spec` go before the URL's.
    pub(crate) fn uri(&self, spec: &ConnectSpec) -> AMQPUri {
        let credentials = spec.credentials.as_ref().or(self.credentials.as_ref());
        AMQPUri {
            scheme: AMQPScheme::AMQP,
            authority: AMQPAuthority {
                userinfo: user(credentials),
                host: self.host.clone(),
                port: self.port,
            },
            vhost: self.vhost.clone(),
            query: AMQPQueryString {
                heartbeat: Some(self.heartbeat),
                ..AMQPQueryString::default()
            },
        }
    }
}

fn user(credentials: Option<&Credentials>) -> AMQPUserInfo {
    credentials.map_or_else(
        || AMQPUserInfo {
            username: "guest".to_owned(),
            password: "guest".to_owned(),
        },
        |credentials| AMQPUserInfo {
            username: credentials.username().to_owned(),
            password: credentials.expose_password().to_owned(),
        },
    )
}

/// What the broker's tools show of this client. The library's own recovery stays off.
pub(crate) fn properties(spec: &ConnectSpec) -> ConnectionProperties {
    let properties = ConnectionProperties::default()
        .with_client_property("product".into(), "anymq".into())
        .with_client_property("version".into(), env!("CARGO_PKG_VERSION").into());
    match &spec.client_id {
        Some(client_id) => properties.with_connection_name(client_id.as_str().into()),
        None => properties,
    }
}

/// A queue's name as the value of an option.
fn queue(name: &str) -> Result<Address> {
    let address = Address::new(DestinationKind::Queue, name);
    let checked = address.and_then(|address| name::check(&address).map(|()| address));
    checked.map_err(|error| configuration(&format!("option `dead-letters`: {}", error.detail())))
}

/// Heart-beats count in seconds.
fn whole_seconds(heartbeat: Duration) -> Result<u16> {
    let seconds = heartbeat.as_millis().div_ceil(1000);
    u16::try_from(seconds).map_err(|_| configuration("option `heartbeat`: at most 65535 s"))
}

fn kind_of_queues(word: &str) -> Result<QueueKind> {
    QueueKind::parse(word).ok_or_else(|| configuration("option `queue-kind`: it is `classic` or `quorum`"))
}

fn vhost(path: &str) -> Result<String> {
    if path.is_empty() {
        return Ok("/".to_owned());
    }
    let vhost = percent_decode(path).ok_or_else(|| configuration("the virtual host is badly percent-encoded"))?;
    if vhost.len() > 255 {
        return Err(configuration("the virtual host is longer than 255 bytes"));
    }
    Ok(vhost)
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            let hex = tail.get(..2).filter(|hex| hex.iter().all(u8::is_ascii_hexdigit))?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
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
    fn the_vhost_is_the_decoded_path() {
        for (url, vhost) in [
            ("amqp://h", "/"),
            ("amqp://h/", "/"),
            ("amqp://h/%2f", "/"),
            ("amqp://h:1/shop", "shop"),
            ("amqp://h/a%2Fb%20c", "a/b c"),
        ] {
            assert_eq!(read(url).unwrap().0.vhost, vhost, "{url}");
        }
        assert!(read("amqp://h/%zz").is_err());
        assert!(read("amqp://h/%ff").is_err());
    }

    #[test]
    fn the_spec_s_credentials_go_before_the_url_s() {
        let (config, _) = read("amqp://ann:one@h:7/").unwrap();
        let mut spec = ConnectSpec::new(1);
        assert_eq!(config.uri(&spec).authority.userinfo.username, "ann");
        spec.credentials = Some(Credentials::new("bob", "two"));
        let uri = config.uri(&spec);
        assert_eq!(uri.authority.userinfo.username, "bob");
        assert_eq!(uri.authority.userinfo.password, "two");
        assert_eq!((uri.authority.host.as_str(), uri.authority.port), ("h", 7));
    }

    #[test]
    fn the_dead_letters_are_a_queue() {
        let name = |url| read(url).map(|(config, _)| config.usual().dead_letters.to_string());
        assert_eq!(name("amqp://h").unwrap(), "queue:DLQ");
        assert_eq!(name("amqp://h?dead-letters=shop.dead").unwrap(), "queue:shop.dead");
        for url in [
            "amqp://h?dead-letters=",
            "amqp://h?dead-letters=amq.x",
            "amqp://h?dead-letter=x",
        ] {
            assert_eq!(name(url).unwrap_err().kind(), ErrorKind::Configuration, "{url}");
        }
    }

    #[test]
    fn queues_are_classic_unless_asked_otherwise() {
        let kind = |url| read(url).map(|(config, _)| config.usual().queue_kind);
        assert_eq!(kind("amqp://h").unwrap(), QueueKind::Classic);
        assert_eq!(kind("amqp://h?queue-kind=quorum").unwrap(), QueueKind::Quorum);
        let error = kind("amqp://h?queue-kind=stream").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }

    #[test]
    fn guest_is_the_default() {
        let (config, _) = read("amqp://h").unwrap();
        let uri = config.uri(&ConnectSpec::new(1));
        assert_eq!(uri.authority.userinfo.username, "guest");
        assert_eq!(uri.authority.port, 5672);
        assert_eq!(uri.query.heartbeat, Some(10));
    }

    #[test]
    fn what_is_wrong_is_a_configuration_error_without_the_password() {
        for url in [
            "amqps://u:hunter2@h/",
            "amqp://u:hunter2@/",
            "amqp://u:hunter2@h/?colour=red",
        ] {
            let error = read(url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{url}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
        let (config, _) = read("amqp://u:hunter2@h/").unwrap();
        assert!(!format!("{config:?} {}", config.resource()).contains("hunter2"));
    }
}
