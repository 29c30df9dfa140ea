//! What named subscriptions ask of the broker, on the channel for declarations.

use std::sync::Arc;

use anymq_api::{Error, Result};
use lapin::{
    Channel, ExchangeKind,
    options::{
        ExchangeDeclareOptions, ExchangeDeleteOptions, QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions,
    },
    types::{FieldTable, ShortString},
};

use super::terms::{self, Terms};
use crate::{error::reply_code, link::Link, name::Route, options::TopicOptions, topology::Topology};

/// Makes a connection's own queue. `false` when another connection has it.
pub(super) async fn declare_own(link: &Arc<Link>, queue: &str) -> Result<bool> {
    let options = QueueDeclareOptions {
        exclusive: true,
        ..QueueDeclareOptions::default()
    };
    let declared = declare(link, queue, options, FieldTable::default()).await;
    answer(link, queue, declared, is(405))
}

/// Makes a subscription's queue. `false` when there is one with other terms; any other difference is an error, because
/// what the broker refuses as other terms may be deleted.
pub(super) async fn declare_source(link: &Arc<Link>, queue: &str, terms: &Terms, lasts: bool) -> Result<bool> {
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    let declared = declare(link, queue, options, terms.arguments(lasts)).await;
    answer(link, queue, declared, differs)
}

fn differs(cause: &lapin::Error) -> bool {
    is(406)(cause) && cause.to_string().contains(&format!("'{}", terms::LIMIT))
}

/// Whether there is such a queue. That somebody asks keeps one from expiring.
pub(super) async fn exists(link: &Arc<Link>, queue: &str) -> Result<bool> {
    let options = QueueDeclareOptions {
        passive: true,
        ..QueueDeclareOptions::default()
    };
    let declared = declare(link, queue, options, FieldTable::default()).await;
    answer(link, queue, declared, is(404))
}

async fn declare(
    link: &Arc<Link>,
    queue: &str,
    options: QueueDeclareOptions,
    arguments: FieldTable,
) -> lapin::Result<()> {
    let name = ShortString::from(queue);
    let declared = Topology::run(link, async move |channel: Channel| {
        channel.queue_declare(name, options, arguments).await
    });
    declared.await.map(drop)
}

/// Deletes a queue with what it holds; there may be none.
pub(super) async fn delete(link: &Arc<Link>, queue: &str) -> Result<()> {
    let name = ShortString::from(queue);
    let deleted = Topology::run(link, async move |channel: Channel| {
        channel.queue_delete(name, QueueDeleteOptions::default()).await
    });
    deleted.await.map(drop).map_err(|cause| named(link, queue, cause))
}

/// Has everything that is sent to the topic put into the queue.
pub(super) async fn bind_source(link: &Arc<Link>, queue: &str, terms: &Terms) -> Result<()> {
    let Route { exchange, key, .. } = Route::to(terms.topic())?;
    let arguments = TopicOptions::of(terms.topic())?.arguments();
    let name = ShortString::from(queue);
    let bound = Topology::run(link, async move |channel: Channel| {
        let options = QueueBindOptions::default();
        channel.queue_bind(name, exchange, key, options, arguments).await
    });
    bound.await.map_err(|cause| named(link, queue, cause))
}

/// Makes an exchange that goes with its last binding, and binds a queue. `false` when the exchange went in between.
pub(super) async fn bind_mark(link: &Arc<Link>, exchange: &str, queue: &str, key: &str) -> Result<bool> {
    let (name, queue, key) = (exchange.into(), ShortString::from(queue), ShortString::from(key));
    let bound = Topology::run(link, async move |channel: Channel| {
        let name: ShortString = name;
        let options = ExchangeDeclareOptions {
            auto_delete: true,
            ..ExchangeDeclareOptions::default()
        };
        let arguments = FieldTable::default;
        channel
            .exchange_declare(name.clone(), ExchangeKind::Direct, options, arguments())
            .await?;
        let options = QueueBindOptions::default();
        channel.queue_bind(queue, name, key, options, arguments()).await
    });
    answer(link, exchange, bound.await, is(404))
}

pub(super) async fn unbind_mark(link: &Arc<Link>, exchange: &str, queue: &str, key: &str) -> Result<()> {
    let (name, queue, key) = (
        ShortString::from(exchange),
        ShortString::from(queue),
        ShortString::from(key),
    );
    let unbound = Topology::run(link, async move |channel: Channel| {
        channel.queue_unbind(queue, name, key, FieldTable::default()).await
    });
    unbound.await.map_err(|cause| named(link, exchange, cause))
}

/// Whether an exchange has bindings. One without, which a crash left behind, is deleted.
pub(super) async fn is_bound(link: &Arc<Link>, exchange: &str) -> Result<bool> {
    let name = ShortString::from(exchange);
    let deleted = Topology::run(link, async move |channel: Channel| {
        let options = ExchangeDeleteOptions {
            if_unused: true,
            ..ExchangeDeleteOptions::default()
        };
        channel.exchange_delete(name, options).await
    });
    answer(link, exchange, deleted.await, is(406)).map(|deleted| !deleted)
}

fn is(code: u16) -> impl Fn(&lapin::Error) -> bool {
    move |cause| reply_code(cause) == Some(code)
}

/// `false` for what `refused` recognises as the broker's no.
fn answer<T>(
    link: &Link,
    object: &str,
    outcome: lapin::Result<T>,
    refused: impl Fn(&lapin::Error) -> bool,
) -> Result<bool> {
    match outcome {
        Ok(_) => Ok(true),
        Err(cause) if refused(&cause) => Ok(false),
        Err(cause) => Err(named(link, object, cause)),
    }
}

/// Whoever may not do it learns with what.
fn named(link: &Link, object: &str, cause: lapin::Error) -> Error {
    link.error(cause).with_resource(object)
}

#[cfg(test)]
mod tests {
    use lapin::protocol::{AMQPError, AMQPErrorKind, AMQPSoftError};

    use super::*;

    fn refusal(argument: &str) -> lapin::Error {
        let text = format!("PRECONDITION_FAILED - inequivalent arg '{argument}' for queue 'q' in vhost '/'");
        let kind = AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED);
        lapin::ErrorKind::ProtocolError(AMQPError::new(kind, text.into())).into()
    }

    #[test]
    fn only_another_digest_is_other_terms() {
        for argument in ["x-max-length", "x-max-length-bytes"] {
            assert!(differs(&refusal(argument)), "{argument}");
        }
        for argument in ["x-queue-type", "x-dead-letter-exchange", "durable", "x-expires"] {
            assert!(!differs(&refusal(argument)), "{argument}");
        }
    }
}
