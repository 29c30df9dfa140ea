//! The one that polls.

use std::{
    ops::ControlFlow,
    sync::{Arc, Weak},
    time::Duration,
};

use anymq_api::Error;
use tokio::sync::watch;

use super::{Notice, Recipient, Shared};
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
        match event_loop.poll().await {
            Ok(Event::Disconnected) => {
                // The broker has read everything before it closes its side.
                while event_loop.poll().await.is_ok() {}
                return End::Ordered;
            }
            Ok(Event::Message(message)) => {
                is_prompt = tell(recipient, message) && (is_prompt || shared.has_acknowledged());
                event_loop.acknowledge_at_once(is_prompt);
            }
            Ok(event) => {
                if let ControlFlow::Break(end) = shared.take(event) {
                    return end;
                }
            }
            Err(failure) => return End::Failed(failure),
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
    /// Whether all acknowledgements that were handed over are written. What is acknowledged as it comes does not overtake one then.
    fn has_acknowledged(&self) -> bool {
        let state = self.state.lock();
        state.acknowledged == state.acknowledgements_written
    }

    fn take(&self, event: Event) -> ControlFlow<End> {
        let mut notices = Vec::new();
        let outcome = match event {
            Event::Answered(answer) => {
                let mut state = self.state.lock();
                let outcome = state.ledger.answered(answer).map(|told| notices = told);
                state.ledger.advance(|request, id| self.client.request(request, id));
                outcome
            }
            Event::Written(id) => {
                let mut state = self.state.lock();
                if state.ledger.written(id) {
                    state.request_written();
                }
                notices = state.flushed(false);
                Ok(())
            }
            Event::Acknowledged => {
                let mut state = self.state.lock();
                state.acknowledgements_written += 1;
                notices = state.flushed(false);
                Ok(())
            }
            // Not given to it.
            Event::Message(_) | Event::Disconnected => Ok(()),
        };
        notices.into_iter().for_each(Notice::give);
        match outcome {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(End::Failed(error.into())),
        }
    }
}
