//! What a receive may give.

use super::{
    model::{Held, Model, Seat},
    op::Mode,
    store::Entry,
};

/// How many deliveries a dups-ok session accepts at once.
const LAZY: usize = 32;

/// What an application sees of a received message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) id: u32,
    pub(crate) redelivered: bool,
    pub(crate) count: u32,
    /// The attempts that a dead letter tells of.
    pub(crate) letter: Option<u32>,
}

impl Seen {
    pub(crate) fn next(entry: &Entry) -> Self {
        let count = entry.deliveries + entry.attempts + 1;
        Self {
            id: entry.id,
            redelivered: count > 1,
            count,
            letter: entry.letter,
        }
    }
}

impl Model {
    /// Compares what a consumer got with what it may get, and takes note of it.
    pub(crate) fn receive(&mut self, consumer: usize, seen: Option<Seen>) -> Result<(), String> {
        let entry = match (self.exact, seen) {
            (true, _) => {
                let expected = self.take_exact(consumer);
                check(expected.as_ref(), seen)?;
                expected
            }
            (false, _) => self.take_any(consumer, seen)?,
        };
        self.hand_over(consumer, entry);
        Ok(())
    }

    fn is_started(&self, consumer: usize) -> bool {
        let seat = self.seats[consumer].as_ref();
        seat.is_some_and(|seat| self.started[seat.session % self.started.len()])
    }

    fn take_exact(&mut self, consumer: usize) -> Option<Entry> {
        if !self.is_started(consumer) {
            return None;
        }
        let now = self.now;
        let seat = self.seats[consumer].as_mut()?;
        let lot = seat.prefetch.div_ceil(2);
        let limit = self.limits[seat.session % self.limits.len()];
        let (mut expired, mut over) = (false, Vec::new());
        let taken = loop {
            if seat.inbox.is_empty() {
                seat.inbox.append(&mut seat.landed);
            }
            match seat.inbox.pop_front() {
                Some(entry) if !entry.lives(now) => expired = true,
                Some(entry) if entry.is_over(limit) => over.push(entry),
                taken => break taken,
            }
        };
        let (id, store) = (seat.id, seat.store);
        if taken.is_some() || expired || !over.is_empty() {
            self.grant(consumer, lot);
        }
        for entry in over {
            let consumer = id;
            self.bury(&Held { consumer, store, entry });
        }
        taken
    }

    /// Several consumers: what another one was delivered ahead cannot be known, only how much it is at most.
    fn take_any(&mut self, consumer: usize, seen: Option<Seen>) -> Result<Option<Entry>, String> {
        if !self.is_started(consumer) {
            return check(None, seen).map(|()| None);
        }
        let now = self.now;
        if let Some(store) = self.seats[consumer].as_ref().map(|seat| seat.store) {
            self.purge(store);
        }
        let Some(seat) = &mut self.seats[consumer] else {
            return Ok(None);
        };
        while let Some(entry) = seat.inbox.pop_front() {
            if entry.lives(now) {
                return check(Some(&entry), seen).map(|()| Some(entry));
            }
            seat.doubt = true;
        }
        let (id, store, selector) = (seat.id, seat.store, seat.selector);
        if seen.is_none() && std::mem::take(&mut seat.doubt) {
            return Ok(None);
        }
        if let Some(seen) = seen {
            let fits = |entry: &Entry| entry.lives(now) && entry.suits(selector) && Seen::next(entry) == seen;
            let taken = self.stores[store].take(fits);
            let Some(entry) = taken else {
                let candidates = self.stores[store].in_order(selector, now);
                return Err(format!("got {seen:?}, which is none of {candidates:#?}"));
            };
            self.take_group(consumer, entry.group)?;
            return Ok(Some(entry));
        }
        let mut left = self.stores[store].in_order(selector, now);
        // Those may wait for another one, whose group it is.
        left.retain(|entry| entry.group.is_none());
        let others = self.open_seats().filter(|seat| seat.store == store && seat.id != id);
        let ahead: u32 = others.map(|seat| seat.prefetch).sum();
        if left.len() > usize::try_from(ahead).unwrap() {
            return Err(format!(
                "got nothing, with at most {ahead} ahead at others, of {left:#?}"
            ));
        }
        Ok(None)
    }

    /// A group belongs to one consumer as long as that is open.
    fn take_group(&mut self, consumer: usize, group: Option<usize>) -> Result<(), String> {
        let Some((seat, group)) = self.seats[consumer].as_ref().zip(group) else {
            return Ok(());
        };
        let (id, store) = (seat.id, seat.store);
        let is_another = |other: &Seat| other.store == store && other.id != id;
        let takes = |other: &Seat| is_another(other) && other.groups.contains(&group);
        let is_taken = self.open_seats().any(takes);
        if is_taken {
            return Err(format!("group {group} is another one's"));
        }
        if let Some(seat) = &mut self.seats[consumer] {
            seat.groups.push(group);
        }
        Ok(())
    }

    fn hand_over(&mut self, consumer: usize, entry: Option<Entry>) {
        let Some(seat) = &self.seats[consumer] else { return };
        let Some(session) = &mut self.sessions[seat.session] else {
            return;
        };
        let Some(mut entry) = entry else {
            session.lazy.clear();
            return;
        };
        entry.attempts += 1;
        let held = Held {
            consumer: seat.id,
            store: seat.store,
            entry,
        };
        match session.mode {
            Mode::Auto => {}
            Mode::DupsOk => {
                session.lazy.push(held);
                if session.lazy.len() >= LAZY {
                    session.lazy.clear();
                }
            }
            Mode::Client | Mode::Individual | Mode::Transacted => session.held.push(held),
        }
    }

    /// What was handed over comes again: first to its own consumer, or back to where it was.
    pub(crate) fn come_again(&mut self, held: Vec<Held>, limit: Option<u32>) {
        let mut orphans = Vec::new();
        for it in held.into_iter().rev() {
            let over = it.entry.is_over(limit);
            match self
                .seats
                .iter_mut()
                .flatten()
                .find(|seat| seat.id == it.consumer && !over)
            {
                Some(seat) => seat.inbox.push_front(it.entry),
                None => orphans.push(it),
            }
        }
        orphans.reverse();
        self.leave(&orphans, limit);
    }

    /// What has no consumer to come again to goes back, or is given up.
    pub(crate) fn leave(&mut self, orphans: &[Held], limit: Option<u32>) {
        for run in orphans.chunk_by(|a, b| a.consumer == b.consumer) {
            let kept: Vec<_> = run.iter().filter(|it| !it.entry.is_over(limit)).cloned().collect();
            self.release(&kept);
        }
        for it in orphans.iter().filter(|it| it.entry.is_over(limit)) {
            self.bury(it);
        }
    }

    /// What is held of consumers that are closed.
    pub(crate) fn take_orphans(&mut self, session: usize) -> Vec<Held> {
        let Some(state) = &mut self.sessions[session] else {
            return Vec::new();
        };
        let held = std::mem::take(&mut state.held);
        let is_open = |held: &Held| self.seats.iter().flatten().any(|seat| seat.id == held.consumer);
        let (kept, orphans) = held.into_iter().partition(is_open);
        state.held = kept;
        orphans
    }
}

fn check(expected: Option<&Entry>, seen: Option<Seen>) -> Result<(), String> {
    let wanted = expected.map(Seen::next);
    if wanted == seen {
        return Ok(());
    }
    Err(format!("expected {wanted:?}, got {seen:?}"))
}
