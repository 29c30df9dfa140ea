//! The task that reads.

use std::{sync::Arc, time::Duration};

use anymq_api::{Error, ErrorKind, Result};

use super::{End, Link, heart_beat::HeartBeat, opening::Inbound, socket};
use crate::{
    error::{self, lost},
    frame::{Command, Frame},
};

/// Reads until the link is over.
pub(super) async fn run(link: Arc<Link>, mut inbound: Inbound, heart_beat: HeartBeat) {
    let reason = tokio::select! {
        biased;
        reason = read_on(&link, &mut inbound, heart_beat.give_up_after) => reason,
        () = link.over() => return,
    };
    link.lose(reason);
}

/// Why it cannot be read on.
async fn read_on(link: &Link, inbound: &mut Inbound, give_up_after: Option<Duration>) -> End {
    loop {
        match inbound.frame() {
            Ok(Some(frame)) => {
                if let Err(end) = dispatch(link, frame) {
                    return end;
                }
                continue;
            }
            Ok(None) => {}
            Err(unreadable) => return unreadable.into(),
        }
        let read = match give_up_after {
            None => inbound.read().await,
            Some(limit) => match tokio::time::timeout(limit, inbound.read()).await {
                Ok(read) => read,
                Err(_) => return lost(format!("nothing was heard of the broker for {limit:?}")).into(),
            },
        };
        match read {
            Ok(true) => {}
            Ok(false) => return lost("the broker ended the connection").into(),
            Err(error) => return socket::lost(error).into(),
        }
    }
}

/// Gives a frame to whom it is for; an error ends the link.
fn dispatch(link: &Link, frame: Frame) -> Result<(), End> {
    match frame.command {
        Command::Message => {
            let recipient = subscription(&frame).and_then(|id| link.recipients.lock().get(&id).cloned());
            // A subscription that has just ended gets what was on its way: the broker has it back.
            if let Some(recipient) = recipient {
                recipient.message(frame);
            }
            Ok(())
        }
        Command::Receipt => {
            answered(link, &frame, Ok(()));
            Ok(())
        }
        Command::Error => refused(link, &frame),
        other => {
            let word = other.word();
            Err(lost(format!("the broker sent {word}, which is for clients to send")).into())
        }
    }
}

fn subscription(frame: &Frame) -> Option<u64> {
    frame.headers.get("subscription")?.parse().ok()
}

/// Whether somebody waited for it.
fn answered(link: &Link, frame: &Frame, outcome: Result<()>) -> bool {
    let number = frame.headers.get("receipt-id").and_then(|number| number.parse().ok());
    let Some(waiter) = number.and_then(|number| link.outbox.answered(number)) else {
        return false;
    };
    waiter(outcome);
    true
}

fn refused(link: &Link, frame: &Frame) -> Result<(), End> {
    let dialect = link.dialect();
    let known = dialect.refusal(frame);
    let is_known = known.is_some();
    let refusal = known.unwrap_or_else(|| error::error(ErrorKind::Other, error::words(frame)));
    if dialect.is_noise(frame) {
        return Ok(());
    }
    if let Some(id) = dialect.ends_subscription(frame) {
        if let Some(recipient) = link.take_recipient(id) {
            recipient.ended(&refusal);
        }
        return Ok(());
    }
    let is_end = dialect.errors_end_links();
    if !answered(link, frame, Err(refusal.clone())) {
        if !is_end {
            link.report(refusal);
            return Ok(());
        }
        // It does not say which one it refuses.
        if let Some(waiter) = link.outbox.only_unanswered() {
            waiter(Err(refusal.clone()));
        }
    }
    match (is_end, is_known) {
        (false, _) => Ok(()),
        (true, true) => Err(End::Refused(refusal)),
        // A broker that stops says so in the same way.
        (true, false) => Err(End::Lost(ended_by(&refusal))),
    }
}

/// The link ends with it.
pub(super) fn ended_by(refusal: &Error) -> Error {
    lost(format!("the broker ended the connection: {}", refusal.detail())).with_source(refusal.clone())
}
