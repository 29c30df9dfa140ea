//! SES: sessions.

mod destinations;
mod listeners;
mod order;

use std::sync::Arc;

use anymq_api::{AckMode, Capability, Connection, Message};

use super::{
    Context, Failure, Pair, Passed, Verdict, closed,
    ending::{self, Ending},
    expect_list,
    flow::numbered,
    setup::{modes, send_texts},
    text_of, texts_of,
};

cases! {
    "SES-01" => modes_are_told,
    "SES-03" => lacking_modes_are_refused,
    "SES-04" => messages_belong_to_nobody,
    "SES-05" => closed_session,
    "SES-06" => closing_again,
    "SES-07" => close_ends_receives,
    "SES-08" => close_waits_for_listener,
    "SES-09" => listener_closes_its_session,
    "SES-10" => listeners::one_at_a_time,
    "SES-11" => listeners::sessions_run_side_by_side,
    "SES-13" => order::one_producer,
    "SES-14" => order::several_producers,
    "SES-16" => destinations::one_name_one_destination,
    "SES-17" => destinations::queue_and_topic_differ,
    "SES-18" => destinations::names,
    "SES-19" => destinations::deleted_temporary,
}

async fn modes_are_told(context: &Context) -> Verdict {
    let connection = context.connect().await?;
    let (declared, _) = modes(context);
    for &mode in &declared {
        let session = connection.create_session(mode).await?;
        ensure_eq!(session.ack_mode()?, mode);
    }
    let names: Vec<_> = declared.iter().map(ToString::to_string).collect();
    Ok(Passed::With(names.join(", ")))
}

async fn lacking_modes_are_refused(context: &Context) -> Verdict {
    let connection = context.connect().await?;
    let (declared, lacking) = modes(context);
    for mode in declared {
        connection.create_session(mode).await?;
    }
    for &mode in &lacking {
        match connection.create_session(mode).await {
            Ok(_) => return Err(Failure::new(format!("a {mode} session was created"))),
            Err(error) => ensure_eq!(error.capability(), mode.capability(), "{mode}: {error}"),
        }
    }
    let names: Vec<_> = lacking.iter().map(ToString::to_string).collect();
    Ok(Passed::With(match names.len() {
        0 => "it lacks none".to_owned(),
        _ => format!("it lacks {}", names.join(", ")),
    }))
}

/// A queue at an in-VM broker of its own: another provider, unless that is the one under test.
async fn foreign(context: &Context) -> Result<(Arc<dyn Connection>, Pair), Failure> {
    let broker = format!("vm://{}", context.name().replace('.', "-"));
    let connection = anymq::connection_factory(&broker)?.create_connection().await?;
    connection.start().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let destination = context.queue();
    let consumer = session.create_consumer(&destination).await?;
    let producer = session.create_producer(&destination).await?;
    let pair = Pair {
        connection: Arc::clone(&connection),
        session,
        destination: destination.into(),
        consumer,
        producer,
    };
    Ok((connection, pair))
}

async fn messages_belong_to_nobody(context: &Context) -> Verdict {
    let (foreign_connection, foreign) = foreign(context).await?;
    let outcome = pass_on(context, &foreign).await;
    foreign_connection.close().await?;
    outcome?;
    Ok(Passed::AsStated)
}

/// One message goes from another provider through sessions and connections of this one, and back.
async fn pass_on(context: &Context, foreign: &Pair) -> Result<(), Failure> {
    let mut message = Message::text("travels");
    if context.supports(Capability::Properties) {
        message = message.with_property("n", 7)?;
    }
    if context.supports(Capability::Headers) {
        message = message.with_correlation_id("correlation").with_message_type("kind");
    }
    let pair = context.pair(AckMode::Auto).await?;
    let other_session = pair.connection.create_session(AckMode::Auto).await?;
    let other_connection = context.connect().await?.create_session(AckMode::Auto).await?;
    let senders = [
        Arc::clone(&pair.producer),
        other_session.create_producer(&pair.destination).await?,
        other_connection.create_producer(&pair.destination).await?,
    ];
    foreign.producer.send(message.clone()).await?;
    let mut travelling = context.receive(&foreign.consumer).await?.to_message();
    for sender in &senders {
        sender.send(travelling).await?;
        let received = context.receive(&pair.consumer).await?;
        same(&received, &message)?;
        travelling = received.to_message();
    }
    foreign.producer.send(travelling).await?;
    same(&context.receive(&foreign.consumer).await?.to_message(), &message)?;
    // And the very same value, again and again.
    for sender in &senders {
        sender.send(message.clone()).await?;
    }
    for received in context.receive_many(&pair.consumer, senders.len()).await? {
        same(&received, &message)?;
    }
    context.nothing(&pair.consumer).await
}

fn same(got: &Message, sent: &Message) -> Result<(), Failure> {
    ensure_eq!(got.as_text(), sent.as_text());
    ensure_eq!(got.property("n"), sent.property("n"));
    ensure_eq!(got.correlation_id(), sent.correlation_id());
    ensure_eq!(got.message_type(), sent.message_type());
    Ok(())
}

async fn closed_session(context: &Context) -> Verdict {
    let mut calls = 0;
    let (declared, _) = modes(context);
    for mode in declared {
        let pair = context.pair(mode).await?;
        let anonymous = pair.session.create_anonymous_producer().await?;
        pair.session.close().await?;
        let destination = &pair.destination;
        calls += closed::session(context, &pair.session, destination).await?;
        calls += closed::producer(context, &pair.producer, destination).await?;
        calls += closed::producer(context, &anonymous, destination).await?;
        calls += closed::consumer(context, &pair.consumer).await?;
        pair.consumer.close().await?;
        pair.producer.close().await?;
        anonymous.close().await?;
        pair.session.close().await?;
    }
    Ok(Passed::With(format!("{calls} calls")))
}

async fn closing_again(context: &Context) -> Verdict {
    let connection = context.started().await?;
    let first = context.pair_on(Arc::clone(&connection), AckMode::Auto).await?;
    let other = context.pair_on(Arc::clone(&connection), AckMode::Auto).await?;
    first.send(&["left behind"]).await?;
    context.in_time("closing", first.session.close()).await??;
    context.in_time("closing again", first.session.close()).await??;
    let texts = numbered("other", 5);
    send_texts(&other.producer, &texts).await?;
    let received = context.receive_many(&other.consumer, texts.len()).await?;
    expect_list(&texts_of(&received), &texts)?;
    connection.metadata()?;
    let new = context.pair_on(connection, AckMode::Auto).await?;
    new.send(&["new"]).await?;
    ensure_eq!(text_of(&context.receive(&new.consumer).await?), "new");
    context.in_time("closing once more", first.session.close()).await??;
    Ok(Passed::AsStated)
}

async fn close_ends_receives(context: &Context) -> Verdict {
    ending::ends_blocked_receive(context, Ending::CloseSession).await
}

async fn close_waits_for_listener(context: &Context) -> Verdict {
    ending::waits_for_listener(context, Ending::CloseSession).await
}

async fn listener_closes_its_session(context: &Context) -> Verdict {
    ending::from_inside(context, Ending::CloseSession).await
}
