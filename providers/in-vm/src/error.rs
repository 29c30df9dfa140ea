//! What this provider answers when it refuses.

use anymq_api::{Address, Error, ErrorKind, Retry};

pub(crate) fn unknown_temporary(address: &Address) -> Error {
    let detail = "the temporary destination does not exist, or not any more";
    Error::new(ErrorKind::InvalidDestination, detail).with_resource(address)
}

pub(crate) fn not_temporary(address: &Address) -> Error {
    Error::new(ErrorKind::InvalidDestination, "not a temporary destination").with_resource(address)
}

pub(crate) fn temporary_exists(address: &Address) -> Error {
    Error::new(ErrorKind::IllegalState, "the temporary destination exists already").with_resource(address)
}

pub(crate) fn unknown_option(address: &Address, option: &str) -> Error {
    let detail = format!("unknown option `{option}`: in-VM destinations have none");
    Error::new(ErrorKind::InvalidDestination, detail).with_resource(address)
}

pub(crate) fn log_in_refused() -> Error {
    Error::new(ErrorKind::Security, "the user name or password is wrong, or missing")
}

pub(crate) fn access_refused(user: &str, address: &Address) -> Error {
    let detail = format!("the user `{user}` may not do this here");
    Error::new(ErrorKind::Security, detail).with_resource(address)
}

pub(crate) fn name_taken(name: &str) -> Error {
    Error::new(ErrorKind::IllegalState, "there is a broker of this name").with_resource(name)
}

pub(crate) fn client_id_empty() -> Error {
    Error::new(ErrorKind::InvalidClientId, "the client id is empty")
}

pub(crate) fn client_id_in_use(client_id: &str) -> Error {
    Error::new(ErrorKind::InvalidClientId, "another connection uses this client id").with_resource(client_id)
}

/// Nothing has happened when this is answered, so trying again is safe.
pub(crate) fn shut_down() -> Error {
    Error::new(ErrorKind::ConnectionLost, "the in-VM broker was shut down").with_retry(Retry::Safe)
}

/// Nothing has happened when this is answered, so trying again is safe.
pub(crate) fn queue_full(address: &Address) -> Error {
    let detail = "as much waits here as the broker allows";
    let error = Error::new(ErrorKind::ResourceAllocation, detail).with_retry(Retry::Safe);
    error.with_resource(address)
}

/// Nothing has happened when this is answered, so trying again is safe.
pub(crate) fn broker_full() -> Error {
    let detail = "as much waits in all queues together as the broker allows";
    Error::new(ErrorKind::ResourceAllocation, detail).with_retry(Retry::Safe)
}

/// Nothing has happened when this is answered, so trying again is safe.
pub(crate) fn store_failed(cause: Error) -> Error {
    let error = Error::new(ErrorKind::ResourceAllocation, "the store of the broker failed");
    error.with_retry(Retry::Safe).with_source(cause)
}

pub(crate) fn store_wrong(detail: &str) -> Error {
    Error::new(ErrorKind::Configuration, detail)
}

pub(crate) fn not_committed(cause: Error) -> Error {
    Error::new(ErrorKind::TransactionRolledBack, "the transaction could not be kept").with_source(cause)
}

pub(crate) fn not_transacted() -> Error {
    Error::new(ErrorKind::IllegalState, "the session is not transacted")
}

pub(crate) fn subscription_exists() -> Error {
    Error::new(ErrorKind::IllegalState, "the session has a subscription of this id")
}

pub(crate) fn subscription_in_use(name: &str) -> Error {
    let detail = "another consumer of the subscription is open";
    Error::new(ErrorKind::Other, detail).with_resource(name)
}

pub(crate) fn other_sharing(name: &str) -> Error {
    let detail = "a durable subscription of this name exists, and one of the two is shared, the other is not";
    Error::new(ErrorKind::Other, detail).with_resource(name)
}

pub(crate) fn still_used(name: &str) -> Error {
    let detail = "a consumer of the subscription is open, or has messages to acknowledge";
    Error::new(ErrorKind::IllegalState, detail).with_resource(name)
}

pub(crate) fn unknown_subscription(name: &str) -> Error {
    Error::new(
        ErrorKind::InvalidDestination,
        "there is no durable subscription of this name",
    )
    .with_resource(name)
}

pub(crate) fn not_a_topic(address: &Address) -> Error {
    Error::new(ErrorKind::InvalidDestination, "only topics have subscriptions").with_resource(address)
}

pub(crate) fn not_a_queue(address: &Address) -> Error {
    Error::new(ErrorKind::InvalidDestination, "only queues can be browsed").with_resource(address)
}

pub(crate) fn rolled_back(cause: Error) -> Error {
    let detail = "a message of the transaction cannot be delivered any more";
    Error::new(ErrorKind::TransactionRolledBack, detail).with_source(cause)
}

pub(crate) fn configuration(detail: &str) -> Error {
    Error::new(ErrorKind::Configuration, detail)
}
