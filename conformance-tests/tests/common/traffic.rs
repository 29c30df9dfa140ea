//! Traffic while a broker comes and goes: messages with numbers, from one producer to one consumer.
#![allow(dead_code, reason = "no test uses all of it")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anymq::{Consumer, Message, Producer, Retry};
use anymq_conformance::poll;
use parking_lot::Mutex;
use tokio::task::JoinSet;

pub(crate) const LIMIT: Duration = Duration::from_secs(120);
pub(crate) const PAUSE: Duration = Duration::from_millis(20);
const QUIET: Duration = Duration::from_secs(3);

/// What the application knows.
#[derive(Debug, Default)]
struct Log {
    confirmed: BTreeSet<usize>,
    /// Sent again after an error that says that this may duplicate them.
    doubtful: BTreeSet<usize>,
    /// Of each message, in the order of the deliveries: whether it was flagged.
    received: BTreeMap<usize, Vec<bool>>,
    hopeless: Vec<String>,
    last_error: Option<String>,
}

pub(crate) struct Traffic {
    log: Arc<Mutex<Log>>,
    stopped: Arc<AtomicBool>,
    senders: JoinSet<()>,
}

impl Traffic {
    /// Sends one after the other; what failed is sent again, as an application would that must not lose anything.
    async fn send(
        log: Arc<Mutex<Log>>,
        stopped: Arc<AtomicBool>,
        producer: Arc<dyn Producer>,
        mut number: usize,
        step: usize,
    ) {
        while !stopped.load(Ordering::Acquire) {
            match producer.send(Message::text(number.to_string())).await {
                Ok(_) => {
                    log.lock().confirmed.insert(number);
                    number += step;
                }
                Err(error) => {
                    let mut log = log.lock();
                    log.last_error = Some(format!("send {number}: {error} ({:?})", error.retry()));
                    match error.retry() {
                        Retry::MayDuplicate => {
                            log.doubtful.insert(number);
                        }
                        Retry::Safe => {}
                        Retry::Never => return log.hopeless.push(format!("send {number}: {error}")),
                    }
                }
            }
        }
    }

    async fn receive(log: Arc<Mutex<Log>>, consumer: Arc<dyn Consumer>) {
        loop {
            match consumer.receive().await {
                Ok(Some(received)) => {
                    let number = received.as_text().and_then(|text| text.parse().ok()).unwrap();
                    let flag = received.redelivered();
                    log.lock().received.entry(number).or_default().push(flag);
                }
                Ok(None) => return,
                Err(error) => return log.lock().hopeless.push(format!("receive: {error}")),
            }
        }
    }

    /// Passes messages of its own from the producer to the consumer, until the end; so many of them at a time.
    pub(crate) fn begin(producer: &Arc<dyn Producer>, consumer: Arc<dyn Consumer>, at_a_time: usize) -> Self {
        let log = Arc::<Mutex<Log>>::default();
        let stopped = Arc::<AtomicBool>::default();
        tokio::spawn(Self::receive(Arc::clone(&log), consumer));
        let mut senders = JoinSet::new();
        for first in 0..at_a_time {
            let (log, stopped) = (Arc::clone(&log), Arc::clone(&stopped));
            senders.spawn(Self::send(log, stopped, Arc::clone(producer), first, at_a_time));
        }
        Self { log, stopped, senders }
    }

    fn counts(&self) -> (usize, usize) {
        let log = self.log.lock();
        assert!(log.hopeless.is_empty(), "{:?}", log.hopeless);
        (log.confirmed.len(), log.received.len())
    }

    /// Waits until so many more were sent, and as many received.
    pub(crate) async fn goes_on(&self, step: usize, what: &str) {
        let (confirmed, received) = self.counts();
        let more = async || {
            let (now_confirmed, now_received) = self.counts();
            (now_confirmed >= confirmed + step && now_received >= received + step).then_some(())
        };
        let outcome = poll::until(LIMIT, PAUSE, more).await;
        assert!(
            outcome.is_ok(),
            "{what}: from {:?} to {:?}; {:?}",
            (confirmed, received),
            self.counts(),
            self.log.lock().last_error
        );
    }

    /// Stops sending, and waits for what was sent.
    pub(crate) async fn end(mut self) {
        self.stopped.store(true, Ordering::Release);
        let sent = std::mem::take(&mut self.senders).join_all();
        tokio::time::timeout(LIMIT, sent).await.expect("the last confirmations");
        let missing = || -> Vec<usize> {
            let log = self.log.lock();
            let received = |number: &&usize| !log.received.contains_key(number);
            log.confirmed.iter().filter(received).copied().collect()
        };
        let complete = poll::until(LIMIT, PAUSE, async || missing().is_empty().then_some(())).await;
        assert!(complete.is_ok(), "confirmed and lost: {:?}", missing());
        // What should not come any more.
        let before = self.deliveries();
        let more = poll::until(QUIET, PAUSE, async || (self.deliveries() > before).then_some(())).await;
        assert!(more.is_err(), "deliveries after the last message");
        self.judge_duplicates();
    }

    fn deliveries(&self) -> usize {
        self.log.lock().received.values().map(Vec::len).sum()
    }

    fn judge_duplicates(&self) {
        let log = self.log.lock();
        for (number, flags) in &log.received {
            let unflagged = flags.iter().filter(|flagged| !**flagged).count();
            let known = log.doubtful.contains(number);
            assert!(
                unflagged <= 1 || known,
                "{number} came {unflagged} times unflagged: {flags:?}"
            );
        }
        let twice = log.received.values().filter(|flags| flags.len() > 1).count();
        println!(
            "{} confirmed, {} in doubt, {twice} twice",
            log.confirmed.len(),
            log.doubtful.len()
        );
    }
}
