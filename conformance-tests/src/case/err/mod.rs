//! ERR: errors.

mod anatomy;
mod classes;

use std::sync::Arc;

use anymq_api::{AckMode, Capability, ConnectOptions, ErrorKind, Retry};

use super::{Context, Failure, Passed, Verdict, closed, expect_kind, expect_set, refusal, setup::modes};

cases! {
    "ERR-01" => anatomy::errors_tell_all,
    "ERR-02" => classes::class_table,
    "ERR-03" => closed_objects,
    "ERR-05" => permission,
    "ERR-08" => declaration,
}

/// Each object is closed by itself, the rest stays open.
async fn closed_objects(context: &Context) -> Verdict {
    let (declared, _) = modes(context);
    let mode = if declared.contains(&AckMode::Individual) {
        AckMode::Individual
    } else {
        AckMode::Auto
    };
    let pair = context.pair(mode).await?;
    let destination = &pair.destination;
    let anonymous = pair.session.create_anonymous_producer().await?;
    let mut events = pair.connection.events()?;
    pair.send(&["one"]).await?;
    let received = context.receive(&pair.consumer).await?;
    let mut calls = 0;

    pair.producer.close().await?;
    calls += closed::producer(context, &pair.producer, destination).await?;
    anonymous.close().await?;
    calls += closed::producer(context, &anonymous, destination).await?;
    pair.consumer.close().await?;
    calls += closed::consumer(context, &pair.consumer).await?;
    if context.supports(Capability::Browser) && context.supports(Capability::Queues) {
        let browser = pair.session.create_browser(&context.queue(), None).await?;
        browser.close().await?;
        calls += closed::browser(context, &browser).await?;
    }
    pair.session.close().await?;
    calls += closed::session(context, &pair.session, destination).await?;
    let acknowledging = context.in_time("acknowledging", received.acknowledge()).await?;
    expect_kind(acknowledging, ErrorKind::IllegalState)?;
    if mode == AckMode::Individual && context.supports(Capability::Release) {
        expect_kind(received.release().await, ErrorKind::IllegalState)?;
        expect_kind(received.reject().await, ErrorKind::IllegalState)?;
    }
    pair.connection.metadata()?;

    let other = pair.connection.create_session(AckMode::Auto).await?;
    let temporary = if context.supports(Capability::TemporaryDestinations) && context.supports(Capability::Queues) {
        Some(other.create_temporary_queue().await?)
    } else {
        None
    };
    pair.connection.close().await?;
    calls += closed::connection(context, &pair.connection).await?;
    calls += closed::session(context, &other, destination).await?;
    if let Some(temporary) = temporary {
        let deleting = context.in_time("deleting", temporary.delete()).await?;
        expect_kind(deleting, ErrorKind::IllegalState)?;
    }
    let end = async { while events.next().await.is_some() {} };
    context.in_time("the events of a closed connection", end).await?;
    Ok(Passed::With(format!("{calls} calls")))
}

async fn permission(context: &Context) -> Verdict {
    let Some(factory) = context.harness().with_bad_credentials() else {
        return Ok(Passed::NotRun("no credentials to be rejected".to_owned()));
    };
    let options = ConnectOptions::new().with_credentials("nobody", "hunter2");
    for attempt in [
        factory.create_connection().await,
        context.factory().create_connection_with(options).await,
    ] {
        let error = expect_kind(attempt, ErrorKind::Security)?;
        ensure_eq!(error.retry(), Retry::Never);
        ensure!(error.provider().is_some(), "the error does not name the provider");
        ensure!(!error.detail().is_empty(), "the error says nothing");
        let shown = format!("{error} {error:?}");
        ensure!(!shown.contains("hunter2"), "the error shows the password");
    }
    Ok(Passed::AsStated)
}

async fn declaration(context: &Context) -> Verdict {
    same_on_every_connection(context).await?;
    let (declared, missing): (Vec<_>, Vec<_>) = Capability::ALL
        .iter()
        .partition(|capability| context.supports(**capability));
    if let Some(table) = context.harness().undeclared() {
        let listed: Vec<_> = table.iter().map(|(capability, _)| *capability).collect();
        expect_set(&listed, &missing)?;
        for (capability, reason) in table {
            ensure!(!reason.trim().is_empty(), "{capability} lacks a reason");
        }
    }
    let requestable: Vec<_> = missing
        .iter()
        .filter(|capability| capability.is_requestable())
        .collect();
    for &&capability in &requestable {
        refusal::probe(context, capability).await?;
    }
    for &capability in &missing {
        let options = ConnectOptions::new().require(capability);
        match context.factory().create_connection_with(options).await {
            Ok(_) => return Err(Failure::new(format!("a connection that requires {capability} is made"))),
            Err(error) => ensure_eq!(error.capability(), Some(capability), "requiring {capability}: {error}"),
        }
    }
    let all = declared.iter().fold(ConnectOptions::new(), |options, &capability| {
        options.require(capability)
    });
    context.connect_with(all).await?;
    let promises = missing.len() - requestable.len();
    Ok(Passed::With(format!(
        "{} declared, {} refused, {promises} not promised",
        declared.len(),
        requestable.len()
    )))
}

async fn same_on_every_connection(context: &Context) -> Result<(), Failure> {
    let first = context.connect_with(ConnectOptions::new()).await?;
    let named = ConnectOptions::new().with_client_id(context.name());
    let others = [
        context.connect_with(ConnectOptions::new()).await?,
        context.connect_with(named).await?,
        Arc::clone(&first),
    ];
    for other in others {
        other.start().await?;
        other.create_session(AckMode::Auto).await?;
        ensure_eq!(other.capabilities()?, first.capabilities()?, "two connections");
        ensure_eq!(other.capabilities()?, *context.capabilities(), "now and at first");
    }
    Ok(())
}
