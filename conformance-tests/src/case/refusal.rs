//! Asking for what is not declared: it must be refused, by name.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use anymq_api::{
    AckMode, Capability, CompletionListener, ConnectOptions, Connection, ConsumerOptions, Destination, Error,
    ErrorKind, Message, RedeliveryPolicy, SendOptions, SendReceipt, Session,
};
use async_trait::async_trait;

use super::{Context, Failure};

/// Asks for a requestable capability that is not declared, in every form of the call.
///
/// # Errors
/// [`Failure`] when it is not refused as it must be.
pub(crate) async fn probe(context: &Context, capability: Capability) -> Result<(), Failure> {
    let attempts = attempt(context, capability).await?;
    ensure!(!attempts.is_empty(), "nobody knows how to ask for {capability}");
    for (call, outcome) in attempts {
        match outcome {
            Err(error) if error.capability() == Some(capability) => {}
            Err(error) if missing_for(context, capability).is_some_and(|it| error.capability() == Some(it)) => {}
            Err(error) => {
                return Err(Failure::new(format!(
                    "{call}: {capability} is refused as {:?} instead: {error}",
                    error.kind()
                )));
            }
            Ok(()) => {
                return Err(Failure::new(format!(
                    "{call}: {capability} is not declared, and not refused"
                )));
            }
        }
    }
    Ok(())
}

/// What is not declared either, and what whoever asks for the capability asks for first.
fn missing_for(context: &Context, capability: Capability) -> Option<Capability> {
    let needed = match capability {
        Capability::QueueSelectors | Capability::Browser => Capability::Queues,
        _ => return None,
    };
    (!context.supports(needed)).then_some(needed)
}

type Attempts = Vec<(&'static str, Result<(), Error>)>;

async fn attempt(context: &Context, capability: Capability) -> Result<Attempts, Failure> {
    match capability {
        Capability::SimplifiedApi => {
            let outcome = context.factory().create_context(AckMode::Auto).await;
            Ok(vec![("create_context", outcome.map(drop))])
        }
        Capability::DeadLetters => {
            let limit = RedeliveryPolicy::new().with_max_deliveries(NonZeroU32::MIN.saturating_add(1));
            let options = ConnectOptions::new().with_redelivery(limit);
            let outcome = context.factory().create_connection_with(options).await;
            Ok(vec![("create_connection_with", outcome.map(drop))])
        }
        _ => attempt_on_connection(context, capability).await,
    }
}

async fn attempt_on_connection(context: &Context, capability: Capability) -> Result<Attempts, Failure> {
    let options = ConnectOptions::new().with_client_id(context.name());
    let connection = context.connect_with(options).await?;
    let mode = async |mode| {
        let outcome = connection.create_session(mode).await;
        Ok(vec![("create_session", outcome.map(drop))])
    };
    match capability {
        Capability::Transactions => mode(AckMode::Transacted).await,
        Capability::ClientAck => mode(AckMode::Client).await,
        Capability::DupsOk => mode(AckMode::DupsOk).await,
        Capability::IndividualAck => mode(AckMode::Individual).await,
        Capability::Xa => {
            let outcome = connection.create_xa_session().await;
            Ok(vec![("create_xa_session", outcome.map(drop))])
        }
        Capability::Release => attempt_release(context, &connection).await,
        _ => {
            let session = connection.create_session(AckMode::Auto).await?;
            attempt_on_session(context, &session, capability).await
        }
    }
}

async fn attempt_on_session(
    context: &Context,
    session: &Arc<dyn Session>,
    capability: Capability,
) -> Result<Attempts, Failure> {
    let (queue, topic) = (context.queue(), context.topic());
    let plain = ConsumerOptions::new();
    let selective = ConsumerOptions::new().with_selector("n = 1");
    Ok(match capability {
        Capability::Queues => open(session, &queue).await,
        Capability::Topics => open(session, &topic).await,
        Capability::Recover => vec![("recover", session.recover().await)],
        Capability::QueueSelectors => {
            let outcome = session.create_consumer_with(&queue, selective).await;
            vec![("create_consumer_with", outcome.map(drop))]
        }
        Capability::TopicSelectors => subscribe(context, session, &topic, selective).await,
        Capability::NoLocal => subscribe(context, session, &topic, plain.with_no_local(true)).await,
        Capability::DurableSubscriptions => {
            let outcome = session.create_durable_consumer(&topic, "name", plain).await;
            let mut attempts = vec![("create_durable_consumer", outcome.map(drop))];
            if !context.supports(Capability::SharedDurableSubscriptions) {
                attempts.push(("unsubscribe", session.unsubscribe("name").await));
            }
            attempts
        }
        Capability::SharedSubscriptions => {
            let outcome = session.create_shared_consumer(&topic, "name", plain).await;
            vec![("create_shared_consumer", outcome.map(drop))]
        }
        Capability::SharedDurableSubscriptions => {
            let outcome = session.create_shared_durable_consumer(&topic, "name", plain).await;
            vec![("create_shared_durable_consumer", outcome.map(drop))]
        }
        Capability::Browser => {
            let outcome = session.create_browser(&queue, None).await;
            vec![("create_browser", outcome.map(drop))]
        }
        Capability::TemporaryDestinations => vec![
            (
                "create_temporary_queue",
                session.create_temporary_queue().await.map(drop),
            ),
            (
                "create_temporary_topic",
                session.create_temporary_topic().await.map(drop),
            ),
        ],
        Capability::DeliveryDelay => attempt_delay(session, &context.destination()).await?,
        Capability::AsyncSend => {
            let producer = session.create_producer(&context.destination()).await?;
            let outcome = producer.send_async(Message::empty(), None, Arc::new(Deaf)).await;
            vec![("send_async", outcome)]
        }
        Capability::Headers | Capability::Properties | Capability::TypedBodies => {
            attempt_content(session, &context.destination(), capability).await?
        }
        _ => Vec::new(),
    })
}

async fn open(session: &Arc<dyn Session>, destination: &dyn Destination) -> Attempts {
    vec![
        ("create_consumer", session.create_consumer(destination).await.map(drop)),
        ("create_producer", session.create_producer(destination).await.map(drop)),
    ]
}

/// Options that are refused, with every kind of subscription that is declared.
async fn subscribe(
    context: &Context,
    session: &Arc<dyn Session>,
    topic: &dyn Destination,
    options: ConsumerOptions,
) -> Attempts {
    let name = context.name();
    context.note_subscription(&name);
    let outcome = session.create_consumer_with(topic, options.clone()).await;
    let mut attempts = vec![("create_consumer_with", outcome.map(drop))];
    if context.supports(Capability::DurableSubscriptions) {
        let outcome = session.create_durable_consumer(topic, &name, options.clone()).await;
        attempts.push(("create_durable_consumer", outcome.map(drop)));
    }
    if context.supports(Capability::SharedSubscriptions) {
        let outcome = session.create_shared_consumer(topic, &name, options.clone()).await;
        attempts.push(("create_shared_consumer", outcome.map(drop)));
    }
    if context.supports(Capability::SharedDurableSubscriptions) {
        let outcome = session.create_shared_durable_consumer(topic, &name, options).await;
        attempts.push(("create_shared_durable_consumer", outcome.map(drop)));
    }
    attempts
}

async fn attempt_delay(session: &Arc<dyn Session>, destination: &dyn Destination) -> Result<Attempts, Failure> {
    let producer = session.create_producer(destination).await?;
    let delayed = SendOptions::new().with_delay(Duration::from_secs(1));
    Ok(vec![
        ("set_options", producer.set_options(delayed.clone())),
        (
            "send_with",
            producer.send_with(Message::empty(), delayed).await.map(drop),
        ),
    ])
}

async fn attempt_content(
    session: &Arc<dyn Session>,
    destination: &dyn Destination,
    capability: Capability,
) -> Result<Attempts, Failure> {
    let message = match capability {
        Capability::Headers => Message::empty().with_message_type("type"),
        Capability::Properties => Message::empty().with_property("n", 1)?,
        _ => Message::stream(anymq_api::Stream::default()),
    };
    let producer = session.create_producer(destination).await?;
    Ok(vec![("send", producer.send(message).await.map(drop))])
}

async fn attempt_release(context: &Context, connection: &Arc<dyn Connection>) -> Result<Attempts, Failure> {
    let session = match connection.create_session(AckMode::Individual).await {
        Ok(session) => session,
        // Without individual acknowledgement there is no call to refuse.
        Err(error) if matches!(error.kind(), ErrorKind::Unsupported { .. }) => {
            return Ok(vec![("create_session", Err(Error::unsupported(Capability::Release)))]);
        }
        Err(error) => return Err(error.into()),
    };
    connection.start().await?;
    let destination = context.destination();
    let consumer = context.consumer(&session, &destination).await?;
    session
        .create_producer(&destination)
        .await?
        .send(Message::empty())
        .await?;
    let received = context.receive(&consumer).await?;
    Ok(vec![
        ("release", received.release().await),
        ("reject", received.reject().await),
    ])
}

/// Does not care how its sends end.
pub(crate) struct Deaf;

#[async_trait]
impl CompletionListener for Deaf {
    async fn on_completion(&self, _message: Message, _receipt: SendReceipt) {}

    async fn on_error(&self, _message: Message, _error: Error) {}
}
