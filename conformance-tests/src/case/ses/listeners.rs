//! Listeners of one session, and of several.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use anymq_api::{AckMode, BoxError, MessageListener};
use tokio::sync::Barrier;

use crate::case::{
    Context, Passed, Verdict, expect_list, expect_set,
    flow::numbered,
    listening::{Heard, listen},
    setup::{send_texts, sender},
};

/// What watches the listeners of one session.
#[derive(Default)]
struct Watch {
    inside: AtomicBool,
    overlaps: AtomicUsize,
}

/// A long call, which gives every other one the chance to run at the same time.
fn long(watch: &Arc<Watch>, heard: &Heard) -> Arc<dyn MessageListener> {
    let (watch, heard) = (Arc::clone(watch), heard.clone());
    listen(move |received| {
        let (watch, heard) = (Arc::clone(&watch), heard.clone());
        async move {
            if watch.inside.swap(true, Ordering::SeqCst) {
                watch.overlaps.fetch_add(1, Ordering::SeqCst);
            }
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            watch.inside.store(false, Ordering::SeqCst);
            heard.note(&received);
            Ok::<(), BoxError>(())
        }
    })
}

pub(super) async fn one_at_a_time(context: &Context) -> Verdict {
    const MESSAGES: usize = 15;
    let connection = context.started().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let (watch, heard) = (Arc::<Watch>::default(), Heard::default());
    let mut consumers = Vec::new();
    let mut sending = Vec::new();
    let mut expected = Vec::new();
    for word in ["first", "second", "third"] {
        let destination = context.destination();
        let consumer = context.consumer(&session, &destination).await?;
        consumer.set_listener(Some(long(&watch, &heard))).await?;
        consumers.push(consumer);
        let producer = sender(context, &destination).await?;
        let texts = numbered(word, MESSAGES);
        expected.extend(texts.clone());
        sending.push(async move { send_texts(&producer, &texts).await });
    }
    futures_util::future::try_join_all(sending).await?;
    heard.wait(context, expected.len()).await?;
    ensure_eq!(watch.overlaps.load(Ordering::SeqCst), 0, "calls that overlapped");
    expect_set(&heard.texts(), &expected)?;
    Ok(Passed::With(format!("{} calls", expected.len())))
}

pub(super) async fn sessions_run_side_by_side(context: &Context) -> Verdict {
    let connection = context.started().await?;
    let both = Arc::new(Barrier::new(2));
    let mut pairs = Vec::new();
    for _ in 0..2 {
        let pair = context.pair_on(Arc::clone(&connection), AckMode::Auto).await?;
        let (both, heard) = (Arc::clone(&both), Heard::default());
        let noting = heard.clone();
        // It passes only when the other session's listener is inside too.
        let listener = listen(move |received| {
            let (both, noting) = (Arc::clone(&both), noting.clone());
            async move {
                both.wait().await;
                noting.note(&received);
                Ok::<(), BoxError>(())
            }
        });
        pair.consumer.set_listener(Some(listener)).await?;
        pairs.push((pair, heard));
    }
    for (pair, _) in &pairs {
        pair.send(&["meets"]).await?;
    }
    for (_, heard) in &pairs {
        heard.wait(context, 1).await?;
        expect_list(&heard.texts(), &["meets".to_owned()])?;
    }
    Ok(Passed::AsStated)
}
