//! Temporary queues. All their consumers are of one connection, so the queue is in this process, and the broker has a topic.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::Arc,
};

use anymq_api::{
    Address, Envelope,
    spi::{DeliverySink, Done, DriverSubscription, Outcome},
};
use parking_lot::Mutex;

use crate::{
    codec::decode,
    delivering::Delivering,
    outlet::MOST_WAITING,
    parcel::Parcel,
    wire::{Publish, QoS},
};

/// A queue with what nobody has been handed, and those who consume from it.
pub(crate) struct TemporaryQueue {
    address: Address,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    backlog: VecDeque<Letter>,
    members: Vec<Member>,
    /// Whose turn it is.
    turn: usize,
    /// Numbers the letters by their age.
    next: u64,
}

/// A message of the queue.
struct Letter {
    number: u64,
    message: Publish,
    envelope: Envelope,
    /// How often it was handed out.
    attempts: u32,
    /// The broker hears of it when it is first handed out.
    parcel: Option<Arc<Parcel>>,
}

struct Member {
    consumer: Arc<QueueConsumer>,
    /// Gone when nothing is to be pushed any more.
    sink: Option<Arc<dyn DeliverySink>>,
    credit: u32,
    unsettled: BTreeMap<u64, Letter>,
}

impl TemporaryQueue {
    pub(crate) fn new(address: Address) -> Arc<Self> {
        Arc::new(Self {
            address,
            state: Mutex::default(),
        })
    }

    /// A message came.
    pub(crate) fn put(&self, message: Publish, parcel: Option<Arc<Parcel>>) {
        let envelope = decode(&message, &self.address);
        let mut state = self.state.lock();
        if message.qos == QoS::AtMostOnce && state.backlog.len() >= MOST_WAITING {
            tracing::debug!(queue = %self.address, "a message of QoS 0 is dropped: too many wait for a consumer");
            return;
        }
        state.next += 1;
        let number = state.next;
        state.backlog.push_back(Letter {
            number,
            message,
            envelope,
            attempts: 0,
            parcel,
        });
        state.hand_out();
    }

    pub(crate) fn consume(self: &Arc<Self>, delivering: Delivering, sink: Arc<dyn DeliverySink>) -> Arc<QueueConsumer> {
        let consumer = Arc::new(QueueConsumer {
            queue: Arc::clone(self),
            delivering,
        });
        self.state.lock().members.push(Member {
            consumer: Arc::clone(&consumer),
            sink: Some(sink),
            credit: 0,
            unsettled: BTreeMap::new(),
        });
        consumer
    }

    /// As much waits as should.
    pub(crate) fn is_behind(&self) -> bool {
        self.state.lock().backlog.len() >= MOST_WAITING
    }

    /// It is deleted: what it holds is gone.
    pub(crate) fn clear(&self) {
        let backlog = std::mem::take(&mut self.state.lock().backlog);
        drop(backlog);
    }
}

impl State {
    /// Gives what there is to those who have credit, one after the other.
    fn hand_out(&mut self) {
        while let Some(letter) = self.backlog.pop_front() {
            let count = self.members.len();
            let order = (0..count).map(|step| (self.turn + step) % count);
            let ready = |&index: &usize| self.members[index].sink.is_some() && self.members[index].credit > 0;
            let Some(index) = order.into_iter().find(ready) else {
                self.backlog.push_front(letter);
                return;
            };
            self.turn = index + 1;
            self.members[index].push(letter);
        }
    }

    /// Puts letters back, each in its place.
    fn put_back(&mut self, letters: impl IntoIterator<Item = Letter>) {
        for letter in letters {
            let after = self.backlog.partition_point(|other| other.number < letter.number);
            self.backlog.insert(after, letter);
        }
    }

    fn member(&mut self, consumer: &QueueConsumer) -> Option<&mut Member> {
        self.members
            .iter_mut()
            .find(|member| std::ptr::eq(&raw const *member.consumer, consumer))
    }

    /// Those who are closed and hold nothing are forgotten.
    fn tidy(&mut self) {
        self.members
            .retain(|member| member.sink.is_some() || !member.unsettled.is_empty());
    }
}

impl Member {
    fn push(&mut self, mut letter: Letter) {
        let mut delivery = self
            .consumer
            .delivering
            .delivery(&letter.message, letter.envelope.clone());
        delivery.redelivered |= letter.attempts > 0;
        delivery.count = delivery.count.max(letter.attempts + 1);
        letter.parcel = None;
        let tag = delivery.token.tag;
        self.unsettled.insert(tag, letter);
        self.credit -= 1;
        // Under the lock, so that nothing is pushed after the credit was taken back; a sink never calls back.
        if let Some(sink) = &self.sink {
            sink.push(delivery);
        }
    }
}

/// A consumer of a temporary queue.
pub(crate) struct QueueConsumer {
    queue: Arc<TemporaryQueue>,
    delivering: Delivering,
}

impl QueueConsumer {
    pub(crate) fn settle(&self, tag: u64, outcome: Outcome) {
        let mut state = self.queue.state.lock();
        let letter = state.member(self).and_then(|member| member.unsettled.remove(&tag));
        if let (Some(mut letter), Outcome::Release { attempts }) = (letter, outcome) {
            letter.attempts += attempts;
            state.put_back([letter]);
            state.hand_out();
        }
        state.tidy();
    }

    /// Whether it is closed, and nothing is left of it.
    pub(crate) fn is_over(&self) -> bool {
        self.queue.state.lock().member(self).is_none()
    }

    /// Closes it; what it holds goes back.
    pub(crate) fn release(&self) {
        self.leave();
        let mut state = self.queue.state.lock();
        let Some(member) = state.member(self) else { return };
        let mut letters: Vec<_> = std::mem::take(&mut member.unsettled).into_values().collect();
        for letter in &mut letters {
            letter.attempts += 1;
        }
        state.put_back(letters);
        state.tidy();
        state.hand_out();
    }

    fn leave(&self) {
        let mut state = self.queue.state.lock();
        let sink = state.member(self).and_then(|member| member.sink.take());
        state.tidy();
        state.hand_out();
        drop(state);
        // It belongs to somebody else.
        drop(sink);
    }
}

impl DriverSubscription for QueueConsumer {
    fn grant_credit(&self, credit: u32) {
        let mut state = self.queue.state.lock();
        if let Some(member) = state.member(self) {
            member.credit = member.credit.saturating_add(credit);
        }
        state.hand_out();
    }

    fn stop_delivery(&self) -> Done<()> {
        if let Some(member) = self.queue.state.lock().member(self) {
            member.credit = 0;
        }
        Done::ok()
    }

    fn close(&self) -> Done<()> {
        self.leave();
        Done::ok()
    }

    fn abandon(&self) {
        self.leave();
    }
}

impl fmt::Debug for QueueConsumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueConsumer")
            .field("queue", &self.queue.address)
            .finish_non_exhaustive()
    }
}
