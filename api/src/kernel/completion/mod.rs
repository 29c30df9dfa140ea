//! Asynchronous sends: one callback at a time for a session, in the order of the sends, never in the sender's task.

mod pipeline;

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use self::pipeline::Pipeline;
use super::{
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
    submitted: Notify,
    drained: Notify,
}

#[derive(Default)]
struct Queue {
    submitted: Vec<(Completion, Done<()>)>,
    /// How many have not been called back; while there are any, a task sees to them.
    open: usize,
}

impl Completions {
    /// Waits until every callback so far has returned.
    pub(crate) async fn drained(&self) {
        loop {
            let drained = self.drained.notified();
            if self.len() == 0 {
                return;
            }
            drained.await;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.lock().open
    }

    fn move_to(&self, pipeline: &mut Pipeline) {
        let submitted = std::mem::take(&mut self.queue.lock().submitted);
        for (completion, done) in submitted {
            pipeline.push(completion, done);
        }
    }

    /// One was called back; says whether there are others.
    fn closed_one(&self) -> bool {
        let mut queue = self.queue.lock();
        queue.open -= 1;
        let is_left = queue.open > 0;
        drop(queue);
        if !is_left {
            self.drained.notify_waiters();
        }
        is_left
    }
}

impl SessionCore {
    /// Submits, and sees to the callback.
    pub(crate) fn submit_async(self: &Arc<Self>, completion: Completion) {
        // Under this lock, so that callbacks come in the order of submission. Deliveries, which the driver may push
        // meanwhile, never touch it.
        let mut queue = self.completions.queue.lock();
        let done = self.driver.send(completion.envelope.clone());
        queue.submitted.push((completion, done));
        queue.open += 1;
        let is_first = queue.open == 1;
        drop(queue);
        if is_first {
            tokio::spawn(complete_all(Arc::clone(self)));
        } else {
            self.completions.submitted.notify_one();
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
    let mut pipeline = Pipeline::new(session.connection.request_timeout);
    loop {
        session.completions.move_to(&mut pipeline);
        if let Some((completion, outcome)) = pipeline.pop() {
            session.complete(completion, outcome).await;
            if !session.completions.closed_one() {
                return;
            }
            continue;
        }
        tokio::select! {
            () = pipeline.progress() => {}
            () = session.completions.submitted.notified() => {}
        }
    }
}
