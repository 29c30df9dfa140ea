//! A broker that went mad.

use std::sync::Arc;

use anymq_api::{AckMode, ErrorKind, Message};

use super::{Context, Failure, Passed, Verdict, memory::Growth};
use crate::{
    case::{
        expect_kind,
        later::expect_only,
        line::{Line, all_events, expect_one_loss},
        setup::begun,
    },
    link::{Malformed, Utterance},
};

/// Of the whole process, in which other cases run meanwhile, with messages of many megabytes.
const MOST: u64 = 512 * 1024 * 1024;

pub(super) async fn ends_the_connection(context: &Context) -> Verdict {
    let utterances = match context.harness().malformed() {
        Malformed::Known(utterances) => utterances,
        Malformed::NoBytes => return Ok(Passed::NotApplicable("nothing is parsed: there are no frames".into())),
        Malformed::Unknown => {
            return Ok(Passed::NotRun(
                "the harness does not know what its broker may not say".into(),
            ));
        }
    };
    let mut growth = Growth::begin();
    for utterance in &utterances {
        let ended = hear(context, utterance, &mut growth).await;
        ended.map_err(|failure| failure.about(utterance.what))?;
    }
    let pair = context.pair(AckMode::Auto).await?;
    pair.send(&["after"]).await?;
    expect_only(context, &pair.consumer, &["after"]).await?;
    let memory = match growth.bytes() {
        Some(bytes) => {
            ensure!(bytes < MOST, "the process grows by {bytes} bytes");
            format!("memory grows by less than {} MiB", (bytes >> 20) + 1)
        }
        None => "the system tells nothing of memory".to_owned(),
    };
    Ok(Passed::Observed(format!("{} utterances; {memory}", utterances.len())))
}

/// Over a link of its own: everything there ends with the error that says so.
async fn hear(context: &Context, utterance: &Utterance, growth: &mut Growth) -> Result<(), Failure> {
    let line = Line::new(context).await?;
    let pair = line.pair(AckMode::Auto).await?;
    let mut events = pair.connection.events()?;
    let consumer = Arc::clone(&pair.consumer);
    let waiting = begun(context, async move { consumer.receive().await }).await?;
    // What is on its way arrives, so that what follows is said between two frames.
    context.quiet().await;
    line.say(utterance);
    let seen = all_events(context, &mut events, 1).await;
    expect_one_loss(&seen)?;
    expect_kind(
        context.in_time("the receive", waiting).await??,
        ErrorKind::ConnectionLost,
    )?;
    let sending = pair.producer.send(Message::text("late"));
    expect_kind(context.in_time("a send", sending).await?, ErrorKind::ConnectionLost)?;
    let opening = pair.connection.create_session(AckMode::Auto);
    expect_kind(
        context.in_time("a new session", opening).await?,
        ErrorKind::ConnectionLost,
    )?;
    growth.look();
    context.in_time("closing", pair.connection.close()).await??;
    Ok(())
}
