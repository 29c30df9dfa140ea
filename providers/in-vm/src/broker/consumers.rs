use std::{collections::VecDeque, sync::Arc};

use anymq_api::{
    Selector,
    spi::{DeliverySink, SubscriptionId},
};

use super::{accepted::Accepted, backlog::Backlog, consumer::Consumer, discarded::Discarded};

/// Names a consumer of one queue. The id tells whether the slot still holds the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConsumerKey {
    slot: usize,
    id: u64,
}

struct Slot {
    id: u64,
    /// Whether the slot stands in the turns.
    in_turn: bool,
    consumer: Option<Consumer>,
}

/// The consumers of a queue, and whose turn it is: those with credit get one message each, in turn.
#[derive(Default)]
pub(super) struct Consumers {
    slots: Vec<Slot>,
    free: Vec<usize>,
    /// Every slot with credit once, and perhaps some that have lost theirs.
    turns: VecDeque<usize>,
    next_id: u64,
    /// To those that are gone.
    delivered: u64,
}

impl Consumers {
    /// How often anything was delivered to any of them.
    pub(super) fn delivered(&self) -> u64 {
        let present = self.iter().map(|(_, consumer)| consumer.delivered());
        self.delivered + present.sum::<u64>()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.len() == self.free.len()
    }

    /// Whether any is left that messages may still be delivered to.
    pub(super) fn any_open(&self) -> bool {
        self.iter().any(|(_, consumer)| consumer.is_open())
    }

    pub(super) fn add(
        &mut self,
        subscription: SubscriptionId,
        sink: Arc<dyn DeliverySink>,
        selector: Option<Selector>,
    ) -> ConsumerKey {
        let id = self.next_id;
        self.next_id += 1;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                id,
                in_turn: false,
                consumer: None,
            });
            self.slots.len() - 1
        });
        if let Some(taken) = self.slots.get_mut(slot) {
            taken.id = id;
            taken.consumer = Some(Consumer::new(subscription, sink, selector));
        }
        ConsumerKey { slot, id }
    }

    /// What is shared with the subscription of a consumer.
    pub(super) fn accepted(&self, key: ConsumerKey) -> Option<Arc<Accepted>> {
        self.get(key).map(|consumer| Arc::clone(consumer.accepted()))
    }

    /// A consumer, and of what it holds only what is not accepted.
    pub(super) fn get_swept(&mut self, key: ConsumerKey, discarded: &mut Discarded) -> Option<&mut Consumer> {
        let consumer = self.get_mut(key)?;
        consumer.sweep(discarded);
        Some(consumer)
    }

    pub(super) fn get(&self, key: ConsumerKey) -> Option<&Consumer> {
        let slot = self.slots.get(key.slot).filter(|slot| slot.id == key.id)?;
        slot.consumer.as_ref()
    }

    pub(super) fn get_mut(&mut self, key: ConsumerKey) -> Option<&mut Consumer> {
        let slot = self.slots.get_mut(key.slot).filter(|slot| slot.id == key.id)?;
        slot.consumer.as_mut()
    }

    /// More credit; who had none goes behind the others.
    pub(super) fn grant(&mut self, key: ConsumerKey, credit: u32) {
        let Some(slot) = self.slots.get_mut(key.slot).filter(|slot| slot.id == key.id) else {
            return;
        };
        let Some(consumer) = &mut slot.consumer else { return };
        consumer.grant(credit);
        if consumer.credit() > 0 && !slot.in_turn {
            slot.in_turn = true;
            self.turns.push_back(key.slot);
        }
    }

    /// The consumer whose turn it is; the caller delivers one message to it.
    #[inline]
    pub(super) fn next(&mut self) -> Option<&mut Consumer> {
        if self.turns.is_empty() {
            return None;
        }
        self.take_turn()
    }

    fn take_turn(&mut self) -> Option<&mut Consumer> {
        loop {
            let index = *self.turns.front()?;
            let slot = self.slots.get_mut(index)?;
            let credit = slot.consumer.as_ref().map_or(0, Consumer::credit);
            if credit > 1 {
                if self.turns.len() > 1 {
                    self.turns.rotate_left(1);
                }
            } else {
                slot.in_turn = false;
                self.turns.pop_front();
            }
            if credit > 0 {
                return self.slots.get_mut(index)?.consumer.as_mut();
            }
        }
    }

    /// When only one has credit, it gets as much as it may have. Whether that was so.
    pub(super) fn serve_only(&mut self, waiting: &mut Backlog) -> bool {
        let (Some(&index), 1) = (self.turns.front(), self.turns.len()) else {
            return false;
        };
        let Some(slot) = self.slots.get_mut(index) else {
            return false;
        };
        let Some(consumer) = slot.consumer.as_mut().filter(|consumer| consumer.credit() > 0) else {
            return false;
        };
        consumer.deliver_all(waiting);
        if consumer.credit() == 0 {
            slot.in_turn = false;
            self.turns.clear();
        }
        true
    }

    /// The consumer whose turn it is among those that `admitted` holds for; the caller delivers one message to it.
    pub(super) fn next_where(
        &mut self,
        admitted: impl Fn(ConsumerKey, &Consumer) -> bool,
    ) -> Option<(ConsumerKey, &mut Consumer)> {
        let fits = |index: usize| {
            let slot = self.slots.get(index)?;
            let consumer = slot.consumer.as_ref().filter(|consumer| consumer.credit() > 0)?;
            let key = ConsumerKey {
                slot: index,
                id: slot.id,
            };
            admitted(key, consumer).then_some(key)
        };
        let (place, key) = (self.turns.iter().enumerate()).find_map(|(place, &index)| Some((place, fits(index)?)))?;
        self.turns.remove(place);
        let slot = self.slots.get_mut(key.slot)?;
        let consumer = slot.consumer.as_mut()?;
        slot.in_turn = consumer.credit() > 1;
        if slot.in_turn {
            self.turns.push_back(key.slot);
        }
        Some((key, consumer))
    }

    /// How many stand in the turns, and perhaps have no credit any more.
    pub(super) fn waiting(&self) -> usize {
        self.turns.len()
    }

    /// The one in front that has credit; it goes behind the others.
    pub(super) fn rotate(&mut self) -> Option<ConsumerKey> {
        loop {
            let index = self.turns.pop_front()?;
            let slot = self.slots.get_mut(index)?;
            slot.in_turn = slot.consumer.as_ref().is_some_and(|consumer| consumer.credit() > 0);
            if slot.in_turn {
                self.turns.push_back(index);
                return Some(ConsumerKey {
                    slot: index,
                    id: slot.id,
                });
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (ConsumerKey, &Consumer)> {
        let all = self.slots.iter().enumerate();
        all.filter_map(|(slot, it)| Some((ConsumerKey { slot, id: it.id }, it.consumer.as_ref()?)))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (ConsumerKey, &mut Consumer)> {
        let all = self.slots.iter_mut().enumerate();
        all.filter_map(|(slot, it)| Some((ConsumerKey { slot, id: it.id }, it.consumer.as_mut()?)))
    }

    /// Frees the slot of a consumer that is done.
    pub(super) fn remove_done(&mut self, key: ConsumerKey) -> bool {
        let done = self.get(key).is_some_and(Consumer::is_done);
        if done {
            self.free(key.slot);
        }
        done
    }

    /// All open ones are closed, and gone unless something is left to settle; gives their sinks.
    pub(super) fn close_all(&mut self, discarded: &mut Discarded) -> Vec<Arc<dyn DeliverySink>> {
        let mut sinks = Vec::new();
        for index in 0..self.slots.len() {
            let Some(consumer) = self.slots.get_mut(index).and_then(|slot| slot.consumer.as_mut()) else {
                continue;
            };
            consumer.sweep(discarded);
            sinks.extend(consumer.close());
            if consumer.is_done() {
                self.free(index);
            }
        }
        sinks
    }

    fn free(&mut self, index: usize) {
        if let Some(slot) = self.slots.get_mut(index) {
            if let Some(gone) = slot.consumer.take() {
                self.delivered += gone.delivered();
            }
            if std::mem::take(&mut slot.in_turn) {
                self.turns.retain(|&other| other != index);
            }
            self.free.push(index);
        }
    }
}
