//! CONN: connection life cycle.

mod close;
mod delivery;

use std::sync::Arc;

use anymq_api::{AckMode, ErrorKind, Message};

use super::{
    Context, Failure, Passed, Verdict,
    ending::{self, Ending},
    expect_kind,
};

cases! {
    "CONN-01" => delivery::nothing_before_start,
    "CONN-02" => delivery::stopped_connections_send,
    "CONN-03" => delivery::start_delivers,
    "CONN-04" => delivery::starting_again,
    "CONN-05" => delivery::stopping_again,
    "CONN-06" => delivery::stop_holds_back,
    "CONN-07" => delivery::timeouts_run_while_stopped,
    "CONN-08" => delivery::no_wait_while_stopped,
    "CONN-09" => stop_waits_for_listener,
    "CONN-11" => delivery::what_came_while_stopped,
    "CONN-13" => listener_stops_its_connection,
    "CONN-14" => listener_closes_its_connection,
    "CONN-15" => close_ends_receives,
    "CONN-16" => close_waits_for_listener,
    "CONN-17" => close::children_are_closed,
    "CONN-18" => close::closed_connection,
    "CONN-19" => close::closed_children,
    "CONN-20" => close::closing_again,
    "CONN-21" => close::transactions_are_undone,
    "CONN-22" => close::unacknowledged_messages_come_back,
    "CONN-23" => close::messages_stay_readable,
    "CONN-24" => rejected_credentials,
    "CONN-26" => sessions_from_many_tasks,
}

async fn stop_waits_for_listener(context: &Context) -> Verdict {
    ending::waits_for_listener(context, Ending::StopConnection).await
}

async fn listener_stops_its_connection(context: &Context) -> Verdict {
    ending::from_inside(context, Ending::StopConnection).await
}

async fn listener_closes_its_connection(context: &Context) -> Verdict {
    ending::from_inside(context, Ending::CloseConnection).await
}

async fn close_ends_receives(context: &Context) -> Verdict {
    ending::ends_blocked_receive(context, Ending::CloseConnection).await
}

async fn close_waits_for_listener(context: &Context) -> Verdict {
    ending::waits_for_listener(context, Ending::CloseConnection).await
}

async fn rejected_credentials(context: &Context) -> Verdict {
    let Some(factory) = context.harness().with_bad_credentials() else {
        return Ok(Passed::NotRun("no credentials to be rejected".to_owned()));
    };
    let attempt = context.in_time("connecting", factory.create_connection()).await?;
    expect_kind(attempt, ErrorKind::Security)?;
    Ok(Passed::AsStated)
}

async fn sessions_from_many_tasks(context: &Context) -> Verdict {
    const TASKS: usize = 16;
    let connection = context.started().await?;
    let begin = Arc::new(tokio::sync::Barrier::new(TASKS));
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (connection, begin) = (Arc::clone(&connection), Arc::clone(&begin));
            tokio::spawn(async move {
                begin.wait().await;
                connection.create_session(AckMode::Auto).await
            })
        })
        .collect();
    let mut sessions = Vec::new();
    for task in tasks {
        sessions.push(context.in_time("creating a session", task).await???);
    }
    let uses = sessions.iter().enumerate().map(async |(number, session)| {
        let destination = context.destination();
        let consumer = context.consumer(session, &destination).await?;
        let producer = session.create_producer(&destination).await?;
        let text = format!("session {number}");
        producer.send(Message::text(text.as_str())).await?;
        let received = context.receive(&consumer).await?;
        ensure_eq!(received.as_text(), Some(text.as_str()));
        Ok::<_, Failure>(())
    });
    futures_util::future::try_join_all(uses).await?;
    Ok(Passed::With(format!("{TASKS} sessions")))
}
