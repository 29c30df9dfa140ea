//! CONS: receiving by a listener.

use std::{
    ptr,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use anymq_api::{AckMode, BoxError, Consumer, ErrorKind, MessageListener, Received};
use async_trait::async_trait;

use super::listener::{Gated, Recorder};
use crate::{
    case::{
        Context, Failure, Pair, Passed, Verdict, expect_kind, expect_list, expect_set,
        flow::{numbered, send_all},
        text_of,
    },
    checklist::Place,
};

fn is_listener(consumer: &Arc<dyn Consumer>, listener: &Arc<Recorder>) -> anymq_api::Result<bool> {
    let current = consumer.listener()?;
    Ok(current.is_some_and(|current| ptr::addr_eq(Arc::as_ptr(&current), Arc::as_ptr(listener))))
}

pub(super) async fn set_get_unset(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let consumer = &pair.consumer;
    ensure!(consumer.listener()?.is_none(), "there is a listener from the start");
    let (first, second) = (Recorder::new(), Recorder::new());

    consumer.set_listener(Some(first.listener())).await?;
    ensure!(
        is_listener(consumer, &first)?,
        "the listener is another one than was set"
    );
    pair.send(&["to the first"]).await?;
    context
        .eventually("the first listener's message", || first.count() == 1)
        .await?;

    consumer.set_listener(Some(second.listener())).await?;
    ensure!(is_listener(consumer, &second)?, "the listener was not replaced");
    pair.send(&["to the second"]).await?;
    context
        .eventually("the second listener's message", || second.count() == 1)
        .await?;

    consumer.set_listener(None).await?;
    ensure!(consumer.listener()?.is_none(), "the listener was not unset");
    pair.send(&["to nobody", "after it"]).await?;
    ensure_eq!(text_of(&context.receive(consumer).await?), "to nobody");
    ensure_eq!(text_of(&context.receive(consumer).await?), "after it");
    context.nothing(consumer).await?;
    expect_list(&first.texts(), &["to the first".to_owned()])?;
    expect_list(&second.texts(), &["to the second".to_owned()])?;
    Ok(Passed::AsStated)
}

/// What a receive beside a listener came to.
enum Beside {
    Refused,
    Shared(Vec<String>),
}

impl Beside {
    fn name(&self) -> &'static str {
        match self {
            Beside::Refused => "illegal state",
            Beside::Shared(_) => "shared",
        }
    }
}

pub(super) async fn receive_beside_a_listener(context: &Context) -> Verdict {
    let own = own_consumer(context).await?;
    let other = other_consumer(context).await?;
    let (own, other) = (own.name(), other.name());
    Ok(Passed::With(format!(
        "own consumer: {own}; another of the session: {other}"
    )))
}

async fn own_consumer(context: &Context) -> Result<Beside, Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let recorder = Recorder::new();
    pair.consumer.set_listener(Some(recorder.listener())).await?;
    let texts = numbered("", 20);
    let (sent, beside) = tokio::join!(
        send_all(&pair.producer, &texts),
        receive_beside(context, &pair.consumer)
    );
    sent?;
    let beside = beside?;
    let received = match &beside {
        Beside::Refused => Vec::new(),
        Beside::Shared(texts) => texts.clone(),
    };
    let missing = texts.len().saturating_sub(received.len());
    context
        .eventually("the listener's messages", || recorder.count() >= missing)
        .await?;
    context.quiet().await;
    expect_set(&[received, recorder.texts()].concat(), &texts)?;
    Ok(beside)
}

async fn other_consumer(context: &Context) -> Result<Beside, Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let recorder = Recorder::new();
    pair.consumer.set_listener(Some(recorder.listener())).await?;
    let destination = context.destination();
    let consumer = context.consumer(&pair.session, &destination).await?;
    let producer = pair.session.create_producer(&destination).await?;
    let (texts, others) = (numbered("", 20), numbered("other", 20));
    send_all(&pair.producer, &texts).await?;
    send_all(&producer, &others).await?;
    let beside = receive_beside(context, &consumer).await?;
    if let Beside::Shared(got) = &beside {
        expect_list(got, &others)?;
    }
    context
        .eventually("the listener's messages", || recorder.count() >= texts.len())
        .await?;
    context.quiet().await;
    expect_list(&recorder.texts(), &texts)?;
    Ok(beside)
}

/// Receives until it is refused, or nothing comes any more.
async fn receive_beside(context: &Context, consumer: &Arc<dyn Consumer>) -> Result<Beside, Failure> {
    let refused = |kind| kind == ErrorKind::IllegalState;
    let first = match consumer.receive_timeout(context.timing().quiet).await {
        Err(error) if refused(error.kind()) => None,
        outcome => Some(outcome?),
    };
    let Some(first) = first else {
        // Refused in one form, refused in all.
        let untimed = context.in_time("receive", consumer.receive()).await?;
        let no_wait = consumer.try_receive();
        for outcome in [untimed, no_wait] {
            expect_kind(outcome, ErrorKind::IllegalState)?;
        }
        return Ok(Beside::Refused);
    };
    let mut texts: Vec<_> = first.iter().map(text_of).collect();
    while let Some(received) = consumer.receive_timeout(context.timing().quiet).await? {
        texts.push(text_of(&received));
    }
    Ok(Beside::Shared(texts))
}

pub(super) async fn set_late(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let texts = numbered("", 20);
    send_all(&pair.producer, &texts).await?;
    // One that is received shows that they arrive.
    ensure_eq!(text_of(&context.receive(&pair.consumer).await?), "000");
    context.quiet().await;
    let recorder = Recorder::new();
    pair.consumer.set_listener(Some(recorder.listener())).await?;
    context
        .eventually("what had arrived", || recorder.count() >= texts.len() - 1)
        .await?;
    pair.send(&["later"]).await?;
    context
        .eventually("what came later", || recorder.count() >= texts.len())
        .await?;
    context.quiet().await;
    let expected = [&texts[1..], &["later".to_owned()]].concat();
    expect_list(&recorder.texts(), &expected)?;
    Ok(Passed::AsStated)
}

pub(super) async fn close_waits(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let (listener, gate) = Gated::new();
    pair.consumer.set_listener(Some(Arc::clone(&listener) as _)).await?;
    pair.send(&["first", "second"]).await?;
    context
        .eventually("the listener's call", || listener.begun() == 1)
        .await?;

    let consumer = Arc::clone(&pair.consumer);
    let closing = tokio::spawn(async move { consumer.close().await });
    context.quiet().await;
    ensure!(!closing.is_finished(), "close did not wait for the listener");
    gate.open();
    context
        .in_time("close after the listener returned", closing)
        .await???;
    ensure_eq!(listener.ended(), 1, "calls that ended before close did");
    context.quiet().await;
    ensure_eq!(listener.begun(), 1, "calls");
    Ok(Passed::AsStated)
}

/// Closes its own consumer in its first call.
struct Closer {
    consumer: OnceLock<Weak<dyn Consumer>>,
    calls: Recorder,
    closed: AtomicUsize,
    returned: AtomicUsize,
}

#[async_trait]
impl MessageListener for Closer {
    async fn on_message(&self, message: Received) -> Result<(), BoxError> {
        self.calls.on_message(message).await?;
        let consumer = self.consumer.get().and_then(Weak::upgrade);
        consumer.ok_or("the consumer is gone")?.close().await?;
        self.closed.fetch_add(1, Ordering::AcqRel);
        // The call goes on after that.
        tokio::task::yield_now().await;
        self.returned.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }
}

pub(super) async fn closes_its_own_consumer(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let closer = Arc::new(Closer {
        consumer: OnceLock::from(Arc::downgrade(&pair.consumer)),
        calls: Recorder::default(),
        closed: AtomicUsize::new(0),
        returned: AtomicUsize::new(0),
    });
    pair.consumer.set_listener(Some(Arc::clone(&closer) as _)).await?;
    pair.send(&["first", "second", "third"]).await?;
    let returned = || closer.returned.load(Ordering::Acquire) == 1;
    context.eventually("the listener's return", returned).await?;
    ensure_eq!(closer.closed.load(Ordering::Acquire), 1, "times closed");
    context.in_time("closing again", pair.consumer.close()).await??;
    context.quiet().await;
    expect_list(&closer.calls.texts(), &["first".to_owned()])?;
    what_is_left(context, &pair).await?;
    Ok(Passed::AsStated)
}

/// The first message is acknowledged; the others wait where messages wait.
async fn what_is_left(context: &Context, pair: &Pair) -> Result<(), Failure> {
    let next = context.consumer(&pair.session, &pair.destination).await?;
    pair.send(&["fourth"]).await?;
    let left: &[&str] = match context.place() {
        Place::Queue | Place::Durable => &["second", "third", "fourth"],
        Place::Topic => &["fourth"],
    };
    for text in left {
        ensure_eq!(text_of(&context.receive(&next).await?), *text);
    }
    context.nothing(&next).await
}
