//! `anymq.toml` and its variables: no secret is shown, and what a variable holds stays in its place of a URL.

use std::sync::{Arc, Mutex};

use anymq::{Directory, Registry};
use anymq_api::{
    Error, ErrorKind, Result,
    spi::{BrokerUrl, Provider, ProviderSetup},
};

use super::error::{self, SECRET};

/// The input is a file, or a piece of one; then, behind a NUL, a variable's value or another piece.
pub(super) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (first, second) = text.split_once('\0').unwrap_or((&text, ""));
    if let Some(directory) = checked(directory(first, second, &Echo::default())) {
        looked_up(&directory);
    }
    for value in [first, second] {
        stays_in_its_place(value);
    }
    // Neither a line of its own nor a variable elsewhere, where it is no password any more.
    if ![SECRET, "${", "\r", "\n"].iter().any(|it| text.contains(it)) {
        hides_password(first, second);
    }
}

/// Serves `echo://`, and tells the last URL that it was given.
#[derive(Clone, Debug, Default)]
struct Echo(Arc<Mutex<Option<BrokerUrl>>>);

impl Provider for Echo {
    fn schemes(&self) -> &'static [&'static str] {
        &["echo"]
    }

    fn setup(&self, url: &BrokerUrl) -> Result<ProviderSetup> {
        *self.0.lock().unwrap() = Some(url.clone());
        Err(Error::new(ErrorKind::Configuration, "it only listens"))
    }
}

fn directory(toml: &str, value: &str, echo: &Echo) -> Result<Directory> {
    let mut registry = Registry::empty();
    registry.register(Arc::new(echo.clone())).unwrap();
    let variables = [("V", value), ("HOST", "[::1]:1")];
    let builder = Directory::builder().toml(toml).environment(variables);
    builder.registry(registry).build()
}

fn checked<T>(result: Result<T>) -> Option<T> {
    result
        .inspect_err(|refusal| error::check(refusal, &[ErrorKind::Configuration]))
        .ok()
}

fn looked_up(directory: &Directory) {
    for name in directory.connection_names() {
        checked(directory.connection_factory(name));
    }
    for name in directory.destination_names() {
        let address = checked(directory.destination(name));
        let queue = checked(directory.queue(name)).map(Into::into);
        let topic = checked(directory.topic(name)).map(Into::into);
        assert_eq!(queue.or(topic), address, "{name:?}");
    }
    checked(directory.connection_factory("absent"));
    checked(directory.destination("absent"));
}

/// Any text can be a user name, a password, a path and an option.
fn stays_in_its_place(value: &str) {
    let echo = Echo::default();
    let toml = "connections.c.url = 'echo://u${V}:${V}@${HOST}/$$${V}?a=${V}&b=1'";
    checked(directory(toml, value, &echo).unwrap().connection_factory("c"));
    let url = echo.0.lock().unwrap().clone().expect("the provider was asked");
    let credentials = url.credentials().unwrap();
    assert_eq!(credentials.username(), format!("u{value}"));
    assert_eq!(credentials.expose_password(), value);
    assert_eq!((url.host(), url.port()), (Some("::1"), Some(1)));
    assert_eq!(url.decoded_path(), format!("${value}"));
    assert_eq!(url.options().take("a").as_deref(), Some(value));
    assert_eq!(url.options().take("b").as_deref(), Some("1"));
}

/// A password in the file, in a variable, and in a URL, between pieces that may make it something else.
fn hides_password(before: &str, behind: &str) {
    let secret = format!("{before}{SECRET}{behind}");
    let keys = "[connections.c]\nurl = 'echo://u@h'\npassword = ";
    for (toml, value) in [
        (format!("{keys}{secret}\n"), ""),
        (format!("{keys}'${{V}}{before}'\n"), secret.as_str()),
        (format!("connections.c.url = 'echo://u:{secret}@h'\n"), ""),
        (
            format!("connections.c.url = 'echo://u:${{V}}@{before}'\n"),
            secret.as_str(),
        ),
        (
            format!("connections.c.url = 'echo://h{before}'\nconnections.c.password = '${{V}}'"),
            secret.as_str(),
        ),
    ] {
        let result = directory(&toml, value, &Echo::default());
        hides_secret(&toml, &result);
        if let Some(directory) = checked(result) {
            hides_secret(&toml, &directory.connection_factory("c").map(drop));
        }
    }
}

fn hides_secret(toml: &str, value: &dyn std::fmt::Debug) {
    let shown = format!("{value:?} {value:#?}");
    assert!(!shown.contains(SECRET), "{toml:?}: {shown}");
}
