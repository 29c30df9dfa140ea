//! A transaction at the broker, which may end only when all that is in it is known to be there.

use std::sync::Arc;

use anymq_api::{Error, Result};
use parking_lot::Mutex;

use crate::{
    frame::{Command, Frame},
    link::{Link, Waiter},
};

/// Called once when everything in the transaction is answered, with the first failure.
pub(super) type Ending = Box<dyn FnOnce(Option<Error>) + Send>;

pub(super) struct Transaction {
    id: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    unanswered: usize,
    failure: Option<Error>,
    ending: Option<Ending>,
}

impl Transaction {
    /// Begins one.
    pub(super) fn begin(link: &Link) -> Arc<Self> {
        let transaction = Arc::new(Self {
            id: format!("anymq-{}", link.new_id()),
            state: Mutex::default(),
        });
        transaction.submit(link, &transaction.frame(Command::Begin), |_| ());
        transaction
    }

    /// The name that stands in its frames.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// A frame that is about it as a whole.
    pub(super) fn frame(&self, command: Command) -> Frame {
        Frame::new(command).with_header("transaction", self.id.as_str())
    }

    /// Submits something that is part of it.
    pub(super) fn submit(
        self: &Arc<Self>,
        link: &Link,
        frame: &Frame,
        answered: impl FnOnce(&Result<()>) + Send + 'static,
    ) {
        self.state.lock().unanswered += 1;
        let this = Arc::clone(self);
        let waiter: Waiter = Box::new(move |outcome| {
            answered(&outcome);
            this.answered(outcome);
        });
        link.submit(frame, waiter);
    }

    fn answered(&self, outcome: Result<()>) {
        let mut state = self.state.lock();
        state.unanswered -= 1;
        if let Err(error) = outcome {
            state.failure.get_or_insert(error);
        }
        Self::finish(state);
    }

    /// When all of it is answered, `ending` is called; once it has been, nothing more may be submitted.
    pub(super) fn when_answered(&self, ending: Ending) {
        let mut state = self.state.lock();
        state.ending = Some(ending);
        Self::finish(state);
    }

    fn finish(mut state: parking_lot::MutexGuard<'_, State>) {
        if state.unanswered > 0 {
            return;
        }
        let Some(ending) = state.ending.take() else { return };
        let failure = state.failure.clone();
        // Without the lock: it may submit more.
        drop(state);
        ending(failure);
    }
}
