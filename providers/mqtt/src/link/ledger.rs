//! Requests on their way: which identifier each has, and who waits for its end.
//!
//! rumqttc counts packet identifiers from 1 to its limit, over and over, in the order in which it takes requests, and all
//! of them come from here. So each identifier is known before it is given, and a request is only handed over when its
//! identifier is free and rumqttc has room for it.

use std::collections::{HashMap, VecDeque};

use anymq_api::{Error, Result, Retry};

use crate::{
    error::lost,
    wire::{Answer, Kind, Request},
};

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
    waiter: Waiter,
}

/// A request that was handed over and not written yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Foretold {
    kind: Kind,
    /// 0 for a publish of `QoS` 0.
    id: u16,
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
    /// Of the publishes of `QoS` 0 among them.
    at_most_once: VecDeque<Waiter>,
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
            let kind = request.kind();
            let id = if request.has_identifier() { self.next() } else { 0 };
            // Where nobody takes it any more, the link is at its end, and all is told together.
            hand_over(request);
            self.foretold.push_back(Foretold { kind, id });
            if id == 0 {
                self.at_most_once.push_back(waiter);
                continue;
            }
            self.last = if id == self.identifiers { 0 } else { id };
            self.publishes += u16::from(kind == Kind::Publish);
            let is_written = false;
            let pending = Pending {
                kind,
                is_written,
                waiter,
            };
            self.pending.insert(id, pending);
        }
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

    /// rumqttc has written a request.
    ///
    /// # Errors
    /// It is not the one that was foretold, so nothing is known any more.
    pub(crate) fn written(&mut self, kind: Kind, id: u16) -> Result<Option<Notice>> {
        if self.foretold.pop_front() != Some(Foretold { kind, id }) {
            return Err(lost(format!("the packet identifier {id} was not foretold")));
        }
        if id == 0 {
            let waiter = self.at_most_once.pop_front();
            return Ok(waiter.map(|waiter| Notice {
                waiter,
                outcome: Ok(()),
            }));
        }
        if let Some(pending) = self.pending.get_mut(&id) {
            pending.is_written = true;
        }
        Ok(None)
    }

    /// The broker has answered.
    ///
    /// # Errors
    /// Nothing of the kind was asked under this identifier.
    pub(crate) fn answered(&mut self, answer: Answer) -> Result<Notice> {
        let is_known = |pending: &Pending| pending.kind == answer.kind && pending.is_written;
        let known = self.pending.get(&answer.id).is_some_and(is_known);
        let pending = self.pending.remove(&answer.id).filter(|_| known);
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
        Ok(Notice {
            waiter: pending.waiter,
            outcome: answer.outcome,
        })
    }

    /// How many requests are not written yet.
    pub(crate) fn unwritten(&self) -> usize {
        self.foretold.len() + self.waiting.len()
    }

    /// There will be no answers. What was written may have arrived.
    pub(crate) fn fail(&mut self, error: &Error) -> Vec<Notice> {
        self.foretold.clear();
        let safe = error.clone().with_retry(Retry::Safe);
        let mut pending: Vec<_> = self.pending.drain().collect();
        pending.sort_unstable_by_key(|(id, _)| *id);
        let answers = pending.into_iter().map(|(_, pending)| {
            let outcome = if pending.is_written && pending.kind == Kind::Publish {
                error.clone().with_retry(Retry::MayDuplicate)
            } else {
                safe.clone()
            };
            (pending.waiter, outcome)
        });
        let unwritten = self
            .at_most_once
            .drain(..)
            .chain(self.waiting.drain(..).map(|(_, waiter)| waiter));
        let unwritten = unwritten.map(|waiter| (waiter, safe.clone()));
        let all = answers.chain(unwritten);
        all.map(|(waiter, error)| Notice {
            waiter,
            outcome: Err(error),
        })
        .collect()
    }
}
