use super::*;

const ONE: SubscriptionId = SubscriptionId(1);
const TWO: SubscriptionId = SubscriptionId(2);

fn received(tags: &[u64]) -> (Ledger, Arc<Window>) {
    let mut ledger = Ledger::default();
    let window = Arc::new(Window::new(3));
    for &tag in tags {
        ledger.receive(tag, ONE, &window);
    }
    (ledger, window)
}

fn settle(ledger: &mut Ledger, answer: Answer, tags: &[u64]) -> Vec<(u64, usize, bool)> {
    let frames = ledger.settle(answer, ONE, tags);
    frames.iter().map(|f| (f.tag, f.count, f.reaches_down)).collect()
}

#[test]
fn a_prefix_is_one_frame_and_the_rest_are_single() {
    let (mut ledger, _) = received(&[1, 2, 3, 4, 5, 6]);
    let frames = settle(&mut ledger, Answer::Accept, &[6, 2, 1, 4]);
    assert_eq!(frames, [(2, 2, true), (4, 1, false), (6, 1, false)]);
    assert_eq!(settle(&mut ledger, Answer::Accept, &[3]), [(3, 1, true)]);
    assert_eq!(settle(&mut ledger, Answer::Accept, &[5]), [(5, 1, true)]);
    assert!(ledger.only_returns());
}

#[test]
fn nothing_is_settled_twice_or_unseen() {
    let (mut ledger, _) = received(&[1, 2]);
    assert_eq!(settle(&mut ledger, Answer::Accept, &[2, 2, 7]), [(2, 1, false)]);
    assert!(settle(&mut ledger, Answer::Reject, &[2]).is_empty());
    assert!(ledger.settle(Answer::Accept, TWO, &[1]).is_empty());
}

#[test]
fn an_unseen_tag_is_never_covered() {
    // Two consumers share a channel; the first one's delivery 2 has not been read yet.
    let mut ledger = Ledger::default();
    let window = Arc::new(Window::new(9));
    for tag in [1, 3, 4] {
        ledger.receive(tag, ONE, &window);
    }
    assert_eq!(
        settle(&mut ledger, Answer::Accept, &[1, 3, 4]),
        [(1, 1, true), (3, 1, false), (4, 1, false)]
    );
    ledger.receive(2, ONE, &window);
    ledger.receive(5, ONE, &window);
    assert_eq!(settle(&mut ledger, Answer::Accept, &[2, 5]), [(5, 2, true)]);
}

#[test]
fn the_window_counts_what_the_broker_counts() {
    let (mut ledger, window) = received(&[1, 2]);
    assert!(!window.is_exhausted());
    ledger.receive(3, ONE, &window);
    assert!(window.is_exhausted());
    settle(&mut ledger, Answer::Accept, &[3]);
    assert!(!window.is_exhausted());
    assert_eq!(window.progress(), 1);
}

#[test]
fn a_plan_settles_nothing_yet() {
    let (mut ledger, window) = received(&[1, 2, 3]);
    let plan = ledger.plan(Answer::Accept, [(ONE, 2), (ONE, 1), (TWO, 3), (ONE, 9)]);
    assert_eq!(plan.tags, [1, 2]);
    assert_eq!((plan.frames.len(), plan.frames[0].count), (1, 2));
    assert!(window.is_exhausted());
    ledger.remove(&plan.tags);
    assert!(!window.is_exhausted());
}

#[test]
fn what_is_released_later_is_not_covered_before() {
    let (mut ledger, _) = received(&[1, 2, 3]);
    ledger.settle_later(Answer::Requeue, ONE, 1);
    ledger.settle_later(Answer::Requeue, TWO, 2);
    assert!(settle(&mut ledger, Answer::Accept, &[1]).is_empty());
    assert_eq!(
        settle(&mut ledger, Answer::Accept, &[2, 3]),
        [(2, 1, false), (3, 1, false)]
    );
    let frames = ledger.take_later();
    assert_eq!((frames[0].answer, frames[0].tag), (Answer::Requeue, 1));
    assert!(ledger.take_later().is_empty());
}

#[test]
fn what_is_settled_later_is_not_held() {
    let (mut ledger, _) = received(&[1, 2]);
    ledger.settle_later(Answer::Requeue, ONE, 1);
    assert!(ledger.holds(ONE) && !ledger.holds(TWO));
    settle(&mut ledger, Answer::Accept, &[2]);
    assert!(!ledger.holds(ONE) && ledger.only_returns());
}

#[test]
fn what_is_kept_is_the_subscription_s_own_until_it_is_settled() {
    let (mut ledger, _) = received(&[1, 2]);
    let headers = anymq_api::Headers::new("queue:a".parse().unwrap());
    let delivered = Delivered {
        envelope: anymq_api::Envelope::new(headers, anymq_api::Message::empty()),
        count: 1,
    };
    for tag in [1, 2, 9] {
        ledger.keep(tag, delivered.clone());
    }
    assert!(ledger.kept(1, ONE).is_some() && ledger.kept(1, TWO).is_none());
    assert!(ledger.kept(9, ONE).is_none());
    settle(&mut ledger, Answer::Accept, &[1]);
    ledger.settle_later(Answer::Accept, ONE, 2);
    assert!(ledger.kept(1, ONE).is_none() && ledger.kept(2, ONE).is_none());
}

#[test]
fn what_is_settled_later_keeps_its_answer() {
    let (mut ledger, _) = received(&[1, 2, 3, 4]);
    for (answer, tag) in [(Answer::Requeue, 1), (Answer::Reject, 2), (Answer::Accept, 3)] {
        ledger.settle_later(answer, ONE, tag);
    }
    ledger.settle_later(Answer::Requeue, ONE, 3);
    let frames = ledger.take_later();
    let said: Vec<_> = frames.iter().map(|f| (f.answer, f.tag, f.reaches_down)).collect();
    // Each reaches down only over what was settled before it.
    let expected = [
        (Answer::Accept, 3, false),
        (Answer::Reject, 2, false),
        (Answer::Requeue, 1, true),
    ];
    assert_eq!(said, expected);
    assert!(!ledger.only_returns());
}

#[test]
fn what_goes_back_goes_in_small_frames() {
    let tags: Vec<_> = (1..=80).collect();
    let (mut ledger, _) = received(&tags);
    assert!(!ledger.only_returns());
    let frames = settle(&mut ledger, Answer::Requeue, &tags[..79]);
    assert_eq!(frames, [(32, 32, true), (64, 32, true), (79, 15, true)]);
    ledger.settle_later(Answer::Requeue, ONE, 80);
    assert!(ledger.only_returns());
}

#[test]
fn neighbouring_frames_join_only_when_the_later_covers_the_earlier() {
    let frame = |answer, tag, reaches_down| Frame {
        answer,
        tag,
        count: 1,
        reaches_down,
    };
    let later = frame(Answer::Accept, 2, true);
    assert!(later.covers(&frame(Answer::Accept, 1, true)));
    assert!(!later.covers(&frame(Answer::Reject, 1, true)));
    assert!(!frame(Answer::Requeue, 2, true).covers(&frame(Answer::Requeue, 1, true)));
    assert!(!frame(Answer::Accept, 2, false).covers(&frame(Answer::Accept, 1, true)));
    assert_eq!(later.joined_with(&frame(Answer::Accept, 1, true)).count, 2);
}
