//! What tests with a real broker share.

use std::fmt::Display;
use std::io::Write as _;

use anymq_conformance::broker::{BrokerError, RabbitMq, RabbitMqOptions};

/// Starts a broker. Without an installation the test is not run.
pub(crate) async fn rabbit(test: &str) -> Option<RabbitMq> {
    match RabbitMq::start(RabbitMqOptions::default()).await {
        Ok(rabbit) => Some(rabbit),
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
