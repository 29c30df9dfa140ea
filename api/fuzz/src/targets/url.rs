//! Broker URLs and their options: what is accepted reads back the same, and no secret is shown.

use std::{fmt::Debug, time::Duration};

use anymq_api::{
    ErrorKind, Result,
    spi::{BrokerUrl, UrlOptions},
};

use super::{
    error::{self, SECRET},
    percent,
};

const HUNDRED_YEARS: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

const COMMON: [&str; 10] = [
    "client-id",
    "prefetch",
    "password-file",
    "connect-timeout",
    "request-timeout",
    "close-timeout",
    "max-deliveries",
    "redelivery-delay",
    "redelivery-multiplier",
    "redelivery-max-delay",
];

/// The input is a URL; then, behind NULs, a piece of a password and the end of a URL. The first part is tried as a
/// piece of a password and as an option's value, too.
pub(super) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut parts = text.split('\0');
    let mut next = || parts.next().unwrap_or_default();
    let (first, second, end) = (next(), next(), next());
    if let Some(url) = checked(BrokerUrl::parse(first)) {
        accepted(first, &url);
    }
    encoded(first);
    options(first);
    if !text.contains(SECRET) {
        encoded_password(first, second, end);
        raw_password(first, second, end);
        secret_options(first);
    }
}

pub(super) fn checked<T>(result: Result<T>) -> Option<T> {
    result
        .inspect_err(|refusal| error::check(refusal, &[ErrorKind::Configuration]))
        .ok()
}

fn accepted(text: &str, url: &BrokerUrl) {
    assert!(!text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '#'));
    assert!(percent::is_well_formed(text), "{text:?}");
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    assert_eq!(scheme.as_deref(), Some(url.scheme()));
    assert!(url.port().is_none() || url.host().is_some_and(|host| !host.is_empty()));
    round_trip(url);
    each_once(text, url.options(), "heartbeat");
}

/// No option is there twice; taking and refusing them is no trouble.
pub(super) fn each_once(text: &str, mut options: UrlOptions, known: &'static str) {
    let mut names: Vec<_> = options.names().collect();
    let given = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), given, "{text:?}");
    checked(options.take_connect_options());
    checked(options.finish(&[known]));
}

fn round_trip(url: &BrokerUrl) {
    let text = url.expose();
    let again = BrokerUrl::parse(&text).unwrap_or_else(|refusal| panic!("{text:?}: {refusal}"));
    assert_eq!(again.expose(), text);
    assert_eq!(parts(&again), parts(url), "{text:?}");
}

pub(super) fn parts(url: &BrokerUrl) -> impl Debug + PartialEq {
    let mut options = url.options();
    let names = options.names().map(str::to_owned).collect::<Vec<_>>();
    // Names that are not known beforehand cannot be taken, but these can.
    let values = ["a", "heartbeat", "prefetch", "password"].map(|name| options.take(name));
    let credentials = url
        .credentials()
        .map(|it| (it.username().to_owned(), it.expose_password().to_owned()));
    let address = (
        url.host().map(str::to_owned),
        url.port(),
        url.has_path(),
        url.path().to_owned(),
    );
    (
        url.scheme().to_owned(),
        credentials,
        address,
        url.decoded_path(),
        names,
        values,
    )
}

/// What `encode` promises: each place gives the text back.
fn encoded(text: &str) {
    if text.is_empty() {
        return;
    }
    let it = BrokerUrl::encode(text);
    let url = format!("x://{it}:{it}@h:1/{it}?{it}={it}&a{it}b={it}");
    let url = BrokerUrl::parse(&url).unwrap_or_else(|refusal| panic!("{url}: {refusal}"));
    let credentials = url.credentials().unwrap();
    assert_eq!(credentials.username(), text);
    assert_eq!(credentials.expose_password(), text);
    assert_eq!(url.decoded_path(), text);
    assert!(url.options().names().eq([text, &format!("a{text}b")]), "{text:?}");
    let mut options = BrokerUrl::parse(&format!("x://?a={it}")).unwrap().options();
    assert_eq!(options.take("a").as_deref(), Some(text));
    round_trip(&url);
}

/// A password that is written as it must be.
fn encoded_password(before: &str, behind: &str, end: &str) {
    let password = format!("{before}{SECRET}{behind}");
    let text = format!("amqp://till:{}@{end}", BrokerUrl::encode(&password));
    let result = BrokerUrl::parse(&text);
    hides_secret(&result);
    if let Some(url) = checked(result) {
        let known = url.credentials().map(|it| it.expose_password().to_owned()).unwrap();
        assert!(known.starts_with(&password), "{text:?}");
        assert!(url.expose().contains(SECRET));
        hides_secret(&url.credentials());
        assert!(!format!("{url} {}", url.redacted()).contains(SECRET), "{url}");
        let mut options = url.options();
        hides_secret(&options);
        hides_secret(&options.take_connect_options());
        hides_secret(&options.finish(&["heartbeat"]));
    }
}

/// A password whose special characters were not encoded is accepted as what it is, or not at all; what refuses it does
/// not show it.
fn raw_password(before: &str, behind: &str, end: &str) {
    let text = format!("amqp://till:{before}{SECRET}{behind}@{end}");
    match BrokerUrl::parse(&text) {
        Ok(url)
            if url
                .credentials()
                .is_some_and(|it| it.expose_password().contains(SECRET)) =>
        {
            assert!(!format!("{url} {url:?}").contains(SECRET), "{url}");
        }
        // The `@` behind it leaves no other part of a URL that it could be.
        Ok(url) => panic!("{url}: not the password"),
        Err(refusal) => {
            error::check(&refusal, &[ErrorKind::Configuration]);
            hides_secret(&refusal);
            assert!(!refusal.to_string().contains(SECRET), "{refusal}");
        }
    }
}

/// Options whose names speak of secrets.
fn secret_options(text: &str) {
    let words = ["password", "PWD", "api-token", "client-secret", "credential"];
    let word = words[text.len() % words.len()];
    let (name, value) = (BrokerUrl::encode(text), format!("{text}{SECRET}"));
    let url = format!("vm://h?{name}{word}{name}={}&a=1", BrokerUrl::encode(&value));
    let url = BrokerUrl::parse(&url).unwrap();
    assert!(
        url.expose().contains(SECRET) && !format!("{url} {url:?}").contains(SECRET),
        "{url}"
    );
    hides_secret(&url.options());
    hides_secret(&url.options().finish(&["a"]));
    let mut options = UrlOptions::from_pairs([(word, value.as_str())]);
    hides_secret(&match text.len() % 3 {
        0 => options.take_parsed::<u8>(word).map(drop),
        1 => options.take_bool(word).map(drop),
        _ => options.take_duration(word).map(drop),
    });
}

pub(super) fn hides_secret(value: &dyn Debug) {
    let shown = format!("{value:?} {value:#?}");
    assert!(!shown.contains(SECRET), "{shown}");
}

/// The text as the value of each option.
fn options(text: &str) {
    let of = |name| UrlOptions::from_pairs([(name, text)]);
    if let Some(duration) = checked(of("d").take_duration("d")) {
        assert!(duration.is_some_and(|it| it <= HUNDRED_YEARS), "{text:?}");
    }
    if let Some(millis) = plain_duration(text) {
        let duration = Duration::from_millis(millis);
        let expected = (duration <= HUNDRED_YEARS).then_some(Some(duration));
        assert_eq!(checked(of("d").take_duration("d")), expected, "{text:?}");
    }
    let bool = checked(of("b").take_bool("b"));
    assert_eq!(
        bool.flatten().map(|it| it.to_string()).as_deref(),
        Some(text).filter(|it| ["true", "false"].contains(it))
    );
    checked(of("n").take_parsed::<f64>("n"));
    for name in COMMON {
        common(text, of(name));
    }
}

fn common(text: &str, mut options: UrlOptions) {
    let Some(connect) = checked(options.take_connect_options()) else {
        return;
    };
    checked(options.finish(&[])).expect("it was taken");
    assert!(connect.prefetch.is_none_or(|it| it.get() <= 65_535));
    assert!(connect.client_id.is_none_or(|it| it == text && !it.is_empty()));
    let times = [connect.connect_timeout, connect.request_timeout, connect.close_timeout];
    assert!(
        times
            .into_iter()
            .flatten()
            .all(|it| !it.is_zero() && it <= HUNDRED_YEARS)
    );
    if let Some(policy) = connect.redelivery {
        let policy = policy.or(&policy.with_delay(HUNDRED_YEARS / 3).with_multiplier(1e300));
        for deliveries in [0, 1, 2, 1000, u32::MAX] {
            assert!(policy.delay_after(deliveries) <= HUNDRED_YEARS);
        }
    }
}

/// The milliseconds of a number with one unit, by other means.
fn plain_duration(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let unit = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    let plain = !digits.is_empty() && digits.len() <= 9 && digits.bytes().all(|b| b.is_ascii_digit());
    let number: u64 = plain.then(|| digits.parse().ok()).flatten()?;
    Some(number * unit)
}
