//! Every call on closed objects: each must be an illegal state, and soon.

use std::{sync::Arc, time::Duration};

use anymq_api::{
    AckMode, Address, Browser, Connection, Consumer, ConsumerOptions, ErrorKind, Message, Producer, SendOptions,
    Session,
};
use futures_util::{
    FutureExt,
    future::{BoxFuture, ready},
};

use super::{Context, Failure, listening::Heard, refusal::Deaf};

type Call<'a> = (&'static str, BoxFuture<'a, anymq_api::Result<()>>);

fn at_once<T>(outcome: anymq_api::Result<T>) -> BoxFuture<'static, anymq_api::Result<()>> {
    ready(outcome.map(drop)).boxed()
}

fn soon<'a, T: 'a>(
    outcome: impl Future<Output = anymq_api::Result<T>> + Send + 'a,
) -> BoxFuture<'a, anymq_api::Result<()>> {
    outcome.map(|outcome| outcome.map(drop)).boxed()
}

/// Judges the calls, and counts them.
async fn judge(context: &Context, object: &str, calls: Vec<Call<'_>>) -> Result<usize, Failure> {
    let count = calls.len();
    for (name, call) in calls {
        let call = std::panic::AssertUnwindSafe(call).catch_unwind();
        match context.in_time(name, call).await? {
            Ok(Err(error)) if error.kind() == ErrorKind::IllegalState => {}
            Ok(Err(error)) => {
                return Err(Failure::new(format!(
                    "{name} of the closed {object} fails with {:?}: {error}",
                    error.kind()
                )));
            }
            Ok(Ok(())) => return Err(Failure::new(format!("{name} of the closed {object} succeeds"))),
            Err(_) => return Err(Failure::new(format!("{name} of the closed {object} panics"))),
        }
    }
    Ok(count)
}

/// Every call but close on a closed connection.
pub(crate) async fn connection(context: &Context, connection: &Arc<dyn Connection>) -> Result<usize, Failure> {
    let calls: Vec<Call<'_>> = vec![
        ("metadata", at_once(connection.metadata())),
        ("client_id", at_once(connection.client_id())),
        ("capabilities", at_once(connection.capabilities())),
        (
            "capabilities_of",
            at_once(connection.capabilities_of(&context.destination())),
        ),
        ("limits", at_once(connection.limits())),
        ("events", at_once(connection.events())),
        ("health", at_once(connection.health())),
        ("create_session", soon(connection.create_session(AckMode::Auto))),
        ("create_xa_session", soon(connection.create_xa_session())),
        ("start", soon(connection.start())),
        ("stop", soon(connection.stop())),
    ];
    judge(context, "connection", calls).await
}

/// Every call but close on a closed session.
pub(crate) async fn session(
    context: &Context,
    session: &Arc<dyn Session>,
    destination: &Address,
) -> Result<usize, Failure> {
    let (queue, topic) = (context.queue(), context.topic());
    let plain = ConsumerOptions::new;
    let calls: Vec<Call<'_>> = vec![
        ("ack_mode", at_once(session.ack_mode())),
        ("create_producer", soon(session.create_producer(destination))),
        ("create_anonymous_producer", soon(session.create_anonymous_producer())),
        ("create_consumer", soon(session.create_consumer(destination))),
        (
            "create_consumer_with",
            soon(session.create_consumer_with(destination, plain())),
        ),
        (
            "create_durable_consumer",
            soon(session.create_durable_consumer(&topic, "name", plain())),
        ),
        (
            "create_shared_consumer",
            soon(session.create_shared_consumer(&topic, "name", plain())),
        ),
        (
            "create_shared_durable_consumer",
            soon(session.create_shared_durable_consumer(&topic, "name", plain())),
        ),
        ("unsubscribe", soon(session.unsubscribe("name"))),
        ("create_browser", soon(session.create_browser(&queue, None))),
        ("create_temporary_queue", soon(session.create_temporary_queue())),
        ("create_temporary_topic", soon(session.create_temporary_topic())),
        ("commit", soon(session.commit())),
        ("rollback", soon(session.rollback())),
        ("recover", soon(session.recover())),
    ];
    judge(context, "session", calls).await
}

/// Every call but close on a closed producer, of whatever form.
pub(crate) async fn producer(
    context: &Context,
    producer: &Arc<dyn Producer>,
    destination: &Address,
) -> Result<usize, Failure> {
    let message = || Message::text("late");
    let options = SendOptions::new;
    let calls: Vec<Call<'_>> = vec![
        ("destination", at_once(producer.destination())),
        ("options", at_once(producer.options())),
        ("set_options", at_once(producer.set_options(options()))),
        ("send", soon(producer.send(message()))),
        ("send_with", soon(producer.send_with(message(), options()))),
        ("send_to", soon(producer.send_to(destination, message()))),
        (
            "send_to_with",
            soon(producer.send_to_with(destination, message(), options())),
        ),
        ("send_async", soon(producer.send_async(message(), None, Arc::new(Deaf)))),
        (
            "send_async_to",
            soon(producer.send_async_to(destination, message(), None, Arc::new(Deaf))),
        ),
    ];
    judge(context, "producer", calls).await
}

/// Every call but close on a closed consumer.
pub(crate) async fn consumer(context: &Context, consumer: &Arc<dyn Consumer>) -> Result<usize, Failure> {
    let calls: Vec<Call<'_>> = vec![
        ("destination", at_once(consumer.destination())),
        ("selector", at_once(consumer.selector())),
        ("receive", soon(consumer.receive())),
        (
            "receive_timeout",
            soon(consumer.receive_timeout(Duration::from_millis(1))),
        ),
        ("try_receive", at_once(consumer.try_receive())),
        ("listener", at_once(consumer.listener().map(drop))),
        (
            "set_listener",
            soon(consumer.set_listener(Some(Heard::default().listener()))),
        ),
        ("set_listener(None)", soon(consumer.set_listener(None))),
    ];
    judge(context, "consumer", calls).await
}

/// Every call but close on a closed browser.
pub(crate) async fn browser(context: &Context, browser: &Arc<dyn Browser>) -> Result<usize, Failure> {
    let calls: Vec<Call<'_>> = vec![
        ("destination", at_once(browser.destination())),
        ("selector", at_once(browser.selector())),
        ("next", soon(browser.next())),
    ];
    judge(context, "browser", calls).await
}
