use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::{Arc, Weak},
    task::{Context, Poll, Waker},
};

use futures_core::Stream;
use parking_lot::Mutex;

use crate::{Error, Event};

/// An independent, bounded stream of a connection's events; it ends when the connection is closed.
///
/// A reader that lags loses the oldest events and gets [`Event::Lagged`] in their place. Dropping the stream is free.
/// JMS: replaces `ExceptionListener`.
pub struct Events(Arc<Queue>);

struct Queue {
    state: Mutex<State>,
    capacity: usize,
}

#[derive(Default)]
struct State {
    events: VecDeque<Event>,
    dropped: u64,
    closed: bool,
    waker: Option<Waker>,
}

impl Queue {
    fn push(&self, event: Event) {
        let mut state = self.state.lock();
        if state.events.len() == self.capacity {
            state.events.pop_front();
            state.dropped += 1;
        }
        state.events.push_back(event);
        let waker = state.waker.take();
        drop(state);
        wake(waker);
    }

    fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        let waker = state.waker.take();
        drop(state);
        wake(waker);
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl Events {
    /// The next event; `None` when the connection is closed and all its events were read.
    ///
    /// # Cancel safety
    /// Cancel safe: an event is taken in the poll that returns it.
    pub async fn next(&mut self) -> Option<Event> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    /// The next event if there is one now.
    pub fn try_next(&mut self) -> Option<Event> {
        take(&mut self.0.state.lock())
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        let mut state = self.0.state.lock();
        match take(&mut state) {
            Some(event) => Poll::Ready(Some(event)),
            None if state.closed => Poll::Ready(None),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

fn take(state: &mut State) -> Option<Event> {
    match std::mem::take(&mut state.dropped) {
        0 => state.events.pop_front(),
        dropped => Some(Event::Lagged { dropped }),
    }
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.poll(context)
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

/// Gives every event to every stream that is still held.
pub(crate) struct EventHub {
    queues: Mutex<Vec<Weak<Queue>>>,
    last_error: Mutex<Option<Error>>,
    capacity: usize,
}

impl EventHub {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            queues: Mutex::default(),
            last_error: Mutex::default(),
            capacity: capacity.max(1),
        }
    }

    pub(crate) fn subscribe(&self) -> Events {
        let queue = Arc::new(Queue {
            state: Mutex::default(),
            capacity: self.capacity,
        });
        let mut queues = self.queues.lock();
        queues.retain(|queue| queue.strong_count() > 0);
        queues.push(Arc::downgrade(&queue));
        Events(queue)
    }

    /// What the latest event was about that told of an error, heard or not.
    pub(crate) fn last_error(&self) -> Option<Error> {
        self.last_error.lock().clone()
    }

    pub(crate) fn publish(&self, event: &Event) {
        if let Some(error) = event.error() {
            *self.last_error.lock() = Some(error.clone());
        }
        for queue in self.live() {
            queue.push(event.clone());
        }
    }

    /// Ends every stream, with the event that says so.
    pub(crate) fn close(&self) {
        for queue in std::mem::take(&mut *self.queues.lock())
            .iter()
            .filter_map(Weak::upgrade)
        {
            queue.push(Event::Closed);
            queue.close();
        }
    }

    fn live(&self) -> Vec<Arc<Queue>> {
        self.queues.lock().iter().filter_map(Weak::upgrade).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_reader_is_told_how_much_it_lost() {
        let hub = EventHub::new(2);
        let mut slow = hub.subscribe();
        for _ in 0..5 {
            hub.publish(&Event::Unblocked);
        }
        hub.close();
        assert!(matches!(slow.next().await, Some(Event::Lagged { dropped: 4 })));
        assert!(matches!(slow.next().await, Some(Event::Unblocked)));
        assert!(matches!(slow.next().await, Some(Event::Closed)));
        assert!(slow.next().await.is_none());
    }

    #[test]
    fn a_dropped_reader_costs_nothing() {
        let hub = EventHub::new(2);
        for _ in 0..100 {
            drop(hub.subscribe());
        }
        assert!(hub.queues.lock().len() <= 1);
    }
}
