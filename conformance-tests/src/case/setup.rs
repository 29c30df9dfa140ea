//! Small things that several areas set up.

use std::{sync::Arc, task::Poll, time::Duration};

use anymq_api::{AckMode, Consumer, Destination, Message, Producer};
use tokio::{sync::oneshot, task::JoinHandle};

use super::{Context, Failure, text_of};

/// Every acknowledgement mode there is.
const MODES: [AckMode; 5] = [
    AckMode::Auto,
    AckMode::DupsOk,
    AckMode::Client,
    AckMode::Individual,
    AckMode::Transacted,
];

/// The acknowledgement modes that the provider declares, and those that it does not.
pub(crate) fn modes(context: &Context) -> (Vec<AckMode>, Vec<AckMode>) {
    let declared = |mode: &AckMode| mode.capability().is_none_or(|capability| context.supports(capability));
    MODES.into_iter().partition(declared)
}

/// Sends texts one after the other.
pub(crate) async fn send_texts<T: AsRef<str>>(producer: &Arc<dyn Producer>, texts: &[T]) -> anymq_api::Result<()> {
    for text in texts {
        producer.send(Message::text(text.as_ref().to_owned())).await?;
    }
    Ok(())
}

/// A producer on a connection of its own, which is not started.
pub(crate) async fn sender(context: &Context, destination: &dyn Destination) -> Result<Arc<dyn Producer>, Failure> {
    let session = context.connect().await?.create_session(AckMode::Auto).await?;
    Ok(session.create_producer(destination).await?)
}

/// The texts of all that comes: at least `count` messages, and then whatever comes before a quiet time.
pub(crate) async fn drain(
    context: &Context,
    consumer: &Arc<dyn Consumer>,
    count: usize,
) -> Result<Vec<String>, Failure> {
    let first = context.receive_many(consumer, count).await?;
    let mut texts = super::texts_of(&first);
    while let Some(received) = consumer.receive_timeout(context.timing().quiet).await? {
        texts.push(text_of(&received));
    }
    Ok(texts)
}

/// A task that waits for a future, which has begun to when this returns.
pub(crate) async fn begun<F>(context: &Context, future: F) -> Result<JoinHandle<F::Output>, Failure>
where
    F: Future<Output: Send> + Send + 'static,
{
    let (tell, told) = oneshot::channel();
    let task = tokio::spawn(async move {
        // Without the budget of cooperative tasks, which could end a poll before it began.
        let mut future = Box::pin(tokio::task::unconstrained(future));
        let first = futures_util::poll!(&mut future);
        let _ = tell.send(());
        match first {
            Poll::Ready(output) => output,
            Poll::Pending => future.await,
        }
    });
    let beginning = context.in_time("beginning to wait", told).await?;
    beginning.map_err(|_| Failure::new("a task of the case ended before it began"))?;
    Ok(task)
}

/// Polls a future so many times at most, and then drops it.
pub(crate) async fn poll_times<F: Future>(future: F, times: usize) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    for _ in 0..times {
        if let Poll::Ready(output) = futures_util::poll!(&mut future) {
            return Some(output);
        }
        tokio::task::yield_now().await;
    }
    None
}

/// Lets a while pass, another one for each seed: not to wait for anything, but to hit any moment of what runs meanwhile.
pub(crate) async fn while_of(seed: usize) {
    for _ in 0..seed * 31 % 40 {
        tokio::task::yield_now().await;
    }
    if let Ok(millis @ 1..) = u64::try_from(seed * 7919 % 5) {
        tokio::time::sleep(Duration::from_millis(millis - 1)).await;
    }
}
