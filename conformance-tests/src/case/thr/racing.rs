//! Closing against sending, receiving, acknowledging and committing.

use std::sync::Arc;

use anymq_api::{AckMode, Address, Capability, Connection, Consumer, Error, ErrorKind, Message, Producer, Session};
use futures_util::future::try_join_all;
use tokio::sync::Notify;

use super::expect_between;
use crate::{
    case::{
        Context, Failure, Passed, Verdict, expect_list, expect_set,
        flow::numbered,
        setup::{drain, modes, send_texts, sender},
        text_of, texts_of,
    },
    checklist::Place,
};

const ROUNDS: usize = 12;

pub(super) async fn close_races(context: &Context) -> Verdict {
    let mut raced = vec!["send"];
    sends(context, AckMode::Auto).await?;
    if context.supports(Capability::Transactions) {
        raced.push("commit");
        sends(context, AckMode::Transacted).await?;
    }
    // Who misses a message of a topic misses it for ever.
    if context.place() != Place::Topic {
        let (declared, _) = modes(context);
        raced.push("receive");
        receives(context, AckMode::Auto).await?;
        if declared.contains(&AckMode::Client) {
            raced.push("acknowledge");
            receives(context, AckMode::Client).await?;
        }
    }
    Ok(Passed::With(format!("{ROUNDS} rounds each of {}", raced.join(", "))))
}

/// What is closed, in turn.
#[derive(Clone)]
struct Target {
    connection: Arc<dyn Connection>,
    session: Arc<dyn Session>,
    producer: Arc<dyn Producer>,
}

impl Target {
    async fn close(&self, round: usize) -> anymq_api::Result<()> {
        match round % 3 {
            0 => self.session.close().await,
            1 => self.connection.close().await,
            _ => self.producer.close().await,
        }
    }
}

/// The texts whose send (and commit) succeeded, and those of which nobody knows.
#[derive(Default)]
struct Sent {
    certain: Vec<String>,
    doubtful: Vec<String>,
}

async fn sends(context: &Context, mode: AckMode) -> Result<(), Failure> {
    let collector = context.pair(AckMode::Auto).await?;
    let rounds = (0..ROUNDS).map(|round| send_round(context, &collector.destination, mode, round));
    let mut all = Sent::default();
    for sent in try_join_all(rounds).await? {
        all.certain.extend(sent.certain);
        all.doubtful.extend(sent.doubtful);
    }
    let got = drain(context, &collector.consumer, all.certain.len()).await?;
    expect_between(&got, &all.certain, &all.doubtful)
}

async fn send_round(context: &Context, destination: &Address, mode: AckMode, round: usize) -> Result<Sent, Failure> {
    let connection = context.connect().await?;
    let session = connection.create_session(mode).await?;
    let producer = session.create_producer(destination).await?;
    let target = Target {
        connection,
        session,
        producer,
    };
    let near = Arc::<Notify>::default();
    let start = Start(Arc::clone(&near));
    let sending = tokio::spawn(send_until_closed(target.clone(), mode, round, start));
    let closing = tokio::spawn({
        let target = target.clone();
        async move {
            near.notified().await;
            target.close(round).await
        }
    });
    context.in_time("closing", closing).await???;
    let sent = context.in_time("sending", sending).await???;
    // A transaction that outlives its producer.
    target.connection.close().await?;
    Ok(sent)
}

/// Lets the close begin; at the latest when what it races with is over.
struct Start(Arc<Notify>);

impl Start {
    fn close(&self) {
        self.0.notify_one();
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        self.close();
    }
}

/// Lets the close begin after some sends, and goes on for a while.
async fn send_until_closed(target: Target, mode: AckMode, round: usize, start: Start) -> anymq_api::Result<Sent> {
    let goal = round * 4;
    let mut sent = Sent::default();
    for number in 0..goal + 200 {
        if number == goal {
            start.close();
        }
        give_way().await;
        let text = format!("round {round}: {number}");
        match send_one(&target, mode, &text).await {
            Ok(()) => sent.certain.push(text),
            Err(error) if is_closed(&error) => {
                sent.doubtful.push(text);
                break;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}

/// So that the close gets its chance between any two calls.
async fn give_way() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

async fn send_one(target: &Target, mode: AckMode, text: &str) -> anymq_api::Result<()> {
    target.producer.send(Message::text(text.to_owned())).await?;
    if mode == AckMode::Transacted {
        target.session.commit().await?;
    }
    Ok(())
}

fn is_closed(error: &Error) -> bool {
    error.kind() == ErrorKind::IllegalState
}

/// What was received (and acknowledged, in client mode) before the close never comes again; all else does.
async fn receives(context: &Context, mode: AckMode) -> Result<(), Failure> {
    let connection = context.started().await?;
    let rounds = (0..ROUNDS).map(|round| receive_round(context, &connection, mode, round));
    let laters = try_join_all(rounds).await?;
    try_join_all(laters.iter().map(|later| context.nothing(later))).await?;
    Ok(())
}

/// Gives the later consumer, which got all that there was to get.
async fn receive_round(
    context: &Context,
    connection: &Arc<dyn Connection>,
    mode: AckMode,
    round: usize,
) -> Result<Arc<dyn Consumer>, Failure> {
    let pair = context.pair_on(Arc::clone(connection), mode).await?;
    let texts = numbered(&format!("round {round}:"), 60);
    send_texts(&sender(context, &pair.destination).await?, &texts).await?;
    let (consumer, near) = (Arc::clone(&pair.consumer), Arc::<Notify>::default());
    let start = Start(Arc::clone(&near));
    let receiving = tokio::spawn(receive_until_closed(consumer, mode, round * 4, start));
    let (consumer, session) = (Arc::clone(&pair.consumer), Arc::clone(&pair.session));
    let closing = tokio::spawn(async move {
        near.notified().await;
        if round % 2 == 1 {
            consumer.close().await?;
        }
        session.close().await
    });
    context.in_time("closing", closing).await???;
    let taken = context.in_time("receiving", receiving).await???;
    expect_list(&taken, &texts[..taken.len().min(texts.len())])?;
    let session = connection.create_session(AckMode::Auto).await?;
    let later = context.consumer(&session, &pair.destination).await?;
    let rest = context.receive_many(&later, texts.len() - taken.len()).await?;
    expect_set(&texts_of(&rest), &texts[taken.len()..])?;
    Ok(later)
}

/// The texts received and acknowledged: by the receive itself in auto mode.
async fn receive_until_closed(
    consumer: Arc<dyn Consumer>,
    mode: AckMode,
    goal: usize,
    start: Start,
) -> anymq_api::Result<Vec<String>> {
    let mut taken = Vec::new();
    loop {
        if taken.len() == goal {
            start.close();
        }
        give_way().await;
        let received = match consumer.receive().await {
            Ok(Some(received)) => received,
            Ok(None) => return Ok(taken),
            Err(error) if is_closed(&error) => return Ok(taken),
            Err(error) => return Err(error),
        };
        let acknowledged = if mode == AckMode::Auto {
            Ok(())
        } else {
            received.acknowledge().await
        };
        match acknowledged {
            Ok(()) => taken.push(text_of(&received)),
            Err(error) if is_closed(&error) => return Ok(taken),
            Err(error) => return Err(error),
        }
    }
}
