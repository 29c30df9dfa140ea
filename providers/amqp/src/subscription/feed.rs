use std::{collections::VecDeque, sync::Arc};

use anymq_api::{
    Error,
    spi::{Delivery, DeliverySink, Unsettled},
};
use parking_lot::Mutex;
use tokio::sync::Notify;

/// What a subscription's handle and its forwarder have in common: the credit, and where deliveries go.
pub(crate) struct Feed {
    state: Mutex<State>,
    /// Tells the forwarder of credit that it waits for, or that it is to end.
    news: Notify,
}

struct State {
    /// Gone when nothing is to be pushed any more.
    sink: Option<Arc<dyn DeliverySink>>,
    credit: u32,
    /// The forwarder has something to do when credit comes.
    awaited: bool,
    abandoned: bool,
}

impl Feed {
    pub(crate) fn new(sink: Arc<dyn DeliverySink>) -> Self {
        Self {
            state: Mutex::new(State {
                sink: Some(sink),
                credit: 0,
                awaited: true,
                abandoned: false,
            }),
            news: Notify::new(),
        }
    }

    pub(crate) fn grant(&self, credit: u32) {
        let mut state = self.state.lock();
        state.credit = state.credit.saturating_add(credit);
        if state.awaited {
            drop(state);
            self.news.notify_one();
        }
    }

    /// No push begins after this, until credit is granted again.
    pub(crate) fn revoke(&self) {
        self.state.lock().credit = 0;
    }

    /// No push begins after this, and the forwarder ends.
    pub(crate) fn abandon(&self) {
        let mut state = self.state.lock();
        state.abandoned = true;
        let sink = state.sink.take();
        drop(state);
        self.news.notify_one();
        // Dropped without the lock: it belongs to somebody else.
        drop(sink);
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.state.lock().abandoned
    }

    /// The credit left; `awaited` says whether the forwarder is to be told of more.
    pub(crate) fn credit(&self, awaited: bool) -> u32 {
        let mut state = self.state.lock();
        state.awaited = awaited;
        if state.sink.is_some() { state.credit } else { 0 }
    }

    pub(crate) async fn news(&self) {
        self.news.notified().await;
    }

    /// Pushes as many as there is credit for.
    pub(crate) fn push(&self, deliveries: &mut VecDeque<Delivery>) {
        if deliveries.is_empty() {
            return;
        }
        let mut state = self.state.lock();
        while state.credit > 0
            && let Some(sink) = &state.sink
            && let Some(delivery) = deliveries.pop_front()
        {
            // Under the lock, so that nothing is pushed after the credit was taken back; a sink never calls back.
            sink.push(delivery);
            state.credit -= 1;
        }
    }

    /// The broker ended the subscription.
    pub(crate) fn end(&self, error: Error, unsettled: Unsettled) {
        let sink = self.state.lock().sink.take();
        if let Some(sink) = sink {
            sink.ended(error, unsettled);
        }
    }
}

#[cfg(test)]
mod tests {
    use anymq_api::{
        Address, Envelope, ErrorKind, Headers, Message,
        spi::{DeliveryToken, SubscriptionId},
    };

    use super::*;

    #[derive(Default)]
    struct Recorder(Mutex<Vec<String>>);

    impl DeliverySink for Recorder {
        fn push(&self, delivery: Delivery) {
            self.0.lock().push(delivery.token.tag.to_string());
        }

        fn ended(&self, _error: Error, _unsettled: Unsettled) {
            self.0.lock().push("ended".to_owned());
        }
    }

    fn deliveries(tags: std::ops::RangeInclusive<u64>) -> VecDeque<Delivery> {
        let address: Address = "queue:a".parse().unwrap();
        let envelope = Envelope::new(Headers::new(address), Message::empty());
        let delivery = |tag| Delivery {
            envelope: envelope.clone(),
            token: DeliveryToken {
                epoch: 0,
                subscription: SubscriptionId(1),
                tag,
            },
            redelivered: false,
            count: 1,
            local: false,
        };
        tags.map(delivery).collect()
    }

    #[test]
    fn it_pushes_no_more_than_the_credit() {
        let sink = Arc::new(Recorder::default());
        let feed = Feed::new(Arc::clone(&sink) as _);
        let mut waiting = deliveries(1..=5);
        feed.push(&mut waiting);
        feed.grant(2);
        feed.push(&mut waiting);
        assert_eq!(*sink.0.lock(), ["1", "2"]);
        feed.grant(2);
        feed.revoke();
        feed.push(&mut waiting);
        assert_eq!((waiting.len(), feed.credit(true)), (3, 0));
    }

    #[test]
    fn nothing_comes_after_the_end() {
        let sink = Arc::new(Recorder::default());
        let feed = Feed::new(Arc::clone(&sink) as _);
        feed.grant(9);
        let error = || Error::new(ErrorKind::InvalidDestination, "deleted");
        feed.end(error(), Unsettled::Kept);
        feed.end(error(), Unsettled::Kept);
        feed.push(&mut deliveries(1..=1));
        assert_eq!(*sink.0.lock(), ["ended"]);
        assert_eq!(feed.credit(true), 0);
    }

    #[test]
    fn abandoning_lets_go_of_the_sink() {
        let sink = Arc::new(Recorder::default());
        let feed = Feed::new(Arc::clone(&sink) as _);
        feed.grant(9);
        feed.abandon();
        feed.push(&mut deliveries(1..=1));
        assert!(sink.0.lock().is_empty() && feed.is_abandoned());
        assert_eq!(Arc::strong_count(&sink), 1);
    }
}
