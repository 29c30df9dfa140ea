use super::*;
use crate::fault::Moment;

#[derive(Debug, Default)]
struct Record(Mutex<Vec<String>>);

impl Link for Arc<Record> {
    fn stall(&self, direction: Direction) {
        self.0.lock().push(format!("stall {direction:?}"));
    }

    fn cut(&self) {
        self.0.lock().push("cut".to_owned());
    }
}

struct Recorded(Arc<Record>);

impl Links for Recorded {
    fn part(&self) -> Arc<dyn Link> {
        Arc::new(Arc::clone(&self.0))
    }
}

fn fault(nth: u32, damage: Damage) -> Fault {
    Fault {
        point: Point::Send,
        moment: Moment::Before,
        nth,
        at_latest: 10,
        damage,
        down: Duration::from_millis(50),
        then: Manner::Split,
    }
}

fn script(faults: Vec<Fault>) -> Arc<Script> {
    let manner = Manner::Whole;
    Script::new(Plan { manner, faults }, Duration::from_secs(1))
}

#[tokio::test(start_paused = true)]
async fn the_nth_point_strikes_and_counting_begins_again() {
    let script = script(vec![fault(2, Damage::Cut), fault(1, Damage::Cut)]);
    let links = Recorded(Arc::default());
    assert_eq!(script.passes(Point::Send), None);
    assert_eq!(script.passes(Point::Confirm), None);
    let first = script.passes(Point::Send).unwrap();
    assert_eq!(script.epoch(), 1);
    // Nothing else strikes meanwhile.
    assert_eq!(script.passes(Point::Send), None);
    script.strike(first, &links);
    assert_eq!((script.door(), script.manner()), (Door::Shut, Manner::Split));
    tokio::time::advance(Duration::from_millis(60)).await;
    assert_eq!(script.door(), Door::Open);
    script.delivered();
    assert_eq!(script.slowest(), Duration::from_millis(10));
    assert!(script.passes(Point::Send).is_some());
    assert_eq!(
        (script.outages(), links.0.0.lock().clone()),
        (2, vec!["cut".to_owned()])
    );
}

#[tokio::test(start_paused = true)]
async fn a_rare_point_is_not_waited_for() {
    let script = script(vec![fault(2, Damage::Cut)]);
    let struck = (1..=20).find(|_| script.passes(Point::Confirm).is_some());
    assert_eq!(struck, Some(10));
    assert_eq!(script.passes(Point::Confirm), None);
}

#[tokio::test(start_paused = true)]
async fn a_half_open_link_is_cut_after_a_while() {
    let damage = Damage::HalfOpen(Direction::ToClient);
    let (script, links) = (script(vec![fault(1, damage)]), Recorded(Arc::default()));
    script.strike(script.passes(Point::Send).unwrap(), &links);
    assert_eq!(*links.0.0.lock(), ["stall ToClient"]);
    tokio::time::sleep(Duration::from_millis(1001)).await;
    assert_eq!(*links.0.0.lock(), ["stall ToClient", "cut"]);
}

#[tokio::test(start_paused = true)]
async fn a_black_hole_ends() {
    let damage = Damage::BlackHole(Duration::from_millis(100));
    let (script, links) = (script(vec![fault(1, damage)]), Recorded(Arc::default()));
    script.strike(script.passes(Point::Send).unwrap(), &links);
    assert!(matches!(script.door(), Door::Mute(_)) && script.is_down());
    tokio::time::sleep(Duration::from_millis(101)).await;
    assert_eq!(*links.0.0.lock(), ["stall ToBroker", "stall ToClient", "cut"]);
    assert_eq!(script.door(), Door::Shut);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!script.is_down());
}

#[tokio::test(start_paused = true)]
async fn nothing_happens_after_the_end() {
    let damage = Damage::HalfOpen(Direction::ToClient);
    let (script, links) = (script(vec![fault(1, damage)]), Recorded(Arc::default()));
    script.strike(script.passes(Point::Send).unwrap(), &links);
    let waiting = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    script.end();
    tokio::time::sleep(Duration::from_millis(1001)).await;
    assert_eq!(*links.0.0.lock(), ["stall ToClient"]);
    let left = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    assert_eq!(left + 1, waiting);
}

#[tokio::test(start_paused = true)]
async fn no_fault_comes_while_links_are_half_open() {
    let damage = Damage::HalfOpen(Direction::ToBroker);
    let (script, links) = (
        script(vec![fault(1, damage), fault(1, Damage::Cut)]),
        Recorded(Arc::default()),
    );
    script.strike(script.passes(Point::Send).unwrap(), &links);
    assert_eq!((script.passes(Point::Send), script.is_down()), (None, true));
    tokio::time::advance(Duration::from_millis(80)).await;
    script.connected();
    assert!(!script.is_down() && script.passes(Point::Send).is_some());
    // Counted from when the door opened, not from when somebody found out.
    script.delivered();
    assert_eq!(script.slowest(), Duration::from_millis(30));
}

#[tokio::test(start_paused = true)]
async fn what_stands_in_for_a_broken_broker_delivers_soon() {
    let damage = Damage::Broker(BrokerFault::Kill);
    let (script, links) = (script(vec![fault(1, damage)]), Recorded(Arc::default()));
    script.set_hand(Arc::new(Slow));
    script.strike(script.passes(Point::Send).unwrap(), &links);
    script.connected();
    tokio::time::sleep(Duration::from_millis(40)).await;
    script.delivered();
    assert!(script.slowest() >= Duration::from_millis(40) && script.is_down());
    tokio::time::sleep(Duration::from_millis(70)).await;
    assert!(!script.is_down());
}

struct Slow;

#[async_trait]
impl BrokerHand for Slow {
    async fn strike(&self, _fault: BrokerFault) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
