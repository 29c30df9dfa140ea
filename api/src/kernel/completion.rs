//! Asynchronous sends: one callback at a time for a session, in the order of the sends, never in the sender's task.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{
    detach::within,
    dispatch::catch_panic,
    producer::ProducerCore,
    scope::{self, Scope, ScopeKind},
    session::SessionCore,
};
use crate::{CompletionListener, Envelope, Error, Result, SendReceipt, spi::Done};

/// One asynchronous send.
pub(crate) struct Completion {
    pub(crate) envelope: Envelope,
    pub(crate) listener: Arc<dyn CompletionListener>,
    pub(crate) producer: Arc<ProducerCore>,
}

#[derive(Default)]
pub(crate) struct Completions {
    queue: Mutex<Queue>,
    drained: Notify,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<(Completion, Done<()>)>,
    /// A task is calling back.
    running: bool,
}

impl Completions {
    /// Waits until every callback so far has returned.
    pub(crate) async fn drained(&self) {
        loop {
            let drained = self.drained.notified();
            if !self.queue.lock().running {
                return;
            }
            drained.await;
        }
    }

    pub(crate) fn len(&self) -> usize {
        let queue = self.queue.lock();
        queue.waiting.len() + usize::from(queue.running)
    }

    /// The next send to wait for; `None` ends the calling task.
    fn next(&self) -> Option<(Completion, Done<()>)> {
        let mut queue = self.queue.lock();
        let next = queue.waiting.pop_front();
        if next.is_none() {
            queue.running = false;
            drop(queue);
            self.drained.notify_waiters();
        }
        next
    }
}

impl SessionCore {
    /// Submits, and sees to the callback.
    pub(crate) fn submit_async(self: &Arc<Self>, completion: Completion) {
        // Under this lock, so that callbacks come in the order of submission. Deliveries, which the driver may push
        // meanwhile, never touch it.
        let mut queue = self.completions.queue.lock();
        let done = self.driver.send(completion.envelope.clone());
        queue.waiting.push_back((completion, done));
        if !std::mem::replace(&mut queue.running, true) {
            drop(queue);
            tokio::spawn(complete_all(Arc::clone(self)));
        }
    }

    async fn complete(&self, completion: Completion, outcome: Result<()>) {
        let Completion {
            envelope,
            listener,
            producer,
        } = completion;
        let scope = Scope {
            kind: ScopeKind::CompletionListener { producer: producer.id },
            connection: self.connection.id,
            session: self.id,
        };
        let message = envelope.message().clone();
        let callback = async {
            match outcome {
                Ok(()) => listener.on_completion(message, SendReceipt::new(envelope)).await,
                Err(error) => {
                    let error = name(error, &envelope, self.connection.provider);
                    listener.on_error(message, error).await;
                }
            }
        };
        // A panicking callback was called, once; there is nobody to return its failure to.
        if let Err(error) = catch_panic(scope::enter(scope, callback)).await {
            tracing::error!(%error, "a completion listener panicked");
        }
        producer.completed();
    }
}

fn name(error: Error, envelope: &Envelope, provider: &'static str) -> Error {
    let error = error
        .with_operation("send")
        .with_provider(provider)
        .with_resource(&envelope.headers().destination);
    match &envelope.headers().message_id {
        Some(id) => error.with_message_id(id.clone()),
        None => error,
    }
}

async fn complete_all(session: Arc<SessionCore>) {
    while let Some((completion, done)) = session.completions.next() {
        let outcome = within(session.connection.request_timeout, done).await;
        session.complete(completion, outcome).await;
    }
}
