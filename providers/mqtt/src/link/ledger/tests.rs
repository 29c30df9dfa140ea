//! Which identifier each request gets, and who is told what.

use std::sync::{Arc, Mutex};

use anymq_api::ErrorKind;
use bytes::Bytes;

use super::*;
use crate::wire::{Outbound, PublishProperties, QoS};

/// Who, and whether what failed may be repeated.
type Told = (&'static str, Option<Retry>);

/// What was handed over, and who was told what.
#[derive(Clone, Default)]
struct Seen {
    handed: Arc<Mutex<Vec<Kind>>>,
    told: Arc<Mutex<Vec<Told>>>,
}

impl Seen {
    fn waiter(&self, name: &'static str) -> Waiter {
        let told = Arc::clone(&self.told);
        Box::new(move |outcome| {
            let retry = outcome.err().map(|error| error.retry());
            told.lock().unwrap().push((name, retry));
        })
    }

    fn submit(&self, ledger: &mut Ledger, name: &'static str, request: Request) {
        ledger.submit(request, self.waiter(name), |request, _| self.hand_over(&request));
    }

    fn hand_over(&self, request: &Request) -> bool {
        self.handed.lock().unwrap().push(request.kind());
        true
    }

    fn answer(&self, ledger: &mut Ledger, kind: Kind, id: u16) -> Result<()> {
        let answer = Answer {
            kind,
            id,
            outcome: Ok(()),
        };
        ledger.answered(answer)?.into_iter().for_each(Notice::give);
        ledger.advance(|request, _| self.hand_over(&request));
        Ok(())
    }

    fn handed(&self) -> usize {
        self.handed.lock().unwrap().len()
    }

    fn told(&self) -> Vec<Told> {
        std::mem::take(&mut self.told.lock().unwrap())
    }
}

fn publish(qos: QoS) -> Request {
    Request::Publish(Box::new(Outbound {
        topic: "a".to_owned(),
        qos,
        payload: Bytes::new(),
        properties: PublishProperties::default(),
    }))
}

fn subscribe() -> Request {
    Request::Subscribe {
        filter: "a".to_owned(),
        qos: QoS::AtLeastOnce,
    }
}

#[test]
fn an_identifier_is_not_used_before_it_is_free() {
    let (mut ledger, seen) = (Ledger::new(4), Seen::default());
    for name in ["1", "2", "3", "4"] {
        seen.submit(&mut ledger, name, publish(QoS::AtLeastOnce));
    }
    assert_eq!(seen.handed(), 4);
    for id in 1..=4 {
        ledger.written(id);
    }
    // Out of order: the fifth has to wait for 1.
    seen.answer(&mut ledger, Kind::Publish, 2).unwrap();
    seen.answer(&mut ledger, Kind::Publish, 4).unwrap();
    seen.submit(&mut ledger, "5", subscribe());
    assert_eq!(seen.handed(), 4);
    seen.answer(&mut ledger, Kind::Publish, 1).unwrap();
    assert_eq!(seen.handed(), 5);
    ledger.written(1);
    seen.answer(&mut ledger, Kind::Subscribe, 1).unwrap();
    seen.answer(&mut ledger, Kind::Publish, 3).unwrap();
    assert_eq!(
        seen.told(),
        [("2", None), ("4", None), ("1", None), ("5", None), ("3", None)]
    );
}

#[test]
fn an_answer_to_nothing_ends_the_link() {
    let (mut ledger, seen) = (Ledger::new(10), Seen::default());
    seen.submit(&mut ledger, "1", publish(QoS::AtLeastOnce));
    let lost = |outcome: Result<()>| outcome.unwrap_err().kind() == ErrorKind::ConnectionLost;
    // Not written yet, never asked, of another kind.
    assert!(lost(seen.answer(&mut ledger, Kind::Publish, 1)));
    assert!(lost(seen.answer(&mut ledger, Kind::Publish, 7)));
    let mut ledger = Ledger::new(10);
    seen.submit(&mut ledger, "1", subscribe());
    ledger.written(1);
    assert!(lost(seen.answer(&mut ledger, Kind::Publish, 1)));
}

#[test]
fn at_most_once_is_confirmed_by_the_next_answer_of_nothing() {
    let (mut ledger, seen) = (Ledger::new(10), Seen::default());
    for name in ["a", "b", "c"] {
        seen.submit(&mut ledger, name, publish(QoS::AtMostOnce));
    }
    // The question goes behind the first; the next one when that is answered.
    let expected = [Kind::Publish, Kind::Unsubscribe, Kind::Publish, Kind::Publish];
    assert_eq!(*seen.handed.lock().unwrap(), expected);
    ledger.written(0);
    ledger.written(1);
    ledger.written(0);
    assert_eq!(seen.told(), []);
    seen.answer(&mut ledger, Kind::Unsubscribe, 1).unwrap();
    assert_eq!(seen.told(), [("a", None)]);
    assert_eq!(seen.handed(), 5);
    // The second is written and the third is not.
    let told = ledger.fail(&lost("gone"));
    told.into_iter().for_each(Notice::give);
    assert_eq!(
        seen.told(),
        [("b", Some(Retry::MayDuplicate)), ("c", Some(Retry::Safe))]
    );
}

#[test]
fn many_at_most_once_are_asked_about_before_the_answer() {
    let (mut ledger, seen) = (Ledger::new(100), Seen::default());
    let kinds = |seen: &Seen, kind| seen.handed.lock().unwrap().iter().filter(|&&it| it == kind).count();
    for _ in 0..=2 * TOGETHER {
        seen.submit(&mut ledger, "m", publish(QoS::AtMostOnce));
    }
    assert_eq!(kinds(&seen, Kind::Unsubscribe), 3);
    let mut questions = 0;
    for handed in seen.handed.lock().unwrap().clone() {
        questions += u16::from(handed == Kind::Unsubscribe);
        ledger.written(if handed == Kind::Publish { 0 } else { questions });
    }
    for (id, expected) in [(1, 1), (2, TOGETHER), (3, TOGETHER)] {
        seen.answer(&mut ledger, Kind::Unsubscribe, id).unwrap();
        assert_eq!(seen.told().len(), expected);
    }
    // However many are sent, there is room for other requests.
    for _ in 0..20 * TOGETHER {
        seen.submit(&mut ledger, "m", publish(QoS::AtMostOnce));
    }
    assert_eq!(kinds(&seen, Kind::Unsubscribe), 3 + QUESTIONS);
}

#[test]
fn a_lost_link_says_what_may_have_arrived() {
    let (mut ledger, seen) = (Ledger::new(3), Seen::default());
    for name in ["written", "handed over", "waiting"] {
        seen.submit(&mut ledger, name, publish(QoS::ExactlyOnce));
    }
    ledger.written(1);
    assert_eq!(ledger.unwritten(), 2);
    ledger.fail(&lost("gone")).into_iter().for_each(Notice::give);
    let expected = [
        ("written", Some(Retry::MayDuplicate)),
        ("handed over", Some(Retry::Safe)),
        ("waiting", Some(Retry::Safe)),
    ];
    assert_eq!(seen.told(), expected);
    assert_eq!(ledger.unwritten(), 0);
}
