//! Requests on their way: which identifier each has, and who waits for its end.
//!
//! Identifiers are counted from 1 to the limit, over and over, and a request is only handed over when the next one is free.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};

use anymq_api::{Error, Result, Retry};

use crate::{
    error::lost,
    wire::{Answer, Kind, Request},
};

/// A filter that nobody subscribes to here: no name of a destination begins so. To unsubscribe from it changes nothing, and its
/// answer says that the broker has read all that was written before. PINGREQ would say it, too, but its answer does not say which was answered.
pub(crate) const NOTHING: &str = "$anymq/nothing";

/// So many publishes of QoS 0 are worth a question of their own: senders with many under way do not stand still.
const TOGETHER: usize = 64;
/// So many questions may be unanswered, beside which there is room for all else.
const QUESTIONS: usize = 8;

/// Who is told how a request ended.
pub(crate) type Waiter = Box<dyn FnOnce(Result<()>) + Send>;

/// Somebody who is to be told something, when no lock is held.
pub(crate) struct Notice {
    waiter: Waiter,
    outcome: Result<()>,
}

impl Notice {
    pub(crate) fn new(waiter: Waiter, outcome: Result<()>) -> Self {
        Self { waiter, outcome }
    }

    pub(crate) fn give(self) {
        (self.waiter)(self.outcome);
    }
}

struct Pending {
    kind: Kind,
    is_written: bool,
    /// Nobody where the answer is for the publishes of QoS 0 before it.
    waiter: Option<Waiter>,
}

pub(crate) struct Ledger {
    /// How many there are, and so how many publishes may be in flight.
    identifiers: u16,
    /// The last identifier that was given.
    last: u16,
    pending: HashMap<u16, Pending>,
    /// What was handed over and not written yet, in order: whether somebody asked for it.
    handed_over: VecDeque<bool>,
    /// Of the publishes of QoS 0, in order, until it is known that the broker has read them.
    at_most_once: VecDeque<Waiter>,
    /// How many of those are written.
    at_most_once_written: usize,
    /// How many of those each answer that is awaited will confirm, in order.
    confirming: VecDeque<usize>,
    /// The sum of these.
    asked: usize,
    /// What cannot be handed over yet.
    waiting: VecDeque<(Request, Waiter)>,
}

impl Ledger {
    pub(crate) fn new(identifiers: u16) -> Self {
        Self {
            identifiers: identifiers.max(1),
            last: 0,
            pending: HashMap::new(),
            handed_over: VecDeque::new(),
            at_most_once: VecDeque::new(),
            at_most_once_written: 0,
            confirming: VecDeque::new(),
            asked: 0,
            waiting: VecDeque::new(),
        }
    }

    /// Takes a request; what can be handed over is given to `hand_over`, which says whether somebody took it.
    pub(crate) fn submit(&mut self, request: Request, waiter: Waiter, hand_over: impl FnMut(Request, u16) -> bool) {
        self.waiting.push_back((request, waiter));
        self.advance(hand_over);
    }

    /// Hands over what can be by now.
    pub(crate) fn advance(&mut self, mut hand_over: impl FnMut(Request, u16) -> bool) {
        while self.waiting.front().is_some_and(|(request, _)| self.has_room(request)) {
            let Some((request, waiter)) = self.waiting.pop_front() else {
                return;
            };
            if request.has_identifier() {
                self.number(request, Some(waiter), &mut hand_over);
            } else {
                self.handed_over.push_back(true);
                self.at_most_once.push_back(waiter);
                hand_over(request, 0);
            }
        }
        self.confirm(&mut hand_over);
    }

    /// Asks whether the broker has read what of QoS 0 was handed over: at once, and while answers are awaited when more has
    /// come together.
    fn confirm(&mut self, hand_over: &mut impl FnMut(Request, u16) -> bool) {
        let unasked = self.at_most_once.len() - self.asked;
        let awaited = self.confirming.len();
        if unasked == 0 || awaited > 0 && (unasked < TOGETHER || awaited >= QUESTIONS) {
            return;
        }
        let request = Request::Unsubscribe {
            filter: NOTHING.to_owned(),
        };
        if self.has_room(&request) {
            self.confirming.push_back(unasked);
            self.asked += unasked;
            self.number(request, None, hand_over);
        }
    }

    /// Hands over what gets the next identifier.
    fn number(&mut self, request: Request, waiter: Option<Waiter>, hand_over: &mut impl FnMut(Request, u16) -> bool) {
        let (kind, id) = (request.kind(), self.next());
        self.handed_over.push_back(waiter.is_some());
        self.last = if id == self.identifiers { 0 } else { id };
        let is_written = false;
        self.pending.insert(
            id,
            Pending {
                kind,
                is_written,
                waiter,
            },
        );
        // Where nobody takes it any more, the link is at its end, and all is told together.
        hand_over(request, id);
    }

    fn next(&self) -> u16 {
        self.last + 1
    }

    fn has_room(&self, request: &Request) -> bool {
        !request.has_identifier() || !self.pending.contains_key(&self.next())
    }

    /// The next request in order was written, with this identifier. Whether somebody asked for it.
    pub(crate) fn written(&mut self, id: u16) -> bool {
        match self.pending.get_mut(&id) {
            Some(pending) => pending.is_written = true,
            None => self.at_most_once_written += 1,
        }
        self.handed_over.pop_front().unwrap_or(false)
    }

    /// The broker has answered.
    ///
    /// # Errors
    /// Nothing of the kind was asked under this identifier.
    pub(crate) fn answered(&mut self, answer: Answer) -> Result<Vec<Notice>> {
        let is_known = |pending: &Pending| pending.kind == answer.kind && pending.is_written;
        let is_asked = self.pending.get(&answer.id).is_some_and(is_known);
        // Otherwise who waits under this identifier is told of the end of the link.
        let pending = if is_asked {
            self.pending.remove(&answer.id)
        } else {
            None
        };
        let pending = pending.ok_or_else(|| lost(format!("the broker answers what nobody asked: {}", answer.id)))?;
        Ok(match pending.waiter {
            Some(waiter) => vec![Notice::new(waiter, answer.outcome)],
            None => self.confirmed(),
        })
    }

    /// The broker has read what was asked about.
    fn confirmed(&mut self) -> Vec<Notice> {
        let count = self.confirming.pop_front().unwrap_or(0);
        self.asked -= count;
        self.at_most_once_written -= count;
        let read = self.at_most_once.drain(..count);
        read.map(|waiter| Notice::new(waiter, Ok(()))).collect()
    }

    /// How many requests are not written yet.
    pub(crate) fn unwritten(&self) -> usize {
        self.handed_over.iter().filter(|&&is_asked_for| is_asked_for).count() + self.waiting.len()
    }

    /// There will be no answers. What was written may have arrived.
    pub(crate) fn fail(&mut self, error: &Error) -> Vec<Notice> {
        self.handed_over.clear();
        let outcome = |may_have_arrived: bool| {
            let retry = if may_have_arrived {
                Retry::MayDuplicate
            } else {
                Retry::Safe
            };
            Err(error.clone().with_retry(retry))
        };
        let mut pending: Vec<_> = self.pending.drain().collect();
        pending.sort_unstable_by_key(|(id, _)| *id);
        let mut notices = Vec::new();
        for (_, pending) in pending {
            if let Some(waiter) = pending.waiter {
                let may_have_arrived = pending.is_written && pending.kind == Kind::Publish;
                notices.push(Notice::new(waiter, outcome(may_have_arrived)));
            }
        }
        for (index, waiter) in self.at_most_once.drain(..).enumerate() {
            notices.push(Notice::new(waiter, outcome(index < self.at_most_once_written)));
        }
        let waiting = self.waiting.drain(..);
        notices.extend(waiting.map(|(_, waiter)| Notice::new(waiter, outcome(false))));
        notices
    }
}
