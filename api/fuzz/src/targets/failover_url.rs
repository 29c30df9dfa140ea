//! Lists of brokers: what is accepted reads back the same, and no secret is shown.

use anymq_api::{
    ErrorKind,
    spi::{BrokerUrl, FailoverUrl},
};

use super::{
    error::{self, SECRET},
    url::{checked, each_once, hides_secret, parts},
};

/// The input is a list of brokers; its parts between NULs are tried as the brokers of one, then as pieces of a
/// password and as what stands behind it.
pub(super) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut pieces = text.split('\0');
    let mut next = || pieces.next().unwrap_or_default();
    let (first, second, end) = (next(), next(), next());
    if let Some(url) = checked(FailoverUrl::parse(first)) {
        accepted(first, &url);
    }
    composed(&text);
    if !text.contains(SECRET) {
        encoded_password(first, second, end);
        raw_password(first, second, end);
        secret_option(first, second);
    }
}

fn accepted(text: &str, url: &FailoverUrl) {
    assert!(FailoverUrl::is_meant(text), "{text:?}");
    assert!(BrokerUrl::parse(text).is_err(), "{text:?} is one broker, too");
    assert!(!text.contains(|c: char| c.is_whitespace() || c.is_control()));
    let [first, others @ ..] = url.brokers() else {
        panic!("{text:?} has no broker")
    };
    assert!(
        others.iter().all(|broker| broker.scheme() == first.scheme()),
        "{text:?}"
    );
    round_trip(url);
    each_once(text, url.options(), "reconnect");
}

fn round_trip(url: &FailoverUrl) {
    let text = url.expose();
    let again = FailoverUrl::parse(&text).unwrap_or_else(|refusal| panic!("{text:?}: {refusal}"));
    assert_eq!(again.expose(), text);
    assert!(
        again.brokers().iter().map(parts).eq(url.brokers().iter().map(parts)),
        "{text:?}"
    );
    let (mut options, mut before) = (again.options(), url.options());
    assert!(options.names().eq(before.names()), "{text:?}");
    for name in ["a", "reconnect", "prefetch", "password"] {
        assert_eq!(options.take(name), before.take(name), "{text:?}");
    }
}

/// Brokers that are accepted alone are accepted together, if they have one scheme.
fn composed(text: &str) {
    let brokers: Vec<_> = text
        .split('\0')
        .filter_map(|it| BrokerUrl::parse(it).ok())
        .map(|broker| encoded(&broker))
        .collect();
    let Some(first) = brokers.first() else {
        return;
    };
    let alike = brokers.iter().all(|broker| broker.scheme() == first.scheme());
    let written: Vec<_> = brokers.iter().map(BrokerUrl::expose).collect();
    let list = format!("failover:({})?reconnect=3", written.join(","));
    let parsed = FailoverUrl::parse(&list);
    assert_eq!(parsed.is_ok(), alike, "{list:?}");
    if let Some(url) = checked(parsed) {
        assert!(
            url.brokers().iter().map(parts).eq(brokers.iter().map(parts)),
            "{list:?}"
        );
        assert_eq!(url.options().take("reconnect").as_deref(), Some("3"));
        round_trip(&url);
    }
}

/// The same URL as it is written between the parentheses.
fn encoded(broker: &BrokerUrl) -> BrokerUrl {
    let text = broker.expose().replace(',', "%2C").replace(')', "%29");
    let again = BrokerUrl::parse(&text).unwrap_or_else(|refusal| panic!("{text:?}: {refusal}"));
    // The path is kept as it is written, so that alone shows a difference.
    assert_eq!(again.decoded_path(), broker.decoded_path(), "{text:?}");
    again
}

/// A password that is written as it must be, of the second broker.
fn encoded_password(before: &str, behind: &str, end: &str) {
    let password = format!("{before}{SECRET}{behind}");
    let list = format!("failover:(amqp://a,amqp://till:{}@{end}", BrokerUrl::encode(&password));
    let result = FailoverUrl::parse(&list);
    hides_secret(&result);
    if let Some(url) = checked(result) {
        let second = url.brokers().get(1).and_then(BrokerUrl::credentials);
        let known = second.map(|it| it.expose_password().to_owned()).unwrap_or_default();
        assert!(known.starts_with(&password), "{list:?}");
        assert!(
            url.expose().contains(SECRET) && !url.to_string().contains(SECRET),
            "{url}"
        );
        round_trip(&url);
    }
}

/// A password whose special characters were not encoded is accepted as what it is, or not at all; what refuses it does
/// not show it. With a URL behind a `,` it would be two brokers, and nobody could tell.
fn raw_password(before: &str, behind: &str, end: &str) {
    let raw = format!("{before}{SECRET}{behind}");
    if raw.split(',').skip(1).any(|piece| piece.contains("://")) {
        return;
    }
    let list = format!("failover:(amqp://till:{raw}@{end})");
    match FailoverUrl::parse(&list) {
        Ok(url) => {
            let first = url.brokers().first().and_then(BrokerUrl::credentials);
            assert!(
                first.is_some_and(|it| it.expose_password().contains(SECRET)),
                "{url}: not the password"
            );
            assert!(!format!("{url} {url:?}").contains(SECRET), "{url}");
        }
        Err(refusal) => {
            error::check(&refusal, &[ErrorKind::Configuration]);
            hides_secret(&refusal);
            assert!(!refusal.to_string().contains(SECRET), "{refusal}");
        }
    }
}

/// An option of a broker's and one of the connection's whose names speak of secrets.
fn secret_option(name: &str, value: &str) {
    let name = format!("{}password", BrokerUrl::encode(name));
    let value = BrokerUrl::encode(&format!("{value}{SECRET}"));
    let list = format!("failover:(vm://a?{name}={value},vm://b)?{name}={value}");
    let url = FailoverUrl::parse(&list).unwrap_or_else(|refusal| panic!("{list:?}: {refusal}"));
    assert!(
        url.expose().contains(SECRET) && !url.to_string().contains(SECRET),
        "{url}"
    );
    hides_secret(&url);
    hides_secret(&url.options());
    hides_secret(&url.options().finish(&["a"]));
    round_trip(&url);
}
