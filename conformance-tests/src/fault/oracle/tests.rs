use super::*;
use crate::fault::{Damage, Fault, Manner, Moment, Plan, Point};

const STREAM: usize = 0;

struct Court {
    oracle: Oracle,
    script: Arc<Script>,
}

impl Court {
    fn new() -> Self {
        let fault = Fault {
            point: Point::Other,
            moment: Moment::Before,
            nth: 1,
            at_latest: 1,
            damage: Damage::Cut,
            down: Duration::ZERO,
            then: Manner::Whole,
        };
        let plan = Plan {
            manner: Manner::Whole,
            faults: vec![fault],
        };
        let script = Script::new(plan, Duration::from_secs(1));
        let rules = Rules {
            name: "stream".to_owned(),
            window: 2,
            ordered: true,
            keeps_order: true,
            flagged: true,
        };
        let oracle = Oracle::new(Arc::clone(&script), [rules]);
        Self { oracle, script }
    }

    fn sent(&self, numbers: std::ops::Range<u32>) {
        for number in numbers {
            self.oracle.attempt(&[STREAM], payload(number));
            self.oracle.confirmed(&[STREAM], payload(number));
        }
    }

    fn received(&self, number: u32, redelivered: bool, settled: Settled) -> u64 {
        let received = Received {
            payload: payload(number),
            redelivered,
            consumer: 0,
            settled,
        };
        self.oracle.received(STREAM, &received);
        self.oracle.breaches()
    }

    fn outage(&self) {
        assert!(self.script.passes(Point::Send).is_some());
    }

    #[track_caller]
    fn only(&self, text: &str) {
        let texts = self.oracle.texts();
        assert!(matches!(&*texts, [only] if only.contains(text)), "{texts:?}");
    }
}

fn payload(number: u32) -> Payload {
    Payload { producer: 3, number }
}

#[test]
fn payloads_are_read_back() {
    assert_eq!(Payload::parse(&payload(7).text(12)), Some(payload(7)));
    for text in ["", "3", "3/7", "x/7 ", "3/y ", "70000/1 "] {
        assert_eq!(Payload::parse(text), None, "{text}");
    }
}

#[tokio::test]
async fn what_arrives_once_is_well() {
    let court = Court::new();
    court.sent(0..3);
    assert_eq!(court.oracle.missing(), 3);
    for number in 0..3 {
        assert_eq!(court.received(number, false, Settled::Submitted), 0);
    }
    court.oracle.close(&[]);
    assert_eq!(
        (court.oracle.breaches(), court.oracle.missing(), court.oracle.sent()),
        (0, 0, 3)
    );
}

#[tokio::test]
async fn what_is_lost_is_told() {
    let court = Court::new();
    court.sent(0..3);
    court.received(1, false, Settled::Known);
    court.oracle.close(&[]);
    court.only("2 confirmed messages lost, 3/0, 3/2 first");
}

#[tokio::test]
async fn what_nobody_sent_is_told() {
    let court = Court::new();
    court.received(1, false, Settled::Known);
    court.only("never sent");
}

#[tokio::test]
async fn a_flag_needs_an_outage() {
    let court = Court::new();
    court.sent(0..1);
    court.received(0, true, Settled::No);
    court.only("flagged");
}

#[tokio::test]
async fn a_repetition_needs_a_flag() {
    let court = Court::new();
    court.sent(0..1);
    court.received(0, false, Settled::No);
    court.outage();
    court.received(0, false, Settled::No);
    court.only("without a flag");
}

#[tokio::test]
async fn a_repetition_needs_an_outage() {
    let court = Court::new();
    court.sent(0..1);
    court.received(0, false, Settled::No);
    court.received(0, true, Settled::No);
    court.only("without an outage");
}

#[tokio::test]
async fn what_was_unsettled_comes_again() {
    let court = Court::new();
    court.sent(0..1);
    court.received(0, false, Settled::No);
    court.outage();
    assert_eq!(court.received(0, true, Settled::No), 0);
    assert_eq!(court.oracle.repetitions(), 1);
}

#[tokio::test]
async fn what_is_known_to_be_settled_does_not() {
    let court = Court::new();
    court.sent(0..1);
    court.received(0, false, Settled::No);
    court.oracle.settled(STREAM, payload(0), Settled::Known);
    court.outage();
    court.received(0, true, Settled::No);
    court.only("confirmed that it is settled");
}

#[tokio::test]
async fn a_consumer_that_does_not_know_of_its_lost_link_may_still_get_a_message_and_not_settle_it() {
    let court = Court::new();
    court.sent(0..2);
    court.outage();
    for number in 0..2 {
        court.received(number, true, Settled::No);
        court.oracle.settled(STREAM, payload(number), Settled::Known);
        assert_eq!(court.received(number, false, Settled::No), 0);
    }
    court.oracle.settled(STREAM, payload(0), Settled::Undone);
    assert_eq!(court.oracle.breaches(), 0);
    court.oracle.settled(STREAM, payload(1), Settled::Known);
    court.only("settled twice");
}

#[tokio::test]
async fn what_was_submitted_comes_again_within_the_window() {
    let court = Court::new();
    court.sent(0..4);
    for number in 0..4 {
        court.received(number, false, Settled::Submitted);
    }
    court.outage();
    assert_eq!(court.received(1, true, Settled::Submitted), 0);
    court.received(0, true, Settled::Submitted);
    court.only("at most 2");
}

#[tokio::test]
async fn a_second_send_may_arrive_too() {
    let court = Court::new();
    court.oracle.attempt(&[STREAM], payload(0));
    court.sent(0..1);
    court.received(0, false, Settled::Submitted);
    assert_eq!(court.received(0, false, Settled::Submitted), 0);
    court.received(0, false, Settled::Submitted);
    court.only("sent 2 times");
}

#[tokio::test]
async fn a_refuted_send_may_not() {
    let court = Court::new();
    court.oracle.attempt(&[STREAM], payload(0));
    court.oracle.refuted(&[STREAM], payload(0));
    court.sent(0..1);
    court.received(0, false, Settled::Submitted);
    court.received(0, false, Settled::Submitted);
    court.only("without a flag");
}

#[tokio::test]
async fn the_order_of_a_sender_is_kept() {
    let court = Court::new();
    court.sent(0..3);
    court.received(1, false, Settled::Submitted);
    assert_eq!(court.received(2, false, Settled::Submitted), 0);
    court.received(0, false, Settled::Submitted);
    court.only("came after 2");
}

#[tokio::test]
async fn what_is_passed_on_must_arrive() {
    let script = Script::new(Plan::quiet(), Duration::from_secs(1));
    let rules = |name: &str| Rules {
        name: name.to_owned(),
        window: 1,
        ordered: false,
        keeps_order: true,
        flagged: true,
    };
    let oracle = Oracle::new(script, [rules("from"), rules("to")]);
    oracle.attempt(&[0], payload(0));
    oracle.confirmed(&[0], payload(0));
    let received = Received {
        payload: payload(0),
        redelivered: false,
        consumer: 0,
        settled: Settled::Known,
    };
    oracle.received(0, &received);
    assert_eq!((oracle.missing(), oracle.unrelayed(0, 1)), (0, 1));
    oracle.close(&[(0, 1)]);
    assert_eq!(oracle.breaches(), 1);
}

#[tokio::test]
async fn memory_is_bounded() {
    let court = Court::new();
    court.sent(0..1000);
    for number in 0..999 {
        court.received(number, false, Settled::Submitted);
    }
    court.oracle.prune(10);
    assert_eq!(court.oracle.unrelayed(STREAM, STREAM), 1);
    assert_eq!(court.received(999, false, Settled::Submitted), 0);
    assert_eq!(court.oracle.missing(), 0);
    court.received(5, true, Settled::Submitted);
    court.only("long after");
}

#[tokio::test]
async fn what_was_undone_comes_again_at_once() {
    let court = Court::new();
    court.sent(0..1);
    court.outage();
    court.received(0, false, Settled::No);
    court.oracle.settled(STREAM, payload(0), Settled::Undone);
    assert_eq!(court.received(0, true, Settled::No), 0);
}
