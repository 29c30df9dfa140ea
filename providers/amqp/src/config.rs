//! What a URL says about a broker, and the client library's form of it.

use std::time::Duration;

use anymq_api::{
    Address, ConnectOptions, Credentials, DestinationKind, Error, ErrorKind, Result,
    spi::{BrokerUrl, ConnectSpec},
};
use anymq_tls::TlsOptions;
use lapin::{
    ConnectionProperties,
    uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo},
};

use crate::{error::error, login::Login, name, options::QueueKind, transport::Security, usual::Usual};

const DEFAULT_PORT: u16 = 5672;
const DEFAULT_TLS_PORT: u16 = 5671;
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
    login: Login,
    /// Of `amqps`.
    tls: Option<TlsOptions>,
    /// In seconds; 0 is off.
    heartbeat: u16,
    usual: Usual,
}

impl Config {
    /// Reads a URL; gives back also what it chooses for connections.
    pub(crate) fn from_url(url: &BrokerUrl) -> Result<(Self, ConnectOptions)> {
        let host = url
            .host()
            .filter(|host| !host.is_empty())
            .ok_or_else(|| configuration("an amqp URL needs a host"))?;
        let mut options = url.options();
        let connect = options.take_connect_options()?;
        let heartbeat = options.take_duration("heartbeat")?.unwrap_or(DEFAULT_HEARTBEAT);
        let dead_letters = options.take("dead-letters");
        let queue_kind = options.take("queue-kind");
        let tls = tls(url, TlsOptions::take(&mut options)?)?;
        let login = options.take_parsed("auth")?.unwrap_or_default();
        options.finish(&own_options())?;
        let config = Self {
            host: host.to_owned(),
            port: url.port().unwrap_or(match tls {
                Some(_) => DEFAULT_TLS_PORT,
                None => DEFAULT_PORT,
            }),
            vhost: vhost(url.path())?,
            credentials: url.credentials().cloned(),
            login,
            tls,
            heartbeat: whole_seconds(heartbeat)?,
            usual: Usual {
                dead_letters: queue(dead_letters.as_deref().unwrap_or(DEAD_LETTERS))?,
                queue_kind: queue_kind.map_or(Ok(QueueKind::Classic), |word| kind_of_queues(&word))?,
            },
        };
        config.login.check(config.tls.as_ref(), config.credentials.as_ref())?;
        Ok((config, connect))
    }

    /// Reads the files that the URL names.
    pub(crate) async fn security(&self, spec: &ConnectSpec) -> Result<Security> {
        let credentials = self.credentials(spec);
        self.login.check(self.tls.as_ref(), credentials)?;
        let tls = match &self.tls {
            Some(options) => Some(options.connector(&self.host).await?),
            None => None,
        };
        let has_password = credentials.is_some_and(|known| !known.expose_password().is_empty());
        let password_for = has_password.then(|| self.resource());
        Ok(Security { tls, password_for })
    }

    fn credentials<'a>(&'a self, spec: &'a ConnectSpec) -> Option<&'a Credentials> {
        spec.credentials.as_ref().or(self.credentials.as_ref())
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
        AMQPUri {
            // TLS is the transport's.
            scheme: AMQPScheme::AMQP,
            authority: AMQPAuthority {
                userinfo: user(self.credentials(spec)),
                host: self.host.clone(),
                port: self.port,
            },
            vhost: self.vhost.clone(),
            query: AMQPQueryString {
                heartbeat: Some(self.heartbeat),
                auth_mechanism: Some(self.login.mechanism()),
                ..AMQPQueryString::default()
            },
        }
    }
}

/// Those that not every provider has.
fn own_options() -> Vec<&'static str> {
    [
        &["heartbeat", "dead-letters", "queue-kind", "auth"][..],
        &TlsOptions::NAMES,
    ]
    .concat()
}

/// The scheme says whether there is TLS.
fn tls(url: &BrokerUrl, options: TlsOptions) -> Result<Option<TlsOptions>> {
    match url.scheme() {
        "amqps" => Ok(Some(options)),
        _ if options.is_default() => Ok(None),
        _ => Err(configuration("options for TLS, but the scheme is not `amqps`")),
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
    fn tls_has_a_port_and_names_of_its_own() {
        let (config, _) = read("amqps://h?ca=/ca.pem&client-cert=/c.pem&client-key=/k.pem&server-name=s").unwrap();
        assert!(config.tls.as_ref().is_some_and(TlsOptions::has_client_certificate));
        assert_eq!(config.uri(&ConnectSpec::new(1)).authority.port, 5671);
        let (config, _) = read("amqps://h:7").unwrap();
        assert_eq!(config.uri(&ConnectSpec::new(1)).authority.port, 7);
        assert!(read("amqp://h").unwrap().0.tls.is_none());
    }

    #[test]
    fn a_certificate_logs_in() {
        let (config, _) = read("amqps://h?auth=external&client-cert=/c.pem&client-key=/k.pem").unwrap();
        let uri = config.uri(&ConnectSpec::new(1));
        assert_eq!(uri.query.auth_mechanism, Some(lapin::uri::SASLMechanism::External));
        for url in ["amqps://h?auth=external", "amqp://h?auth=external"] {
            assert_eq!(read(url).unwrap_err().kind(), ErrorKind::Configuration, "{url}");
        }
        let (config, _) = read("amqp://h?auth=plain").unwrap();
        let uri = config.uri(&ConnectSpec::new(1));
        assert_eq!(uri.query.auth_mechanism, Some(lapin::uri::SASLMechanism::Plain));
    }

    #[tokio::test]
    async fn who_gives_a_password_and_a_certificate_is_asked_which() {
        let (config, _) = read("amqps://h?auth=external&client-cert=/c.pem&client-key=/k.pem").unwrap();
        let mut spec = ConnectSpec::new(1);
        spec.credentials = Some(Credentials::new("bob", "hunter2"));
        let refused = config.security(&spec).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Configuration);
        assert!(!format!("{refused} {refused:?}").contains("hunter2"));
    }

    #[tokio::test]
    async fn files_are_read_when_connecting() {
        let (config, _) = read("amqps://u:hunter2@h?ca=/nowhere/ca.pem").unwrap();
        let refused = config.security(&ConnectSpec::new(1)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Configuration);
        assert!(refused.to_string().contains("/nowhere/ca.pem"), "{refused}");
    }

    #[test]
    fn what_is_wrong_is_a_configuration_error_without_the_password() {
        for url in [
            "amqp://u:hunter2@/",
            "amqp://u:hunter2@h/?colour=red",
            "amqp://u:hunter2@h/?ca=/ca.pem",
            "amqps://u:hunter2@h/?client-cert=/c.pem",
            "amqps://u:hunter2@h/?server-name=a..b",
            "amqps://u:hunter2@h/?auth=digest",
            "amqps://u:hunter2@h/?password-file=/f",
            "amqps://u:hunter2@h/?auth=external&client-cert=/c.pem&client-key=/k.pem",
        ] {
            let error = read(url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{url}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
        let (config, _) = read("amqp://u:hunter2@h/").unwrap();
        assert!(!format!("{config:?} {}", config.resource()).contains("hunter2"));
    }
}
