//! Requests on their way: which identifier each has, and who waits for its end.
//!
//! rumqttc counts packet identifiers from 1 to its limit, over and over, in the order in which it takes requests, and all
//! of them come from here. So each identifier is known before it is given, and a request is only handed over when its
//! identifier is free and rumqttc has room for it.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};

use anymq_api::{Error, Result, Retry};

use crate::{
    error::lost,
    wire::{Answer, Kind, Request},
};

/// A filter that nobody subscribes to here: no name of a destination begins so. To unsubscribe from it changes nothing, and its
/// answer says that the broker has read all that was written before. MQTT's own PINGREQ is rumqttc's.
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

/// A request that was handed over and not written yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Foretold {
    kind: Kind,
    /// 0 for a publish of QoS 0.
    id: u16,
    /// Nobody asked for it.
    is_question: bool,
}

pub(crate) struct Ledger {
    /// To which rumqttc counts.
    identifiers: u16,
    /// How many publishes may be in flight: one less than rumqttc allows, so that its window is never full.
    limit: u16,
    /// The last identifier that was given.
    last: u16,
    publishes: u16,
    pending: HashMap<u16, Pending>,
    /// In the order in which they will be written.
    foretold: VecDeque<Foretold>,
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
            limit: identifiers.saturating_sub(1).max(1),
            last: 0,
            publishes: 0,
            pending: HashMap::new(),
            foretold: VecDeque::new(),
            at_most_once: VecDeque::new(),
            at_most_once_written: 0,
            confirming: VecDeque::new(),
            asked: 0,
            waiting: VecDeque::new(),
        }
    }

    /// Takes a request; what can be handed over is given to `hand_over`, which says whether somebody took it.
    pub(crate) fn submit(&mut self, request: Request, waiter: Waiter, hand_over: impl FnMut(Request) -> bool) {
        self.waiting.push_back((request, waiter));
        self.advance(hand_over);
    }

    /// Hands over what can be by now.
    pub(crate) fn advance(&mut self, mut hand_over: impl FnMut(Request) -> bool) {
        while self.waiting.front().is_some_and(|(request, _)| self.has_room(request)) {
            let Some((request, waiter)) = self.waiting.pop_front() else {
                return;
            };
            if request.has_identifier() {
                self.number(request, Some(waiter), &mut hand_over);
            } else {
                self.foretold.push_back(Foretold {
                    kind: request.kind(),
                    id: 0,
                    is_question: false,
                });
                self.at_most_once.push_back(waiter);
                hand_over(request);
            }
        }
        self.confirm(&mut hand_over);
    }

    /// Asks whether the broker has read what of QoS 0 was handed over: at once, and while answers are awaited when more has
    /// come together.
    fn confirm(&mut self, hand_over: &mut impl FnMut(Request) -> bool) {
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
    fn number(&mut self, request: Request, waiter: Option<Waiter>, hand_over: &mut impl FnMut(Request) -> bool) {
        let (kind, id) = (request.kind(), self.next());
        let is_question = waiter.is_none();
        self.foretold.push_back(Foretold { kind, id, is_question });
        self.last = if id == self.identifiers { 0 } else { id };
        self.publishes += u16::from(kind == Kind::Publish);
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
        hand_over(request);
    }

    fn next(&self) -> u16 {
        self.last + 1
    }

    fn has_room(&self, request: &Request) -> bool {
        if !request.has_identifier() {
            return true;
        }
        let is_free = !self.pending.contains_key(&self.next());
        is_free && (request.kind() != Kind::Publish || self.publishes < self.limit)
    }

    /// rumqttc has written a request. Whether somebody asked for it.
    ///
    /// # Errors
    /// It is not the one that was foretold, so nothing is known any more.
    pub(crate) fn written(&mut self, kind: Kind, id: u16) -> Result<bool> {
        let foretold = self.foretold.pop_front().filter(|it| it.kind == kind && it.id == id);
        let foretold = foretold.ok_or_else(|| lost(format!("the packet identifier {id} was not foretold")))?;
        match self.pending.get_mut(&id) {
            Some(pending) => pending.is_written = true,
            None => self.at_most_once_written += 1,
        }
        Ok(!foretold.is_question)
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
        if pending.kind == Kind::Publish {
            self.publishes -= 1;
        }
        if answer.leaks {
            self.limit -= 1;
            if self.limit == 0 {
                return Err(lost("no room is left for messages in flight"));
            }
        }
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
        self.foretold.iter().filter(|it| !it.is_question).count() + self.waiting.len()
    }

    /// There will be no answers. What was written may have arrived.
    pub(crate) fn fail(&mut self, error: &Error) -> Vec<Notice> {
        self.foretold.clear();
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
