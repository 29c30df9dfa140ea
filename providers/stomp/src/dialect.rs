//! What brokers make of STOMP.

mod activemq;
mod generic;
mod rabbitmq;

use std::fmt::Debug;

use anymq_api::Error;

use crate::frame::Frame;

/// One broker's ways. What two of them have in common stands in the adapter, and asks here for what differs.
pub(crate) trait Dialect: Debug + Send + Sync {
    /// How the option `dialect` calls it.
    fn name(&self) -> &'static str;

    /// Whether a `server` header is its.
    fn serves(&self, server: &str) -> bool;

    /// What an ERROR says, if these are its words.
    fn refusal(&self, frame: &Frame) -> Option<Error>;

    /// Whether the broker hangs up after each ERROR.
    fn errors_end_links(&self) -> bool;
}

const ALL: [&dyn Dialect; 3] = [&activemq::ActiveMq, &rabbitmq::RabbitMq, &generic::Generic];

pub(crate) fn all() -> impl Iterator<Item = &'static dyn Dialect> {
    ALL.into_iter()
}

/// The one that the option asks for.
pub(crate) fn named(name: &str) -> Option<&'static dyn Dialect> {
    all().find(|dialect| dialect.name() == name)
}

/// The one that a broker's greeting shows.
pub(crate) fn of_server(server: Option<&str>) -> &'static dyn Dialect {
    let server = server.unwrap_or_default();
    all()
        .find(|dialect| dialect.serves(server))
        .unwrap_or(&generic::Generic)
}
