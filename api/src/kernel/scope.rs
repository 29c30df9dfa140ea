//! Knowing that a call comes from inside a listener.

use std::future::Future;

/// Which listener a task is running. Ids are unique within the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) kind: ScopeKind,
    pub(crate) connection: u64,
    pub(crate) session: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    MessageListener { consumer: u32 },
    CompletionListener { producer: u64 },
}

tokio::task_local! {
    static CURRENT: Scope;
}

pub(crate) async fn enter<F: Future>(scope: Scope, future: F) -> F::Output {
    CURRENT.scope(scope, future).await
}

fn current() -> Option<Scope> {
    CURRENT.try_with(|scope| *scope).ok()
}

/// Inside any listener of this connection.
pub(crate) fn inside_connection(connection: u64) -> bool {
    current().is_some_and(|scope| scope.connection == connection)
}

/// Inside any listener of this session.
pub(crate) fn inside_session(session: u64) -> bool {
    current().is_some_and(|scope| scope.session == session)
}

/// Inside the message listener of this consumer.
pub(crate) fn inside_consumer(session: u64, consumer: u32) -> bool {
    current().is_some_and(|scope| scope.session == session && scope.kind == ScopeKind::MessageListener { consumer })
}

/// Inside a completion listener of this session; tells the producer.
pub(crate) fn completing_producer(session: u64) -> Option<u64> {
    match current() {
        Some(Scope {
            kind: ScopeKind::CompletionListener { producer },
            session: current,
            ..
        }) if current == session => Some(producer),
        _ => None,
    }
}
