//! A transaction at the broker, which may end only when all that is in it is known to be there, or is sent off.

use std::sync::Arc;

use anymq_api::{Error, Result};
use anymq_wire::Pass;
use parking_lot::Mutex;

use crate::{
    frame::{Command, Frame},
    link::{Link, Waiter},
};

/// Called once when everything in the transaction is answered, with the first failure.
pub(super) type Ending = Box<dyn FnOnce(Option<Error>) + Send>;

/// Where the broker answers no send before the commit, so many may be under way before it is asked for a sign of life.
const SILENT: usize = 256;

pub(super) struct Transaction {
    id: String,
    link: Arc<Link>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    unanswered: usize,
    failure: Option<Error>,
    ending: Option<Ending>,
    /// Of sends that are answered by the commit only.
    receipts: Vec<u64>,
    passes: Vec<Pass>,
}

impl Transaction {
    /// Begins one.
    pub(super) fn begin(link: &Arc<Link>) -> Arc<Self> {
        let transaction = Arc::new(Self {
            id: format!("anymq-{}", link.new_id()),
            link: Arc::clone(link),
            state: Mutex::default(),
        });
        transaction.submit(&transaction.frame(Command::Begin));
        transaction
    }

    /// Over which it goes.
    pub(super) fn link(&self) -> &Arc<Link> {
        &self.link
    }

    /// The name that stands in its frames.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    fn frame(&self, command: Command) -> Frame {
        Frame::new(command).with_header("transaction", self.id.as_str())
    }

    /// Submits something that is part of it, and is answered at once.
    pub(super) fn submit(self: &Arc<Self>, frame: &Frame) {
        self.submit_with(frame, None);
    }

    /// Submits a message that is part of it.
    pub(super) fn send(self: &Arc<Self>, frame: Frame, pass: Pass) {
        let frame = frame.with_header("transaction", self.id());
        if self.link.dialect().answers_within_transactions() {
            self.submit_with(&frame, Some(pass));
            return;
        }
        let receipt = self.submit_with(&frame, None);
        let mut state = self.state.lock();
        state.receipts.extend(receipt);
        state.passes.push(pass);
        if state.passes.len() >= SILENT {
            let passes = std::mem::take(&mut state.passes);
            drop(state);
            // What it has read, it has taken in.
            self.link.submit_flush(Box::new(move |_| drop(passes)));
        }
    }

    fn submit_with(self: &Arc<Self>, frame: &Frame, pass: Option<Pass>) -> Option<u64> {
        self.state.lock().unanswered += 1;
        let this = Arc::clone(self);
        let waiter: Waiter = Box::new(move |outcome| {
            drop(pass);
            this.answered(outcome);
        });
        self.link.submit(frame, waiter)
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

    /// Ends it; `ending` is called when the broker has answered all of it, with the first failure.
    pub(super) fn commit(self: &Arc<Self>, ending: Ending) {
        self.submit(&self.frame(Command::Commit));
        self.state.lock().passes.clear();
        self.when_answered(ending);
    }

    /// Undoes it.
    pub(super) fn abort(&self, waiter: Waiter) {
        self.link.submit(&self.frame(Command::Abort), waiter);
        let mut state = self.state.lock();
        let receipts = std::mem::take(&mut state.receipts);
        let passes = std::mem::take(&mut state.passes);
        state.ending = None;
        drop(state);
        drop(passes);
        // The broker forgets the messages, and with them that it was to answer.
        for receipt in receipts {
            self.link.withdraw(receipt);
        }
    }
}
