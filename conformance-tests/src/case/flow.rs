//! Many messages at once: naming, sending and collecting them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use anymq_api::{Consumer, Message, Producer, Received};
use futures_util::future::try_join_all;

use super::{Context, Failure};

/// Texts that sort in their order: `a000`, `a001`, ….
pub(crate) fn numbered(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix}{number:03}")).collect()
}

/// Sends texts one after the other.
pub(crate) async fn send_all(producer: &Arc<dyn Producer>, texts: &[String]) -> Result<(), Failure> {
    for text in texts {
        producer.send(Message::text(text.clone())).await?;
    }
    Ok(())
}

/// What several consumers get, each in its own list, when all receive at the same time. Ends when there are `total` and
/// then nothing came for the quiet time, so that one too many shows; what is missing shows in the lists.
pub(crate) async fn gather(
    context: &Context,
    consumers: &[&Arc<dyn Consumer>],
    total: usize,
) -> Result<Vec<Vec<Received>>, Failure> {
    let count = AtomicUsize::new(0);
    try_join_all(consumers.iter().map(|consumer| drain(context, consumer, total, &count))).await
}

async fn drain(
    context: &Context,
    consumer: &Arc<dyn Consumer>,
    total: usize,
    count: &AtomicUsize,
) -> Result<Vec<Received>, Failure> {
    let timing = context.timing();
    let mut last = Instant::now();
    let mut all = Vec::new();
    loop {
        match consumer.receive_timeout(timing.quiet).await? {
            Some(received) => {
                all.push(received);
                last = Instant::now();
                // More than twice as many is wrong enough, and may have no end.
                if count.fetch_add(1, Ordering::Relaxed) > total * 2 {
                    return Ok(all);
                }
            }
            None if count.load(Ordering::Relaxed) >= total || last.elapsed() >= timing.wait => return Ok(all),
            None => {}
        }
    }
}
