//! CID: client identifier.

use std::sync::Arc;

use anymq_api::{AckMode, Capability, ConnectOptions, Connection, Consumer, ConsumerOptions, Destination, ErrorKind};

use super::{Context, Failure, Passed, Verdict, expect_kind, expect_list, setup::send_texts, texts_of};

cases! {
    "CID-01" => given_and_read,
    "CID-02" => unchanged_by_use,
    "CID-04" => fixed_by_configuration,
    "CID-05" => in_use,
    "CID-06" => free_again,
    "CID-07" => empty,
}

fn with_id(id: &str) -> ConnectOptions {
    ConnectOptions::new().with_client_id(id)
}

async fn given_and_read(context: &Context) -> Verdict {
    let without = context.connect_with(ConnectOptions::new()).await?;
    ensure_eq!(without.client_id()?, None);
    let id = context.name();
    let with = context.connect_with(with_id(&id)).await?;
    ensure_eq!(with.client_id()?, Some(id));
    ensure_eq!(without.client_id()?, None);
    Ok(Passed::AsStated)
}

/// There is no setter to refuse; what is left of the rule is that nothing else gives or changes the id.
async fn unchanged_by_use(context: &Context) -> Verdict {
    let id = context.name();
    for (options, expected) in [(ConnectOptions::new(), None), (with_id(&id), Some(id.as_str()))] {
        let connection = context.connect_with(options).await?;
        let same = |action: &str, connection: &Arc<dyn Connection>| {
            ensure_eq!(connection.client_id()?.as_deref(), expected, "after {action}");
            Ok::<_, Failure>(())
        };
        connection.metadata()?;
        same("reading the metadata", &connection)?;
        let _events = connection.events()?;
        same("asking for events", &connection)?;
        let pair = context.pair_on(Arc::clone(&connection), AckMode::Auto).await?;
        same("creating a session", &connection)?;
        connection.start().await?;
        same("starting", &connection)?;
        pair.send(&["one"]).await?;
        context.receive(&pair.consumer).await?;
        same("sending and receiving", &connection)?;
        pair.session.close().await?;
        connection.stop().await?;
        same("stopping", &connection)?;
    }
    Ok(Passed::AsStated)
}

async fn fixed_by_configuration(context: &Context) -> Verdict {
    let id = context.name();
    let Some(factory) = context.harness().with_configured_client_id(&id) else {
        return Ok(Passed::NotRun("no client id can be configured".to_owned()));
    };
    for given in [id.clone(), context.name()] {
        let attempt = factory.create_connection_with(with_id(&given)).await;
        expect_kind(attempt, ErrorKind::IllegalState)?;
    }
    let connection = factory.create_connection().await?;
    let read = connection.client_id();
    connection.close().await?;
    ensure_eq!(read?, Some(id.clone()));
    // Choices about something else do not unfix it.
    let connection = factory.create_connection_with(ConnectOptions::new()).await?;
    let read = connection.client_id();
    connection.close().await?;
    ensure_eq!(read?, Some(id));
    Ok(Passed::AsStated)
}

async fn in_use(context: &Context) -> Verdict {
    let id = context.name();
    let first = context.connect_with(with_id(&id)).await?;
    first.start().await?;
    let session = first.create_session(AckMode::Auto).await?;
    let durable = context.supports(Capability::DurableSubscriptions);
    let topic = context.topic();
    let elsewhere = context.destination();
    let destination: &dyn Destination = if durable { &topic } else { &elsewhere };
    let consumer: Arc<dyn Consumer> = if durable {
        let (name, options) = (context.subscription_name(destination), ConsumerOptions::new());
        context.note_subscription(&name);
        session.create_durable_consumer(destination, &name, options).await?
    } else {
        session.create_consumer(destination).await?
    };
    let producer = session.create_producer(destination).await?;
    let mut texts = Vec::new();
    for number in 0..3 {
        let text = format!("message {number}");
        send_texts(&producer, &[&text]).await?;
        texts.push(text);
        let attempt = context.factory().create_connection_with(with_id(&id)).await;
        expect_kind(attempt, ErrorKind::InvalidClientId)?;
        ensure_eq!(first.client_id()?.as_deref(), Some(id.as_str()));
    }
    let received = context.receive_many(&consumer, texts.len()).await?;
    expect_list(&texts_of(&received), &texts)?;
    context.nothing(&consumer).await?;
    Ok(Passed::AsStated)
}

async fn free_again(context: &Context) -> Verdict {
    let id = context.name();
    for _ in 0..3 {
        let connection = context.connect_with(with_id(&id)).await?;
        ensure_eq!(connection.client_id()?.as_deref(), Some(id.as_str()));
        connection.start().await?;
        connection.close().await?;
    }
    Ok(Passed::AsStated)
}

async fn empty(context: &Context) -> Verdict {
    let attempt = context.factory().create_connection_with(with_id("")).await;
    expect_kind(attempt, ErrorKind::InvalidClientId)?;
    Ok(Passed::AsStated)
}
