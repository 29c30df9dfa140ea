//! The one that polls.

use std::{
    ops::ControlFlow,
    sync::{Arc, Weak},
    time::Duration,
};

use anymq_api::Error;
use tokio::sync::watch;

use super::{Notice, Recipient, Shared, silence::silence};
use crate::wire::{Event, Failure, Loop, Publish};

/// How long DISCONNECT may take, until the broker has closed its side.
const LINGER: Duration = Duration::from_secs(5);

/// Runs until the link is at its end, one way or another.
pub(super) async fn run(
    mut event_loop: Loop,
    shared: Arc<Shared>,
    recipient: Weak<dyn Recipient>,
    over: watch::Sender<bool>,
) {
    // What is cancelled here is never polled again.
    let end = tokio::select! {
        end = poll(&mut event_loop, &shared, &recipient) => end,
        () = tarried(&shared) => End::Ordered,
        failure = silence(&shared) => End::Failed(failure),
    };
    // The socket first: who hears of the end may connect again.
    drop(event_loop);
    match end {
        End::Ordered => {
            shared.finish(&Error::closed("connection"));
        }
        End::Failed(failure) => {
            if shared.finish(&failure.error)
                && let Some(recipient) = recipient.upgrade()
            {
                recipient.lost(&failure);
            }
        }
    }
    // Nobody need be waiting.
    let _ = over.send(true);
}

async fn poll(event_loop: &mut Loop, shared: &Shared, recipient: &Weak<dyn Recipient>) -> End {
    let mut is_prompt = recipient.upgrade().is_some_and(|recipient| recipient.keeps_up());
    event_loop.acknowledge_at_once(is_prompt);
    loop {
        let happened = event_loop.poll().await;
        if let Ok(event) = &happened {
            shared.life.note(event);
        }
        match happened {
            Ok(Event::Disconnected) => {
                // The broker has read everything before it closes its side. To poll on after that would connect again.
                while event_loop.poll().await.is_ok() {}
                return End::Ordered;
            }
            Ok(Event::Message(message)) => {
                is_prompt = tell(recipient, message) && (is_prompt || shared.has_acknowledged());
                event_loop.acknowledge_at_once(is_prompt);
            }
            Ok(event) => {
                if let ControlFlow::Break(end) = shared.take(event, recipient) {
                    return end;
                }
            }
            // What was read before it is not lost with the link: a broker may acknowledge and hang up in one breath.
            Err(failure) => {
                let leftovers = event_loop.leftovers().into_iter();
                let mut ends = leftovers.filter_map(|event| shared.take(event, recipient).break_value());
                return ends.next().unwrap_or(End::Failed(failure));
            }
        }
    }
}

/// Gives it a message. Whether those that come next may be acknowledged at once.
fn tell(recipient: &Weak<dyn Recipient>, message: Publish) -> bool {
    recipient.upgrade().is_some_and(|recipient| {
        recipient.message(message);
        recipient.keeps_up()
    })
}

/// A link that is being closed for too long.
async fn tarried(shared: &Shared) {
    shared.closing.notified().await;
    tokio::time::sleep(LINGER).await;
}

/// How it ends.
enum End {
    /// DISCONNECT was written.
    Ordered,
    Failed(Failure),
}

impl Shared {
    /// Whether all acknowledgements that were handed over are written. What rumqttc acknowledges then does not overtake one.
    fn has_acknowledged(&self) -> bool {
        let state = self.state.lock();
        state.acknowledged == state.acknowledgements_written
    }

    fn take(&self, event: Event, recipient: &Weak<dyn Recipient>) -> ControlFlow<End> {
        let mut notices = Vec::new();
        let outcome = match event {
            Event::Message(message) => {
                tell(recipient, message);
                Ok(())
            }
            Event::Answered(answer) => {
                let mut state = self.state.lock();
                let outcome = state.ledger.answered(answer).map(|told| notices = told);
                state.ledger.advance(|request| self.client.request(request));
                outcome
            }
            Event::Written(kind, id) => {
                let mut state = self.state.lock();
                let outcome = state.ledger.written(kind, id).map(|is_asked_for| {
                    if is_asked_for {
                        state.request_written();
                    }
                });
                notices = state.flushed(false);
                outcome
            }
            Event::Acknowledged => {
                let mut state = self.state.lock();
                state.acknowledgements_written += 1;
                notices = state.flushed(false);
                Ok(())
            }
            Event::Disconnected | Event::Heard | Event::Said => Ok(()),
        };
        notices.into_iter().for_each(Notice::give);
        match outcome {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(End::Failed(error.into())),
        }
    }
}
