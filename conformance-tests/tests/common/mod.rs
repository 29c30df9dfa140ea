//! What tests with a real broker share.
#![allow(dead_code, reason = "no test uses all of it")]

pub(crate) mod python;
pub(crate) mod traces;

use std::fmt::Display;
use std::io::Write as _;

use anymq_conformance::broker::{
    ActiveMq, ActiveMqOptions, BrokerError, Mosquitto, MosquittoOptions, RabbitMq, RabbitMqCluster, RabbitMqOptions,
};
use tokio::process::Command;

/// Starts a broker. Without an installation the test is not run.
pub(crate) async fn rabbit(test: &str) -> Option<RabbitMq> {
    rabbit_with(test, RabbitMqOptions::default()).await
}

/// As [`rabbit`], of a certain kind.
pub(crate) async fn rabbit_with(test: &str, options: RabbitMqOptions) -> Option<RabbitMq> {
    installed(test, RabbitMq::start(options).await)
}

/// As [`rabbit`], of several nodes.
pub(crate) async fn cluster(test: &str, nodes: usize) -> Option<RabbitMqCluster> {
    let started = RabbitMqCluster::start(nodes, RabbitMqOptions::default()).await;
    installed(test, started)
}

/// Starts an ActiveMQ. Without an installation the test is not run.
pub(crate) async fn active_with(test: &str, options: ActiveMqOptions) -> Option<ActiveMq> {
    installed(test, ActiveMq::start(options).await)
}

/// Starts a Mosquitto. Without an installation the test is not run.
pub(crate) async fn mosquitto_with(test: &str, options: MosquittoOptions) -> Option<Mosquitto> {
    installed(test, Mosquitto::start(options).await)
}

/// `mosquitto_pub` or `mosquitto_sub`, about to connect as a user with this password.
pub(crate) fn mosquitto_client(program: &str, broker: &Mosquitto, (user, password): (&str, &str)) -> Command {
    let mut command = Command::new(program);
    let port = broker.port().to_string();
    command.args(["-h", "127.0.0.1", "-p", &port, "-u", user, "-P", password]);
    command.kill_on_drop(true);
    command
}

/// What was started, unless there is no installation: then the test is not run.
fn installed<B>(test: &str, started: Result<B, BrokerError>) -> Option<B> {
    match started {
        Ok(broker) => Some(broker),
        Err(error @ BrokerError::NotInstalled { .. }) => {
            not_run(test, &error);
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Says so past the capture of the test harness, which would hide it; a failure where brokers are required.
pub(crate) fn not_run(test: &str, reason: &dyn Display) {
    let is = |name: &str, value: &str| std::env::var_os(name).is_some_and(|v| v == value);
    let required = is("ANYMQ_REQUIRE_BROKERS", "1") || is("CI", "true");
    assert!(!required, "{test} must run, but {reason}");
    let line = format!("{test}: NOT RUN: {reason}\n");
    let _nobody_listens = std::io::stderr().write_all(line.as_bytes());
}

/// Two digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in bytes {
        let _never_fails = write!(text, "{byte:02x}");
    }
    text
}

/// What [`hex`] was made from.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let pairs = (0..text.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}
