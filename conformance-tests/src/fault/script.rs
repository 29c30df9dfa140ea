//! A plan that runs: it counts what passes, strikes when the time has come, and knows when the link came back.

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::{runtime::Handle, task::JoinSet, time::Instant};

use super::{BrokerFault, Damage, Fault, Manner, Plan, Point, Timeline};
use crate::link::{Direction, Link};

/// Connections to which something happens together.
pub trait Links: Send + Sync {
    /// Takes the connections that there are apart from those that come later.
    fn part(&self) -> Arc<dyn Link>;
}

/// Who does to a broker what a plan says.
#[async_trait]
pub trait BrokerHand: Send + Sync {
    /// Returns when the broker takes clients and messages again.
    async fn strike(&self, fault: BrokerFault);
}

/// What a new connection finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// It is made.
    Open,
    /// It is refused.
    Shut,
    /// It gets no answer until then, and is lost.
    Mute(Instant),
}

/// How long an outage goes on among the links that it concerns.
const TURMOIL: Duration = Duration::from_secs(2);

/// A plan that runs. All connections of a run share it.
pub struct Script {
    state: Mutex<State>,
    /// Grows at every outage and with every new connection.
    epoch: AtomicU64,
    /// After how long a half-open link is cut.
    patience: Duration,
    runtime: Handle,
    /// What is to happen later; ends with this.
    later: Mutex<JoinSet<()>>,
    hand: Mutex<Option<Arc<dyn BrokerHand>>>,
    timeline: Arc<Timeline>,
}

#[derive(Debug)]
struct State {
    faults: VecDeque<Fault>,
    /// Of the next fault's point, since the link came back.
    seen: u32,
    /// Of any point.
    steps: u32,
    /// Something is happening that is not over.
    striking: bool,
    /// It happens to the broker, and there are those who stand in for it.
    broken: bool,
    /// Links are half-open, and none was made since.
    half_open: Option<Fault>,
    manner: Manner,
    door: Door,
    /// Until when the door is not open.
    until: Instant,
    outages: u32,
    /// When the epoch last changed.
    changed: Option<Instant>,
    /// When the link came back, as long as nothing was delivered since.
    back: Option<Instant>,
    slowest: Duration,
}

impl State {
    /// Counts towards the next fault.
    fn go_on(&mut self, fault: Fault) {
        self.manner = fault.then;
        (self.striking, self.broken) = (false, false);
        (self.seen, self.steps) = (0, 0);
    }
}

impl Script {
    /// Begins to count. `patience` is how long a half-open link stays before it is cut, unless its client gives it up
    /// before. To be called in a runtime.
    pub fn new(plan: Plan, patience: Duration) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                faults: plan.faults.into(),
                seen: 0,
                steps: 0,
                striking: false,
                broken: false,
                half_open: None,
                manner: plan.manner,
                door: Door::Open,
                until: Instant::now(),
                outages: 0,
                changed: None,
                back: None,
                slowest: Duration::ZERO,
            }),
            epoch: AtomicU64::new(0),
            patience,
            runtime: Handle::current(),
            later: Mutex::default(),
            hand: Mutex::default(),
            timeline: Arc::new(Timeline::begin()),
        })
    }

    /// Who does what happens to the broker; it is skipped without.
    pub fn set_hand(&self, hand: Arc<dyn BrokerHand>) {
        *self.hand.lock() = Some(hand);
    }

    /// Notes what happens now.
    pub(super) fn note(&self, what: impl Into<String>) {
        self.timeline.note(what);
    }

    /// What happened when.
    pub fn timeline(&self) -> &Arc<Timeline> {
        &self.timeline
    }

    /// Appends a fault, for runs without an end.
    pub fn add(&self, fault: Fault) {
        self.state.lock().faults.push_back(fault);
    }

    /// Something is about to pass. Gives the fault that it sets off, for [`strike`](Self::strike).
    pub fn passes(&self, point: Point) -> Option<Fault> {
        let mut state = self.state.lock();
        let next = *state.faults.front()?;
        if state.striking {
            return None;
        }
        state.steps += 1;
        if next.point == point || next.point == Point::Other {
            state.seen += 1;
        }
        if state.seen < next.nth && state.steps < next.at_latest {
            return None;
        }
        state.faults.pop_front();
        state.striking = true;
        state.outages += 1;
        state.changed = Some(Instant::now());
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.note(format!("fault: {next}"));
        Some(next)
    }

    /// Lets a fault happen to these connections. Never waits.
    pub fn strike(self: &Arc<Self>, fault: Fault, links: &dyn Links) {
        match fault.damage {
            Damage::Cut => {
                self.shut(Door::Shut, fault.down);
                links.part().cut();
                self.back(fault);
            }
            Damage::HalfOpen(direction) => {
                let parted = links.part();
                parted.stall(direction);
                self.shut(Door::Shut, fault.down);
                self.leave_half_open(fault);
                let script = Arc::downgrade(self);
                self.after(self.patience, async move {
                    parted.cut();
                    if let Some(script) = script.upgrade() {
                        script.note("kit: what was half-open is cut");
                    }
                });
            }
            Damage::BlackHole(duration) => {
                let parted = links.part();
                parted.stall(Direction::ToBroker);
                parted.stall(Direction::ToClient);
                self.shut(Door::Mute(Instant::now() + duration), duration);
                let script = Arc::downgrade(self);
                self.after(duration, async move {
                    parted.cut();
                    if let Some(script) = script.upgrade() {
                        script.note("kit: the black hole ends");
                        script.shut(Door::Shut, fault.down);
                        script.back(fault);
                    }
                });
            }
            Damage::Broker(what) => {
                self.state.lock().broken = true;
                let hand = self.hand.lock().clone();
                let script = Arc::downgrade(self);
                self.after(Duration::ZERO, async move {
                    if let Some(hand) = hand {
                        hand.strike(what).await;
                    }
                    if let Some(script) = script.upgrade() {
                        script.note("kit: the broker is whole again");
                        script.back(fault);
                    }
                });
            }
        }
    }

    fn after(&self, duration: Duration, work: impl Future<Output = ()> + Send + 'static) {
        let waiting = async move {
            tokio::time::sleep(duration).await;
            work.await;
        };
        let mut later = self.later.lock();
        while later.try_join_next().is_some() {}
        later.spawn_on(waiting, &self.runtime);
    }

    /// Nothing more happens later; what is half-open stays so. Whoever holds this need not be waited for.
    pub(super) fn end(&self) {
        self.later.lock().abort_all();
    }

    fn shut(&self, door: Door, duration: Duration) {
        let mut state = self.state.lock();
        state.door = door;
        state.until = Instant::now() + duration;
    }

    /// Delivery is to go on from now on, and it is the ends of the links that find out; no other fault comes before, as it
    /// would find no link.
    fn leave_half_open(&self, fault: Fault) {
        let mut state = self.state.lock();
        state.half_open = Some(fault);
        state.back = Some(state.until.max(Instant::now()));
    }

    /// The link is back, or will be when its door opens; the next fault is counted towards.
    fn back(&self, fault: Fault) {
        let mut state = self.state.lock();
        let back = state.until.max(Instant::now());
        // To those who stood in for a broken broker it came back before.
        let before = state.back.filter(|_| state.broken);
        state.back = before.or(Some(back));
        state.go_on(fault);
    }

    /// What a new connection finds.
    pub fn door(&self) -> Door {
        let state = self.state.lock();
        if Instant::now() >= state.until {
            Door::Open
        } else {
            state.door
        }
    }

    /// A new connection was made.
    pub fn connected(&self) {
        let mut state = self.state.lock();
        let now = Instant::now();
        state.changed = Some(now);
        let half_open = state.half_open.take();
        // Of a broken broker others stand in for it, or a part of it is there already.
        if state.broken || half_open.is_some() {
            state.back.get_or_insert(now);
        }
        if let Some(fault) = half_open {
            state.go_on(fault);
        }
        drop(state);
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.note("proxy: a connection is made");
    }

    /// Whether no link has come or gone for a while. The links of one outage come back one by one, and the last may still
    /// be about to end when the first is there again.
    pub fn is_calm(&self) -> bool {
        let changed = self.state.lock().changed;
        changed.is_none_or(|changed| changed.elapsed() > TURMOIL)
    }

    /// How what passes is carried now.
    pub fn manner(&self) -> Manner {
        self.state.lock().manner
    }

    /// Two things with the same number happened with no outage and no new connection in between.
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    /// Something arrived at the application.
    pub fn delivered(&self) {
        let mut state = self.state.lock();
        if let Some(back) = state.back
            && let Some(took) = Instant::now().checked_duration_since(back)
        {
            state.slowest = state.slowest.max(took);
            state.back = None;
            self.note(format!("delivery: goes on, {took:.1?} after the link"));
        }
    }

    /// How many faults have come.
    pub fn outages(&self) -> u32 {
        self.state.lock().outages
    }

    /// Whether something is going on that keeps messages away.
    pub fn is_down(&self) -> bool {
        let state = self.state.lock();
        state.striking || Instant::now() < state.until
    }

    /// How long it took at most until something was delivered after the link came back.
    pub fn slowest(&self) -> Duration {
        self.state.lock().slowest
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Script").field(&*self.state.lock()).finish()
    }
}

#[cfg(test)]
mod tests;
