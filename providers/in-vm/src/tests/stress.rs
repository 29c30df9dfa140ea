use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use super::*;

const SENDERS: usize = 4;
const RECEIVERS: usize = 4;
const MESSAGES: usize = 5_000;

/// Settles what comes, releases every third delivery, and now and then opens its subscription or session anew.
fn receive_until(done: &AtomicBool, broker: &InVmBroker, counts: &mut HashMap<String, u32>) {
    let connection = connect(broker);
    let mut turn = 0_u32;
    while !done.load(Ordering::Acquire) {
        let session = session(&connection);
        for id in 0..20 {
            turn += 1;
            let it = subscribe(&session, id, "queue:q", 7);
            work_off(&session, &it, turn, counts);
            if turn.is_multiple_of(5) {
                it.subscription.abandon();
            } else {
                now(it.subscription.close()).unwrap();
                work_off(&session, &it, turn, counts);
            }
        }
    }
    connection.abandon();
}

fn work_off(session: &Arc<dyn DriverSession>, it: &Subscribed, turn: u32, counts: &mut HashMap<String, u32>) {
    for _round in 0..10 {
        for (n, delivery) in (turn..).zip(it.inbox.take()) {
            it.subscription.grant_credit(1);
            if n.is_multiple_of(3) {
                settle(session, &[delivery], Outcome::Release { attempts: n % 2 });
            } else {
                let text = delivery.envelope.message().as_text().unwrap().to_owned();
                *counts.entry(text).or_default() += 1;
                settle(session, &[delivery], Outcome::Accept);
            }
        }
        thread::yield_now();
    }
}

fn send_all(broker: &InVmBroker, sender: usize) {
    let connection = connect(broker);
    let (plain, transacted) = (session(&connection), transacted(&connection));
    for n in 0..MESSAGES {
        let session = if n.is_multiple_of(2) { &plain } else { &transacted };
        send(session, "queue:q", &[&format!("{sender}-{n}")]);
        send(session, "topic:t", &["to whom it may concern"]);
        if n % 16 == 15 {
            now(transacted.commit(&[])).unwrap();
        }
    }
    now(transacted.commit(&[])).unwrap();
    connection.abandon();
}

#[test]
fn eight_threads_lose_and_double_nothing() {
    let broker = InVmBroker::new();
    let done = AtomicBool::new(false);
    let mut counts = HashMap::new();
    thread::scope(|scope| {
        let receivers: Vec<_> = (0..RECEIVERS)
            .map(|_| {
                scope.spawn(|| {
                    let mut counts = HashMap::new();
                    receive_until(&done, &broker, &mut counts);
                    counts
                })
            })
            .collect();
        let broker = &broker;
        let senders: Vec<_> = (0..SENDERS).map(|n| scope.spawn(move || send_all(broker, n))).collect();
        for sender in senders {
            sender.join().unwrap();
        }
        while broker.stats().ready > 0 {
            thread::yield_now();
        }
        done.store(true, Ordering::Release);
        for receiver in receivers {
            for (text, count) in receiver.join().unwrap() {
                *counts.entry(text).or_default() += count;
            }
        }
    });
    collect_rest(&broker, &mut counts);
    assert_eq!(counts.len(), SENDERS * MESSAGES);
    assert!(counts.values().all(|&count| count == 1));
    assert_nothing_left(&broker);
}

/// What the receivers gave back when they ended.
fn collect_rest(broker: &InVmBroker, counts: &mut HashMap<String, u32>) {
    let connection = connect(broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", u32::MAX);
    let rest = it.inbox.take();
    for text in texts(&rest) {
        *counts.entry(text.to_owned()).or_default() += 1;
    }
    settle(&session, &rest, Outcome::Accept);
    connection.abandon();
}

/// One sender and one receiver of its own for each message: the queue is removed and made again all the time.
#[test]
fn a_queue_that_comes_and_goes_loses_nothing() {
    let broker = InVmBroker::new();
    let sent = AtomicBool::new(false);
    let total: usize = thread::scope(|scope| {
        let receivers: Vec<_> = (0..RECEIVERS)
            .map(|_| scope.spawn(|| receive_in_passing(&broker, &sent)))
            .collect();
        let broker = &broker;
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| {
                scope.spawn(move || {
                    let connection = connect(broker);
                    let session = session(&connection);
                    for _ in 0..MESSAGES {
                        send(&session, "queue:q", &["a"]);
                        thread::yield_now();
                    }
                })
            })
            .collect();
        for sender in senders {
            sender.join().unwrap();
        }
        sent.store(true, Ordering::Release);
        receivers.into_iter().map(|it| it.join().unwrap()).sum()
    });
    assert_eq!(total, SENDERS * MESSAGES);
    assert_nothing_left(&broker);
}

fn receive_in_passing(broker: &InVmBroker, sent: &AtomicBool) -> usize {
    let connection = connect(broker);
    let session = session(&connection);
    let mut total = 0;
    for id in 0.. {
        let finished = sent.load(Ordering::Acquire);
        let it = subscribe(&session, id, "queue:q", u32::MAX);
        now(it.subscription.close()).unwrap();
        let got = it.inbox.take();
        total += got.len();
        settle(&session, &got, Outcome::Accept);
        if finished {
            break;
        }
    }
    total
}

/// Everything at once on one session, from eight threads.
#[test]
fn one_session_stands_concurrent_calls() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    thread::scope(|scope| {
        for thread in 0..8 {
            let session = &session;
            scope.spawn(move || use_everything(session, thread));
        }
    });
    let stats = broker.stats();
    assert_eq!((stats.consumers, stats.subscriptions, stats.unsettled), (0, 0, 0));
    connection.abandon();
    assert_eq!(broker.stats().ready, stats.ready);
}

fn use_everything(session: &Arc<dyn DriverSession>, thread: u32) {
    for n in 0..500 {
        let name = if n % 2 == 0 { "queue:q" } else { "topic:t" };
        let it = subscribe(session, thread * 1000 + n, name, 3);
        send(session, name, &["a", "b"]);
        let got = it.inbox.take();
        settle(session, &got, Outcome::Release { attempts: 1 });
        now(it.subscription.stop_delivery()).unwrap();
        now(it.subscription.close()).unwrap();
        settle(session, &it.inbox.take(), Outcome::Accept);
    }
}
