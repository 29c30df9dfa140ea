//! One run with one number.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use anymq_api::{
    BoxError, Capabilities, ConnectOptions, Connection, ConnectionFactory, Event, Events, ReconnectPolicy, Result,
    kernel::{FactoryOptions, factory},
    spi::Driver,
};
use async_trait::async_trait;
use parking_lot::Mutex;

use super::{
    BrokerFault, BrokerHand, Plan, Script,
    census::Census,
    oracle::Oracle,
    tap::{TappedDriver, Tapper, Witness},
    workload::{Cast, Scene, Workload},
};
use crate::{harness::Harness, poll};

/// Connections whose links follow a script.
#[derive(Debug)]
pub struct Faulty {
    /// Makes them.
    pub driver: Arc<dyn Driver>,
    /// What they choose.
    pub options: ConnectOptions,
    /// What carries them, if anything does.
    pub carrier: Option<Arc<dyn Carrier>>,
}

/// What carries links.
pub trait Carrier: fmt::Debug + Send + Sync {
    /// How many it carries.
    fn open(&self) -> usize;
}

impl Carrier for super::FaultProxy {
    fn open(&self) -> usize {
        super::FaultProxy::open(self)
    }
}

/// What all trials of a request share.
#[derive(Clone, Debug)]
pub(super) struct Bench {
    pub(super) harness: Arc<dyn Harness>,
    pub(super) capabilities: Capabilities,
    /// Somebody between the driver and the fail-over.
    pub(super) tapper: Option<Arc<dyn Tapper>>,
    pub(super) patience: Duration,
    /// What did not happen to the broker although it was to.
    pub(super) failures: Arc<Mutex<Vec<String>>>,
}

/// How a trial ended.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Which faults and which workload.
    pub seed: u64,
    /// A fault of the broker's, in place of those of the number.
    pub broker_fault: Option<BrokerFault>,
    /// How many messages were confirmed.
    pub messages: u64,
    /// How many faults came.
    pub outages: u32,
    /// How many messages were handed over again.
    pub repetitions: u64,
    /// How long it took at most until something was delivered after the link came back.
    pub slowest: Duration,
    /// How long the trial took.
    pub took: Duration,
    /// What must not be.
    pub breaches: Vec<String>,
}

/// How soon delivery must go on after the link has come back.
pub(super) const RESUMED: Duration = Duration::from_secs(10);
/// How long a link without heart-beats may be half-open.
const SHORT: Duration = Duration::from_millis(300);

impl Bench {
    /// Connections that reconnect for ever over the links of a script.
    pub(super) fn factory(&self, faulty: &Faulty, witness: &Arc<Witness>) -> Arc<dyn ConnectionFactory> {
        let witnessed = TappedDriver::new(Arc::clone(&faulty.driver), Arc::clone(witness) as _);
        let driver: Arc<dyn Driver> = match &self.tapper {
            Some(tapper) => Arc::new(TappedDriver::new(Arc::new(witnessed), Arc::clone(tapper))),
            None => Arc::new(witnessed),
        };
        let reconnect = ReconnectPolicy::new()
            .with_delay(Duration::from_millis(20))
            .with_max_delay(Duration::from_millis(500));
        // A time-out of the kernel's must not end what hangs before the trial finds out. But there are no heart-beats
        // before a connection is made: with the default of ten seconds, delivery could not go on sooner.
        let options = ConnectOptions::new()
            .with_reconnect(reconnect)
            .with_connect_timeout(RESUMED / 4)
            .with_request_timeout(self.patience * 3)
            .or(&faulty.options);
        factory(driver, FactoryOptions::new().with_connect(options))
    }

    /// A script of these faults, over links of this harness's.
    pub(super) async fn links(&self, plan: Plan) -> Result<(Arc<Script>, Faulty), BoxError> {
        let beats = self.harness.has_heart_beats();
        // Longer than delivery may take to go on, so that what relies on this instead of heart-beats is found out.
        let script = Script::new(plan, if beats { RESUMED * 2 } else { SHORT });
        script.set_hand(Arc::new(Hand {
            harness: Arc::clone(&self.harness),
            failures: Arc::clone(&self.failures),
        }));
        let faulty = self.harness.with_faults(&script).await;
        let faulty = faulty.ok_or("the harness has no links with faults")??;
        Ok((script, faulty))
    }

    /// One run. An error says that it could not be.
    pub(super) async fn trial(
        &self,
        seed: u64,
        messages: u32,
        broker_fault: Option<BrokerFault>,
    ) -> Result<Verdict, BoxError> {
        let begin = Instant::now();
        let before = Census::take(&self.harness).await?;
        let plan = match broker_fault {
            Some(fault) => Plan::of_broker(fault, messages),
            None => Plan::of(seed, messages),
        };
        let (script, faulty) = self.links(plan).await?;
        let cast = Cast::of(seed, Some(messages), &self.capabilities);
        let oracle = Arc::new(Oracle::new(Arc::clone(&script), cast.rules()));
        let witness = Arc::default();
        let factory = self.factory(&faulty, &witness);
        let workload = Workload {
            scene: Arc::new(Scene::new(Arc::clone(&oracle), Arc::clone(&script), self.patience)),
            cast,
            prefix: format!("faults-{seed}-{}", broker_fault.map_or("links", BrokerFault::name)),
            quiet: self.harness.timing().quiet,
        };
        self.perform(&workload, &factory).await;
        all_closed(&faulty, &oracle, self.patience).await;
        drop(factory);
        workload.drain(&self.harness.factory()).await;
        // A run that was broken off has not come to its end, and what is missing says nothing.
        if oracle.breaches() == 0 {
            oracle.close(&workload.cast.relays());
        }
        for failure in self.failures.lock().drain(..) {
            oracle.breach(failure);
        }
        if witness.strays() > 0 {
            oracle.breach(format!("{} settlements of an older link", witness.strays()));
        }
        if script.slowest() > RESUMED {
            oracle.breach(format!("delivery went on only {:?} after the link", script.slowest()));
        }
        let (outages, slowest) = (script.outages(), script.slowest());
        drop((workload, faulty, script));
        if let Err(left_over) = Census::no_more(&self.harness, before, RESUMED).await {
            oracle.breach(left_over);
        }
        Ok(Verdict {
            seed,
            broker_fault,
            messages: oracle.sent(),
            outages,
            repetitions: oracle.repetitions(),
            slowest,
            took: begin.elapsed(),
            breaches: oracle.texts(),
        })
    }

    async fn perform(&self, workload: &Workload, factory: &Arc<dyn ConnectionFactory>) {
        let Some(connections) = workload.connect(factory).await else {
            return;
        };
        let mut events: Vec<_> = connections.iter().filter_map(|it| it.events().ok()).collect();
        if let Some(mut tasks) = workload.begin(&connections).await {
            workload.complete(&mut tasks, self.patience * 4).await;
        }
        workload.close(&connections).await;
        for events in &mut events {
            judge_events(events, &workload.scene.oracle);
        }
    }
}

/// Waits until what carries the links has nothing to carry any more.
pub(super) async fn all_closed(faulty: &Faulty, oracle: &Oracle, limit: Duration) {
    let Some(carrier) = &faulty.carrier else {
        return;
    };
    let closed = async || (carrier.open() == 0).then_some(());
    if poll::until(limit, Duration::from_millis(10), closed).await.is_err() {
        oracle.breach(format!("{} links are open after closing", carrier.open()));
    }
}

/// Whether a connection tells of its outages what it should: one event when the link is lost, and one when it is back.
pub(super) fn judge_events(events: &mut Events, oracle: &Oracle) {
    // Nobody knows how it was before the first one.
    let mut up = None;
    while let Some(event) = events.try_next() {
        let now = match event {
            Event::Interrupted { .. } => false,
            Event::Restored { .. } => true,
            Event::ConnectionLost { error } => {
                oracle.breach(format!("a connection was given up: {error}"));
                continue;
            }
            Event::ConsumerEnded { error, .. } => {
                oracle.breach(format!("a consumer ended: {error}"));
                continue;
            }
            Event::ListenerFailed { error, .. } => {
                oracle.breach(format!("a listener failed: {error}"));
                continue;
            }
            Event::Lagged { .. } => {
                up = None;
                continue;
            }
            _ => continue,
        };
        if up.replace(now) == Some(now) {
            let what = if now { "restored" } else { "interrupted" };
            oracle.breach(format!("a connection told twice that it is {what}"));
        }
    }
}

/// Does to the harness's broker what a script says.
struct Hand {
    harness: Arc<dyn Harness>,
    failures: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl BrokerHand for Hand {
    async fn strike(&self, fault: BrokerFault) {
        if let Err(error) = self.harness.strike(fault).await {
            self.failures.lock().push(format!("{} failed: {error}", fault.name()));
        }
    }
}

/// What the provider can do, by a connection without faults.
pub(super) async fn capabilities(harness: &Arc<dyn Harness>) -> Result<Capabilities> {
    let connection: Arc<dyn Connection> = harness.factory().create_connection().await?;
    let capabilities = connection.capabilities()?;
    connection.close().await?;
    Ok(capabilities)
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seed = self.seed;
        match self.broker_fault {
            Some(fault) => write!(f, "{} with seed {seed}", fault.name())?,
            None => write!(f, "seed {seed}")?,
        }
        write!(
            f,
            ": {} messages, {} outages, {} again, went on after {} ms, {:.1} s",
            self.messages,
            self.outages,
            self.repetitions,
            self.slowest.as_millis(),
            self.took.as_secs_f64()
        )
    }
}
