//! Where lapin's errors become anymq's, once.

use anymq_api::{Error, ErrorKind, Retry};
use lapin::ErrorKind as Cause;

/// The provider's name, in errors and elsewhere.
pub(crate) const PROVIDER: &str = "amqp";

/// Classifies an error of the client library, which stays reachable as the source.
pub(crate) fn classify(error: lapin::Error) -> Error {
    let (kind, retry) = kind_of(&error);
    describe(kind, error).with_retry(retry)
}

/// The link is gone, whatever the library calls it.
pub(crate) fn connection_lost(error: lapin::Error) -> Error {
    describe(ErrorKind::ConnectionLost, error).with_retry(Retry::Safe)
}

/// An error of this provider itself.
pub(crate) fn error(kind: ErrorKind, detail: impl Into<String>) -> Error {
    Error::new(kind, detail).with_provider(PROVIDER)
}

/// The broker's reply code, where it answered with one.
pub(crate) fn reply_code(error: &lapin::Error) -> Option<u16> {
    match error.kind() {
        Cause::ProtocolError(reply) => Some(reply.get_id()),
        _ => None,
    }
}

fn describe(kind: ErrorKind, error: lapin::Error) -> Error {
    let described = match error.kind() {
        Cause::ProtocolError(reply) => Error::new(kind, reply.get_message().as_str()).with_code(reply.get_id()),
        _ => Error::new(kind, error.to_string()),
    };
    described.with_provider(PROVIDER).with_source(error)
}

fn kind_of(error: &lapin::Error) -> (ErrorKind, Retry) {
    match error.kind() {
        Cause::ProtocolError(reply) => kind_of_reply(reply.get_id(), reply.get_message().as_str()),
        Cause::IOError(_)
        | Cause::RuntimeShutdownError(_)
        | Cause::MissingHeartbeatError
        | Cause::ParsingError(_)
        | Cause::SerialisationError(_)
        | Cause::InvalidConnectionState(_) => (ErrorKind::ConnectionLost, Retry::Safe),
        Cause::ChannelsLimitReached => (ErrorKind::ResourceAllocation, Retry::Safe),
        Cause::InvalidChannel(_) | Cause::InvalidChannelState(..) => (ErrorKind::IllegalState, Retry::Never),
        Cause::InvalidProtocolVersion(_) => (ErrorKind::Configuration, Retry::Never),
        Cause::AuthProviderError(_) => (ErrorKind::Security, Retry::Never),
        _ => (ErrorKind::Other, Retry::Never),
    }
}

/// Source: the reply codes of AMQP 0-9-1 and what `RabbitMQ` 3.10 puts into their texts.
fn kind_of_reply(code: u16, text: &str) -> (ErrorKind, Retry) {
    let says = |words: &str| text.contains(words);
    let kind = match code {
        311 => ErrorKind::ResourceAllocation,
        404 if is_absent(text) => return (ErrorKind::ResourceAllocation, Retry::Safe),
        312 | 313 | 404 | 405 => ErrorKind::InvalidDestination,
        503 if says("authentication mechanism") => ErrorKind::Security,
        320 | 501..=505 => return (ErrorKind::ConnectionLost, Retry::Safe),
        402 => ErrorKind::Configuration,
        403 => ErrorKind::Security,
        406 if says("message size") => ErrorKind::ResourceAllocation,
        406 if says("inequivalent arg") || says("invalid arg") => ErrorKind::InvalidDestination,
        406 if says("timed out") => ErrorKind::Timeout,
        406 if says("delivery tag") => ErrorKind::IllegalState,
        506 => return (ErrorKind::ResourceAllocation, Retry::Safe),
        530 if says("refused") => ErrorKind::Security,
        530 if says("limit") => return (ErrorKind::ResourceAllocation, Retry::Safe),
        530 if says("vhost") => ErrorKind::Configuration,
        540 => ErrorKind::UnsupportedOperation,
        _ => ErrorKind::Other,
    };
    (kind, Retry::Never)
}

/// Whether a queue that was not found is there nevertheless, and comes back with its node or its process.
///
/// Source: `priv_absent` of `RabbitMQ`'s `rabbit_amqqueue`. A queue's name cannot look so: the texts that name what does not
/// exist begin otherwise, and end with the virtual host in quotes.
fn is_absent(text: &str) -> bool {
    let text = text.trim_start_matches("NOT_FOUND - ");
    text.starts_with("home node ")
        || text.starts_with("failed to perform operation on ")
        || text.ends_with("is stopped by supervisor")
        || text.ends_with("has crashed and failed to restart")
}

#[cfg(test)]
mod tests {
    use std::{error::Error as _, sync::Arc};

    use lapin::protocol::AMQPError;

    use super::*;

    fn reply(code: u16, text: &str) -> lapin::Error {
        Cause::ProtocolError(AMQPError::from_id(code, text.into()).unwrap()).into()
    }

    #[test]
    fn reply_codes_have_their_class() {
        for (code, text, kind) in [
            (311, "", ErrorKind::ResourceAllocation),
            (312, "NO_ROUTE", ErrorKind::InvalidDestination),
            (320, "CONNECTION_FORCED", ErrorKind::ConnectionLost),
            (403, "ACCESS_REFUSED", ErrorKind::Security),
            (404, "NOT_FOUND", ErrorKind::InvalidDestination),
            (
                404,
                "NOT_FOUND - home node 'rabbit@a' of durable queue 'q' in vhost '/' is down or inaccessible",
                ErrorKind::ResourceAllocation,
            ),
            (
                404,
                "NOT_FOUND - queue 'q' in vhost '/' process is stopped by supervisor",
                ErrorKind::ResourceAllocation,
            ),
            (
                404,
                "NOT_FOUND - no queue 'home node is stopped by supervisor' in vhost '/'",
                ErrorKind::InvalidDestination,
            ),
            (405, "RESOURCE_LOCKED", ErrorKind::InvalidDestination),
            (
                406,
                "PRECONDITION_FAILED - message size 9 is larger",
                ErrorKind::ResourceAllocation,
            ),
            (
                406,
                "PRECONDITION_FAILED - inequivalent arg 'durable'",
                ErrorKind::InvalidDestination,
            ),
            (
                406,
                "PRECONDITION_FAILED - unknown delivery tag 7",
                ErrorKind::IllegalState,
            ),
            (406, "PRECONDITION_FAILED", ErrorKind::Other),
            (
                503,
                "COMMAND_INVALID - unknown authentication mechanism 'EXTERNAL'",
                ErrorKind::Security,
            ),
            (503, "COMMAND_INVALID", ErrorKind::ConnectionLost),
            (506, "", ErrorKind::ResourceAllocation),
            (530, "NOT_ALLOWED - vhost nope not found", ErrorKind::Configuration),
            (
                530,
                "NOT_ALLOWED - access to vhost '/' refused for user 'x'",
                ErrorKind::Security,
            ),
            (540, "NOT_IMPLEMENTED", ErrorKind::UnsupportedOperation),
            (541, "INTERNAL_ERROR", ErrorKind::Other),
        ] {
            let error = classify(reply(code, text));
            assert_eq!(error.kind(), kind, "{code} {text}");
            assert_eq!(error.code(), Some(code.to_string().as_str()));
            assert_eq!(error.provider(), Some(PROVIDER));
        }
    }

    #[test]
    fn io_and_missing_heartbeats_are_a_lost_connection() {
        let io = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        for cause in [Cause::IOError(Arc::new(io)), Cause::MissingHeartbeatError] {
            let error = classify(cause.into());
            assert_eq!(error.kind(), ErrorKind::ConnectionLost);
            assert_eq!(error.retry(), Retry::Safe);
        }
    }

    #[test]
    fn the_source_is_lapins_own_error() {
        let error = classify(reply(404, "NOT_FOUND - no queue 'x'"));
        let source = error.source().and_then(|source| source.downcast_ref::<lapin::Error>());
        assert!(source.is_some_and(lapin::Error::is_amqp_soft_error));
        assert_eq!(error.detail(), "NOT_FOUND - no queue 'x'");
    }
}
