//! What a URL says about a broker.

use std::time::Duration;

use anymq_api::{
    Address, ConnectOptions, Credentials, DestinationKind, Error, ErrorKind, Result,
    spi::{BrokerUrl, ConnectSpec},
};
use anymq_tls::{Connector, TlsOptions};

use crate::{
    dialect::{self, Dialect},
    error::error,
    frame::{Command, Frame, Limits, Version},
    link::offer,
};

const DEFAULT_PORT: u16 = 61613;
const DEFAULT_TLS_PORT: u16 = 61614;
/// As in the other providers.
const DEAD_LETTERS: &str = "DLQ";
const DEFAULT_HEART_BEAT: Duration = Duration::from_secs(10);
/// In ms, as both sides count it.
const LONGEST_HEART_BEAT: u128 = i32::MAX as u128;

/// Where the broker is and how to talk to it. Shows no password.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    host: String,
    port: u16,
    /// What the broker is called, where it has several under one address.
    vhost: Option<String>,
    credentials: Option<Credentials>,
    /// Of `stomps`.
    tls: Option<TlsOptions>,
    heart_beat: Duration,
    dialect: Option<&'static dyn Dialect>,
    dead_letters: Address,
    /// What the broker takes at most, in bytes.
    max_message_size: Option<u64>,
    /// Whether maps are those of Java.
    java_maps: bool,
    limits: Limits,
}

/// What protects a connection.
pub(crate) struct Security {
    pub(crate) tls: Option<Connector>,
    pub(crate) has_password: bool,
}

impl Config {
    /// Reads a URL; gives back also what it chooses for connections.
    pub(crate) fn from_url(url: &BrokerUrl) -> Result<(Self, ConnectOptions)> {
        let host = url
            .host()
            .filter(|host| !host.is_empty())
            .ok_or_else(|| configuration("a stomp URL needs a host"))?;
        let mut options = url.options();
        let connect = options.take_connect_options()?;
        let heart_beat = options.take_duration("heart-beat")?.unwrap_or(DEFAULT_HEART_BEAT);
        let dialect = options.take("dialect");
        let dead_letters = options.take("dead-letters");
        let max_message_size = options.take_parsed("max-message-size")?;
        let java_maps = options.take_parsed("java-maps")?.unwrap_or(false);
        let tls = tls(url, TlsOptions::take(&mut options)?)?;
        options.finish(&own_options())?;
        if heart_beat.as_millis() > LONGEST_HEART_BEAT {
            return Err(configuration("option `heart-beat`: it is longer than 24 days"));
        }
        let config = Self {
            host: host.to_owned(),
            port: url.port().unwrap_or(match tls {
                Some(_) => DEFAULT_TLS_PORT,
                None => DEFAULT_PORT,
            }),
            vhost: vhost(url)?,
            credentials: url.credentials().cloned(),
            tls,
            heart_beat,
            dialect: dialect.as_deref().map(dialect_of).transpose()?,
            dead_letters: queue(dead_letters.as_deref().unwrap_or(DEAD_LETTERS))?,
            max_message_size,
            java_maps,
            limits: Limits::default(),
        };
        Ok((config, connect))
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn heart_beat(&self) -> Duration {
        self.heart_beat
    }

    /// The one that the URL names.
    pub(crate) fn dialect(&self) -> Option<&'static dyn Dialect> {
        self.dialect
    }

    /// What the URL says that the broker takes at most, in bytes.
    pub(crate) fn max_message_size(&self) -> Option<u64> {
        self.max_message_size
    }

    /// Whether maps go as those of Java, which `ActiveMQ` transforms.
    pub(crate) fn java_maps(&self) -> bool {
        self.java_maps
    }

    /// Where messages go that are given up.
    pub(crate) fn dead_letters(&self) -> &Address {
        &self.dead_letters
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// `host:port`, for error texts.
    pub(crate) fn resource(&self) -> String {
        match &self.vhost {
            Some(vhost) => format!("{}:{} (virtual host {vhost})", self.host, self.port),
            None => format!("{}:{}", self.host, self.port),
        }
    }

    /// Reads the files that the URL names.
    pub(crate) async fn security(&self, spec: &ConnectSpec) -> Result<Security> {
        let tls = match &self.tls {
            Some(options) => Some(options.connector(&self.host).await?),
            None => None,
        };
        let password = self.credentials(spec).map(Credentials::expose_password);
        Ok(Security {
            tls,
            has_password: password.is_some_and(|password| !password.is_empty()),
        })
    }

    /// The frame that asks to be let in. The credentials of `spec` go before the URL's.
    pub(crate) fn connect_frame(&self, spec: &ConnectSpec) -> Frame {
        // RabbitMQ has one that is called so; others do not care.
        let host = self.vhost.clone().unwrap_or_else(|| "/".to_owned());
        let mut frame = Frame::new(Command::Connect)
            .with_header("accept-version", Version::OFFER)
            .with_header("host", host)
            .with_header("heart-beat", offer(self.heart_beat));
        if let Some(credentials) = self.credentials(spec) {
            frame.headers.push("login", credentials.username());
            frame.headers.push("passcode", credentials.expose_password());
        }
        if let Some(client_id) = &spec.client_id {
            frame.headers.push("client-id", client_id.as_str());
        }
        frame
    }

    fn credentials<'a>(&'a self, spec: &'a ConnectSpec) -> Option<&'a Credentials> {
        spec.credentials.as_ref().or(self.credentials.as_ref())
    }
}

/// Those that not every provider has.
fn own_options() -> Vec<&'static str> {
    [
        &["heart-beat", "dialect", "dead-letters", "max-message-size", "java-maps"][..],
        &TlsOptions::NAMES,
    ]
    .concat()
}

/// The scheme says whether there is TLS.
fn tls(url: &BrokerUrl, options: TlsOptions) -> Result<Option<TlsOptions>> {
    match url.scheme() {
        "stomps" => Ok(Some(options)),
        _ if options.is_default() => Ok(None),
        _ => Err(configuration("options for TLS, but the scheme is not `stomps`")),
    }
}

/// A queue's name as the value of an option.
fn queue(name: &str) -> Result<Address> {
    let address = Address::new(DestinationKind::Queue, name);
    address.map_err(|error| configuration(&format!("option `dead-letters`: {}", error.detail())))
}

/// The path, where there is more of it than a slash.
fn vhost(url: &BrokerUrl) -> Result<Option<String>> {
    let vhost = url.decoded_path();
    if vhost.chars().any(char::is_control) {
        return Err(configuration("the virtual host holds a control character"));
    }
    Ok(Some(vhost).filter(|vhost| !vhost.is_empty() && vhost != "/"))
}

fn dialect_of(name: &str) -> Result<&'static dyn Dialect> {
    dialect::named(name).ok_or_else(|| {
        let known: Vec<_> = dialect::all().map(|dialect| format!("`{}`", dialect.name())).collect();
        configuration(&format!("option `dialect`: it is one of {}", known.join(", ")))
    })
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

    fn header(config: &Config, spec: &ConnectSpec, name: &str) -> Option<String> {
        config.connect_frame(spec).headers.get(name).map(str::to_owned)
    }

    #[test]
    fn the_path_is_the_virtual_host() {
        let spec = ConnectSpec::new(1);
        for (url, host) in [
            ("stomp://h", "/"),
            ("stomp://h/", "/"),
            ("stomp://h/%2f", "/"),
            ("stomp://h/shop", "shop"),
            ("stomp://h/a%2Fb", "a/b"),
        ] {
            let (config, _) = read(url).unwrap();
            assert_eq!(header(&config, &spec, "host").as_deref(), Some(host), "{url}");
        }
    }

    #[test]
    fn the_spec_s_credentials_go_before_the_url_s() {
        let (config, _) = read("stomp://ann:one@h:7").unwrap();
        let mut spec = ConnectSpec::new(1);
        assert_eq!(header(&config, &spec, "login").as_deref(), Some("ann"));
        spec.credentials = Some(Credentials::new("bob", "two"));
        spec.client_id = Some("till".into());
        assert_eq!(header(&config, &spec, "passcode").as_deref(), Some("two"));
        assert_eq!(header(&config, &spec, "client-id").as_deref(), Some("till"));
        assert_eq!((config.host(), config.port()), ("h", 7));
    }

    #[test]
    fn tls_has_a_port_of_its_own() {
        assert_eq!(read("stomp://h").unwrap().0.port(), 61613);
        let (config, _) = read("stomps://h?ca=/ca.pem").unwrap();
        assert!(config.tls.is_some() && config.port() == 61614);
    }

    #[test]
    fn what_is_wrong_is_a_configuration_error_without_the_password() {
        for url in [
            "stomp://u:hunter2@/",
            "stomp://u:hunter2@h/?colour=red",
            "stomp://u:hunter2@h/?ca=/ca.pem",
            "stomp://u:hunter2@h/?dialect=klingon",
            "stomp://u:hunter2@h/?heart-beat=99999999999s",
            "stomp://u:hunter2@h/?max-message-size=large",
            "stomp://u:hunter2@h/a%0Ab",
            "stomps://u:hunter2@h/?client-cert=/c.pem",
        ] {
            let error = read(url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{url}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
        let (config, _) = read("stomp://u:hunter2@h/").unwrap();
        assert!(!format!("{config:?} {}", config.resource()).contains("hunter2"));
    }
}
