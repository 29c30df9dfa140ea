//! Listeners of transacted sessions.

use std::sync::Arc;

use anymq_api::{AckMode, BoxError, Error, Received};
use parking_lot::Mutex;

use super::{Context, Passed, Verdict, expect_only, expect_texts, fed, later};
use crate::case::{
    expect_list,
    faulty::{Fault, Faulty},
    setup::send_texts,
    text_of,
};

pub(super) async fn failed(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Transacted).await?;
    let target = context.destination();
    let watcher = later(context, &pair.connection, &target).await?;
    let producer = pair.session.create_producer(&target).await?;
    send_texts(&producer, &["sent"]).await?;
    let heard = Faulty::failing(&[("1", Fault::Error), ("2", Fault::Panic), ("4", Fault::Error)]);
    pair.consumer.set_listener(Some(heard.clone())).await?;

    pair.send(&["1", "2", "3"]).await?;
    expect_texts(&heard.all(context, 3).await, &["1", "2", "3"])?;
    // Neither the receives nor the send were rolled back.
    pair.session.commit().await?;
    expect_texts(&[context.receive(&watcher).await?], &["sent"])?;

    pair.send(&["4", "5"]).await?;
    expect_texts(&heard.wait(context, 5).await, &["1", "2", "3", "4", "5"])?;
    pair.session.rollback().await?;
    heard.wait(context, 7).await;
    pair.session.commit().await?;
    pair.session.close().await?;
    let next = later(context, &pair.connection, &pair.destination).await?;
    context.nothing(&next).await?;
    expect_texts(&heard.received(), &["1", "2", "3", "4", "5", "4", "5"])?;
    Ok(Passed::AsStated)
}

pub(super) async fn commits(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Transacted).await?;
    let heard = Arc::new(Mutex::new(Vec::<(String, Option<Error>)>::new()));
    let listener = {
        let (heard, session) = (Arc::clone(&heard), Arc::downgrade(&pair.session));
        move |message: Received| {
            let (heard, session) = (Arc::clone(&heard), session.upgrade());
            async move {
                let text = text_of(&message);
                let mut error = None;
                if let Some(session) = session.filter(|_| text == "1") {
                    error = session.commit().await.err();
                }
                heard.lock().push((text, error));
                Ok::<(), BoxError>(())
            }
        }
    };
    pair.consumer.set_listener(Some(Arc::new(listener))).await?;
    pair.send(&["1", "2"]).await?;
    let both = || heard.lock().len() >= 2;
    context.eventually("both calls", both).await?;
    let calls = std::mem::take(&mut *heard.lock());
    let (texts, errors): (Vec<_>, Vec<_>) = calls.into_iter().unzip();
    expect_list(&texts, &["1".to_owned(), "2".to_owned()])?;
    if let Some(error) = errors.into_iter().flatten().next() {
        return Err(error.into());
    }
    // Only the first was committed.
    pair.session.close().await?;
    let next = later(context, &pair.connection, &pair.destination).await?;
    expect_only(context, &next, &["2"]).await?;
    Ok(Passed::AsStated)
}
