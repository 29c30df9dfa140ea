//! One run with one number.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use anymq_api::{
    BoxError, Capabilities, Capability, ConnectOptions, Connection, ConnectionFactory, ReconnectPolicy, Result, Topic,
    kernel::{FactoryOptions, factory, failover_factory},
    spi::{Driver, ProviderSetup},
};
use async_trait::async_trait;
use parking_lot::Mutex;

use super::{
    BrokerFault, BrokerHand, Note, Plan, Script,
    census::Census,
    oracle::Oracle,
    tap::{TappedDriver, Tapper, TimedDriver, Witness},
    workload::{Cast, Promises},
};
use crate::{harness::Harness, poll};

/// Connections whose links follow a script.
#[derive(Debug)]
pub struct Faulty {
    /// Makes them.
    pub driver: Arc<dyn Driver>,
    /// Make them where that one cannot, in this order.
    pub others: Vec<Arc<dyn Driver>>,
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
    /// What it can do with topics.
    pub(super) of_topics: Capabilities,
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
    /// How many replies came to temporary destinations.
    pub replies: u64,
    /// How long it took at most until something was delivered after the link came back.
    pub slowest: Duration,
    /// How long the trial took.
    pub took: Duration,
    /// What must not be.
    pub breaches: Vec<String>,
    /// What happened when.
    pub timeline: Vec<Note>,
}

/// How soon delivery must go on after the link has come back.
pub(super) const RESUMED: Duration = Duration::from_secs(10);
/// How long a link without heart-beats may be half-open.
const SHORT: Duration = Duration::from_millis(300);

impl Bench {
    /// For this provider, with this patience.
    pub(super) async fn new(harness: &Arc<dyn Harness>, patience: Duration) -> Result<Self> {
        let (capabilities, of_topics) = capabilities(harness).await?;
        Census::calm(RESUMED).await;
        Ok(Self {
            harness: Arc::clone(harness),
            capabilities,
            of_topics,
            tapper: None,
            patience,
            failures: Arc::default(),
        })
    }

    /// Who takes part in the run of this number.
    pub(super) fn cast(&self, seed: u64, messages: Option<u32>) -> Cast {
        let promises = |of: &Capabilities| Promises {
            flagged: of.supports(Capability::RedeliveryFlag),
            keeps_order: self.harness.keeps_order_over_outages(),
            asked_for: self.harness.sends_what_is_asked_for(),
        };
        let cast = Cast::of(seed, messages, &self.capabilities);
        cast.with_promises(promises(&self.capabilities), promises(&self.of_topics))
    }

    /// Connections that reconnect for ever over the links of a script.
    pub(super) fn factory(
        &self,
        faulty: &Faulty,
        script: &Arc<Script>,
        witness: &Arc<Witness>,
    ) -> Result<Arc<dyn ConnectionFactory>> {
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
        let options = FactoryOptions::new().with_connect(options);
        let witness: Arc<dyn Tapper> = Arc::clone(witness) as _;
        let mut drivers: Vec<_> = std::iter::once(&faulty.driver)
            .chain(&faulty.others)
            .map(|driver| Arc::new(TimedDriver::new(Arc::clone(driver), Arc::clone(script))) as _)
            .collect();
        for tapper in std::iter::once(&witness).chain(&self.tapper) {
            drivers = tapped(drivers, tapper);
        }
        if let [only] = &drivers[..] {
            return Ok(factory(Arc::clone(only), options));
        }
        let setups = drivers
            .into_iter()
            .map(|driver| ProviderSetup::new(driver, ConnectOptions::new()));
        failover_factory(setups.collect(), options)
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
        let plan = match broker_fault {
            Some(fault) => Plan::of_broker(fault, messages),
            None => Plan::of(seed, messages),
        };
        let cast = self.cast(seed, Some(messages));
        let prefix = format!("faults-{seed}-{}", broker_fault.map_or("links", BrokerFault::name));
        let stage = self.stage(plan, cast, prefix, |scene| scene).await?;
        stage.perform(broker_fault.is_some(), async || ()).await;
        for failure in self.failures.lock().drain(..) {
            stage.oracle.breach(failure);
        }
        let ended = stage.leave().await;
        let oracle = ended.oracle;
        Ok(Verdict {
            seed,
            broker_fault,
            messages: oracle.sent(),
            outages: ended.outages,
            repetitions: oracle.repetitions(),
            replies: oracle.replies(),
            slowest: ended.slowest,
            took: begin.elapsed(),
            breaches: oracle.texts(),
            timeline: ended.timeline.notes(),
        })
    }
}

/// The same with somebody on their links.
fn tapped(drivers: Vec<Arc<dyn Driver>>, tapper: &Arc<dyn Tapper>) -> Vec<Arc<dyn Driver>> {
    let mut first: Option<Arc<TappedDriver>> = None;
    let with_tap = |driver| {
        let driver = Arc::new(match &first {
            Some(first) => first.beside(driver),
            None => TappedDriver::new(driver, Arc::clone(tapper)),
        });
        first.get_or_insert_with(|| Arc::clone(&driver));
        driver as Arc<dyn Driver>
    };
    drivers.into_iter().map(with_tap).collect()
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
/// With default options, and with topics.
async fn capabilities(harness: &Arc<dyn Harness>) -> Result<(Capabilities, Capabilities)> {
    let connection: Arc<dyn Connection> = harness.factory().create_connection().await?;
    let capabilities = connection.capabilities()?;
    let of_topics = connection.capabilities_of(&Topic::new("any")?)?;
    connection.close().await?;
    Ok((capabilities, of_topics))
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
            ": {} messages, {} replies, {} outages, {} again, went on after {} ms, {:.1} s",
            self.messages,
            self.replies,
            self.outages,
            self.repetitions,
            self.slowest.as_millis(),
            self.took.as_secs_f64()
        )
    }
}
