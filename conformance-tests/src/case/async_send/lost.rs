//! Asynchronous sends over a link that is lost.

use anymq_api::{AckMode, ErrorKind, Message};

use super::{Context, Passed, Recorder, Verdict, numbers, submit, successes};
use crate::{
    case::{expect_kind, expect_list, line::Line},
    link::Direction,
};

/// Each send that was accepted is told of once, as the success that it was or as a failure.
pub(super) async fn one_error_each(context: &Context) -> Verdict {
    let (early, late) = (numbers(1..=5), numbers(6..=25));
    let line = Line::new(context).await?;
    let pair = line.pair(AckMode::Auto).await?;
    let recorder = Recorder::new();
    submit(&pair.producer, &early, &recorder).await?;
    expect_list(&successes(&recorder.wait(context, 5).await)?, &early)?;

    line.stall(Direction::ToBroker);
    submit(&pair.producer, &late, &recorder).await?;
    context.quiet().await;
    ensure_eq!(recorder.begun(), 5, "calls before the link was lost");
    line.cut();
    let calls = recorder.all(context, 25).await;
    ensure_eq!(calls.len(), 25, "calls");
    let failed = &calls[5..];
    let texts: Vec<_> = failed.iter().map(super::super::recorder::Completed::text).collect();
    expect_list(&texts, &late)?;
    for call in failed {
        let error = expect_kind(call.outcome.clone(), ErrorKind::ConnectionLost)?;
        ensure!(error.message_id().is_some(), "the error does not name the message");
    }
    // What is refused by the call itself is no callback's business.
    let refused = pair
        .producer
        .send_async(Message::text("refused"), None, recorder.clone());
    expect_kind(refused.await, ErrorKind::ConnectionLost)?;
    ensure_eq!(recorder.all(context, 25).await.len(), 25, "calls after a refused send");
    context.in_time("closing", pair.connection.close()).await??;
    Ok(Passed::AsStated)
}
