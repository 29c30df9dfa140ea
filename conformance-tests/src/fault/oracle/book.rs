//! What is known of one stream.

use std::collections::{HashMap, VecDeque};

use super::entry::{Entry, Handed, Payload, Settled};

/// What a stream is held to.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Its name in breaches.
    pub name: String,
    /// How many of a consumer's last messages may be unknown to the broker when the link is lost, although their consumer
    /// has settled them.
    pub window: u32,
    /// Whether the order of a sender is kept.
    pub ordered: bool,
    /// Whether that is so after an outage, too.
    pub keeps_order: bool,
    /// Whether what comes again is flagged.
    pub flagged: bool,
}

/// One hand-over.
#[derive(Clone, Copy, Debug)]
pub struct Received {
    /// What the message says.
    pub payload: Payload,
    /// Whether it may have been delivered before.
    pub redelivered: bool,
    /// Who got it.
    pub consumer: u16,
    /// Whether this says that the consumer is done with it.
    pub settled: Settled,
}

/// When a hand-over happens, in terms of outages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) epoch: u64,
    pub(super) outages: u32,
    /// No link has come or gone for a while.
    pub(super) calm: bool,
}

#[derive(Debug)]
pub(super) struct Book {
    rules: Rules,
    entries: HashMap<Payload, Entry>,
    /// The latest of each sender that came in order.
    order: HashMap<u16, u32>,
    /// How many each consumer was handed, by epoch; the latest epochs only.
    handed: HashMap<u16, VecDeque<(u64, u32)>>,
    /// What is below has been forgotten, by sender.
    floors: HashMap<u16, u32>,
    missing: usize,
    receipts: u64,
    repetitions: u64,
    sent: u64,
}

/// More outages than a message ever survives unsettled.
const EPOCHS: usize = 256;

type Judgement = Result<(), String>;

impl Book {
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            rules,
            entries: HashMap::new(),
            order: HashMap::new(),
            handed: HashMap::new(),
            floors: HashMap::new(),
            missing: 0,
            receipts: 0,
            repetitions: 0,
            sent: 0,
        }
    }

    pub(super) fn attempt(&mut self, payload: Payload) {
        let entry = self.entries.entry(payload).or_default();
        entry.copies += 1;
        entry.attempts += 1;
    }

    pub(super) fn refuted(&mut self, payload: Payload) {
        if let Some(entry) = self.entries.get_mut(&payload) {
            entry.copies = entry.copies.saturating_sub(1);
        }
    }

    pub(super) fn confirmed(&mut self, payload: Payload) {
        if let Some(entry) = self.entries.get_mut(&payload) {
            let was = entry.is_missing();
            self.sent += u64::from(!entry.confirmed);
            entry.confirmed = true;
            self.missing += usize::from(entry.is_missing() && !was);
        }
    }

    pub(super) fn received(&mut self, received: &Received, times: Times) -> Judgement {
        let name = self.rules.name.clone();
        let Received {
            payload,
            redelivered,
            consumer,
            settled,
        } = *received;
        let Times { epoch, calm, .. } = times;
        let index = self.hand(consumer, epoch);
        self.receipts += 1;
        let floor = self.floors.get(&payload.producer).copied().unwrap_or(0);
        let Some(known) = self.entries.get(&payload).copied() else {
            return Err(if payload.number < floor {
                format!("{name}: {payload} came again, long after")
            } else {
                format!("{name}: {payload} came, and was never sent")
            });
        };
        let mut judgement = self.judge(&known, redelivered, times);
        let ordered = self.rules.ordered && (self.rules.keeps_order || times.outages == 0);
        if judgement.is_ok() && ordered && !redelivered && known.attempts == 1 && known.received == 0 {
            judgement = self.in_order(payload);
        }
        self.missing -= usize::from(known.is_missing());
        self.repetitions += u64::from(known.received > 0);
        let entry = self.entries.entry(payload).or_default();
        entry.is_done |= entry.settled == Settled::Known;
        entry.received += 1;
        entry.unflagged += u32::from(!redelivered);
        entry.settled = settled;
        entry.handed = Some(Handed {
            consumer,
            epoch,
            index,
            calm,
        });
        judgement.map_err(|breach| format!("{name}: {payload} {breach}"))
    }

    fn hand(&mut self, consumer: u16, epoch: u64) -> u32 {
        let counts = self.handed.entry(consumer).or_default();
        match counts.back_mut() {
            Some((latest, count)) if *latest == epoch => *count += 1,
            _ => {
                counts.push_back((epoch, 1));
                if counts.len() > EPOCHS {
                    counts.pop_front();
                }
            }
        }
        counts.back().map_or(0, |(_, count)| *count)
    }

    fn judge(&self, known: &Entry, redelivered: bool, times: Times) -> Judgement {
        if redelivered && times.outages == 0 && known.received == 0 {
            return Err("is flagged, and nothing had happened".to_owned());
        }
        if self.rules.flagged && !redelivered && known.unflagged >= known.copies.max(1) {
            let before = known.handed.map_or(times.epoch, |handed| handed.epoch);
            return Err(format!(
                "came again without a flag; it was sent {} times, of which {} may have arrived; it came in epoch {before} \
                 and now in {}",
                known.attempts, known.copies, times.epoch
            ));
        }
        // Which copy it is cannot be told.
        if known.received == 0 || known.copies > 1 {
            return Ok(());
        }
        let Some(handed) = known.handed else {
            return Ok(());
        };
        // Its first delivery, over a link that was lost since: who got it did not know that yet, and others were quicker.
        if !redelivered && known.unflagged == 0 && times.outages > 0 && !times.calm {
            return Ok(());
        }
        let undone = known.settled == Settled::Undone && times.outages > 0;
        if handed.epoch == times.epoch && handed.calm && !undone {
            return Err("came again without an outage in between".to_owned());
        }
        let later = self.handed_after(handed);
        match known.settled {
            Settled::No | Settled::Undone => Ok(()),
            Settled::Submitted if later <= self.rules.window => Ok(()),
            Settled::Submitted => Err(format!(
                "came again; {later} others had been handed over after it before the outage, and at most {} may be \
                 unsettled",
                self.rules.window
            )),
            Settled::Known => Err("came again, though the broker had confirmed that it is settled".to_owned()),
        }
    }

    /// How many the same consumer was handed after it in the same epoch.
    fn handed_after(&self, handed: Handed) -> u32 {
        let counts = self.handed.get(&handed.consumer);
        let found = counts.and_then(|counts| counts.iter().find(|(epoch, _)| *epoch == handed.epoch));
        found.map_or(0, |(_, count)| count.saturating_sub(handed.index))
    }

    fn in_order(&mut self, payload: Payload) -> Judgement {
        let latest = self.order.entry(payload.producer).or_insert(payload.number);
        if payload.number < *latest {
            return Err(format!("came after {latest} of the same sender"));
        }
        *latest = payload.number;
        Ok(())
    }

    pub(super) fn settled(&mut self, payload: Payload, settled: Settled, epoch: u64) -> Judgement {
        let Some(entry) = self.entries.get_mut(&payload) else {
            return Ok(());
        };
        // Of an acknowledgement without an answer only this is known: what came by an older link is not settled.
        let current = entry.handed.is_some_and(|handed| handed.epoch == epoch);
        if settled != Settled::Submitted || current {
            entry.settled = settled;
        }
        if settled == Settled::Known && entry.is_done && entry.copies <= 1 {
            let name = &self.rules.name;
            return Err(format!(
                "{name}: {payload} was settled twice, by the word of the broker"
            ));
        }
        Ok(())
    }

    pub(super) fn missing(&self) -> usize {
        self.missing
    }

    pub(super) fn receipts(&self) -> u64 {
        self.receipts
    }

    pub(super) fn repetitions(&self) -> u64 {
        self.repetitions
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    pub(super) fn has_received(&self, payload: Payload) -> bool {
        let floor = self.floors.get(&payload.producer).copied().unwrap_or(0);
        match self.entries.get(&payload) {
            Some(entry) => entry.received > 0,
            // Only what has come is forgotten.
            None => payload.number < floor,
        }
    }

    pub(super) fn confirmed_ones(&self) -> Vec<Payload> {
        let confirmed = self.entries.iter().filter(|(_, entry)| entry.confirmed);
        let mut payloads: Vec<_> = confirmed.map(|(payload, _)| *payload).collect();
        payloads.sort_unstable();
        payloads
    }

    pub(super) fn lost(&self) -> Option<String> {
        let missing = self.entries.iter().filter(|(_, entry)| entry.is_missing());
        let mut lost: Vec<_> = missing.map(|(payload, _)| *payload).collect();
        lost.sort_unstable();
        let first: Vec<_> = lost.iter().take(5).map(ToString::to_string).collect();
        let (name, count) = (&self.rules.name, lost.len());
        (count > 0).then(|| format!("{name}: {count} confirmed messages lost, {} first", first.join(", ")))
    }

    /// Keeps about so many of each sender, and whatever is unfinished.
    pub(super) fn prune(&mut self, keep: u32) {
        let mut newest = HashMap::new();
        // By what has come: what waits at the broker may be any number behind what was sent.
        let come = self.entries.iter().filter(|(_, entry)| entry.received > 0);
        for (payload, _) in come {
            let number = newest.entry(payload.producer).or_insert(payload.number);
            *number = payload.number.max(*number);
        }
        for (&producer, &number) in &newest {
            self.floors.insert(producer, number.saturating_sub(keep));
        }
        let floors = &self.floors;
        self.entries.retain(|payload, entry| {
            let floor = floors.get(&payload.producer).copied().unwrap_or(0);
            payload.number >= floor || entry.received == 0
        });
    }
}
