//! Persistent messages whose sends have just returned when something fails.

use anymq_api::AckMode;

use super::{Context, Failure, Passed, Verdict};
use crate::{
    case::{
        flow::{numbered, send_all},
        later::{expect_only, later},
        line::Line,
        setup::{send_texts, sender},
        stage::Stage,
    },
    checklist::Ability,
    restart::End,
};

pub(super) async fn by_the_provider(context: &Context) -> Verdict {
    let cuts = context.harness().abilities().contains(&Ability::KillLink);
    if cuts {
        over_lost_links(context).await?;
    }
    let mut stage = Stage::new(context).await?;
    let ended = over_ends(&mut stage).await;
    stage.end(ended).await?;
    Ok(Passed::With(if cuts {
        "lost links, a restart, a crash".into()
    } else {
        "a restart, a crash".into()
    }))
}

/// Each message is sent over a link of its own, which is cut as soon as the send returns.
async fn over_lost_links(context: &Context) -> Result<(), Failure> {
    let line = Line::new(context).await?;
    let pair = line.pair(AckMode::Auto).await?;
    // From now on the destination keeps what is sent.
    pair.connection.close().await?;
    let texts = numbered("", 5);
    for text in &texts {
        let producer = line.sender(&pair.destination).await?;
        send_texts(&producer, &[text]).await?;
        line.cut();
    }
    let next = line.later(&pair.destination).await?;
    expect_only(context, &next, &texts).await?;
    Ok(())
}

async fn over_ends(stage: &mut Stage) -> Verdict {
    let pair = stage.pair(AckMode::Auto).await?;
    pair.connection.close().await?;
    // The crash comes second: a destination is not a message, and a broker may write down late that there is one.
    for end in [End::InOrder, End::Crash] {
        let producer = sender(stage.context(), &pair.destination).await?;
        let texts = numbered("", 20);
        send_all(&producer, &texts).await?;
        stage.restart(end).await?;
        let connection = stage.connection().await?;
        let next = later(stage.context(), &connection, &pair.destination).await?;
        let outcome = expect_only(stage.context(), &next, &texts).await;
        outcome.map_err(|failure| failure.about(&format!("{end:?}")))?;
        connection.close().await?;
    }
    Ok(Passed::AsStated)
}
