//! A link that is lost inside a listener's call.

use anymq_api::{AckMode, ErrorKind, Event};

use super::{Context, Passed, Verdict, expect_only, text_of};
use crate::case::{
    expect_list,
    later::expect_deliveries,
    line::{Line, all_events},
    listening::{Gate, Heard, listen},
    setup::{send_texts, sender},
};

/// What the listener is working on comes back; what it was done with does not.
pub(super) async fn inside_the_listener(context: &Context) -> Verdict {
    let line = Line::new(context).await?;
    let pair = line.pair(AckMode::Auto).await?;
    let mut events = pair.connection.events()?;
    let (gate, heard) = (Gate::default(), Heard::default());
    let (turnstile, notes) = (gate.turnstile(), heard.clone());
    let listener = listen(move |received| {
        let (turnstile, notes) = (turnstile.clone(), notes.clone());
        async move {
            notes.note(&received);
            if text_of(&received) == "working" {
                turnstile.pass().await;
            }
            Ok(())
        }
    });
    pair.consumer.set_listener(Some(listener)).await?;
    let producer = sender(context, &pair.destination).await?;
    send_texts(&producer, &["done", "working", "waiting"]).await?;
    gate.entered(context).await?;
    line.cut_when_quiet().await;

    let next = line.later(&pair.destination).await?;
    let back = expect_only(context, &next, &["working", "waiting"]).await?;
    expect_deliveries(context, &back[..1], &[2])?;
    // Whether the one that waited in the client counts as delivered is the broker's affair.
    gate.open();
    context.quiet().await;
    expect_list(&heard.texts(), &["done".to_owned(), "working".to_owned()])?;
    // The listener's success came too late, and that is no reason to deliver anything again.
    context.nothing(&next).await?;
    let seen = all_events(context, &mut events, 1).await;
    let losses = seen
        .iter()
        .filter(|event| matches!(event, Event::ConnectionLost { .. }));
    ensure_eq!(losses.count(), 1, "events that the connection is lost");
    for event in &seen {
        if let Event::AcknowledgeFailed { error } = event {
            ensure_eq!(error.kind(), ErrorKind::ConnectionLost, "why it is not acknowledged");
        }
    }
    Ok(Passed::AsStated)
}
