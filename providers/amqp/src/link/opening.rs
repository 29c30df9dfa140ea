//! Why there is no link.

use anymq_api::{Error, ErrorKind, spi::excerpt};
use anymq_tls::Connector;
use lapin::uri::SASLMechanism;

use crate::{
    error::{PROVIDER, classify, error},
    transport::{self, Greeting},
};

pub(super) fn not_connected(greeting: &Greeting, cause: lapin::Error) -> Error {
    if greeting.is_foreign() {
        let detail = "what answers there is not an AMQP 0-9-1 broker";
        return error(ErrorKind::Configuration, detail).with_source(cause);
    }
    classify(cause)
}

/// What one side did not like of the other, when the socket ends: the client library knows nothing of it.
pub(super) fn refusal(
    greeting: &Greeting,
    mechanism: SASLMechanism,
    tls: Option<&Connector>,
    cause: &lapin::Error,
) -> Option<Error> {
    let lapin::ErrorKind::IOError(end) = cause.kind() else {
        return None;
    };
    if let Some(told) = transport::told(end) {
        return Some(told.with_provider(PROVIDER));
    }
    if !greeting.is_heard() {
        let refusal = tls?.silent_end(end)?;
        return Some(refusal.with_provider(PROVIDER));
    }
    let mechanism = mechanism.name();
    let others = excerpt(greeting.others_than(mechanism)?);
    let detail = format!("the broker has no {mechanism} login; it has {others}");
    Some(error(ErrorKind::Security, detail).with_source(cause.clone()))
}
