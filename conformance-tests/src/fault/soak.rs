//! One long run with a fault now and then, and whether memory and tasks stay as they are.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use anymq_api::BoxError;

use super::{
    Dice, Plan, Script,
    census::{memory, tasks},
    growth::Growth,
    oracle::Oracle,
    plan,
    trial::Bench,
};
use crate::{harness::Harness, runner::RunError};

/// What to do for how long.
#[derive(Clone, Debug)]
pub struct SoakRequest {
    /// Which workload, and which faults.
    pub seed: u64,
    /// How long.
    pub duration: Duration,
    /// How long from one fault to the next.
    pub between: Duration,
    /// How often progress is told.
    pub report: Duration,
    /// The pause of each sender after a message.
    pub pace: Duration,
}

impl SoakRequest {
    /// A fault a minute, progress every ten seconds.
    pub fn new(duration: Duration) -> Self {
        Self {
            seed: 1,
            duration,
            between: Duration::from_secs(60),
            report: Duration::from_secs(10),
            pace: Duration::from_millis(2),
        }
    }
}

/// How it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Since the beginning.
    pub elapsed: Duration,
    /// How many messages were confirmed.
    pub messages: u64,
    /// How many were handed over again.
    pub repetitions: u64,
    /// How many faults came.
    pub outages: u32,
    /// Of the process, in bytes.
    pub memory: u64,
    /// Of the runtime.
    pub tasks: usize,
    /// What must not be.
    pub breaches: u64,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct SoakSummary {
    /// On what.
    pub target: String,
    /// At the end.
    pub last: Progress,
    /// What must not be; that something grew is among it.
    pub breaches: Vec<String>,
    growth: Growth,
}

/// What is remembered, of each sender. More than can be under way.
const KEPT: u32 = 20_000;

/// Who is told how it stands.
pub type Progressing<'a> = &'a mut (dyn FnMut(&Progress) + Send);

/// Lets a provider work for a long time.
///
/// # Errors
/// When the harness has no links with faults, or cannot make them.
pub async fn run_soak(
    harness: &Arc<dyn Harness>,
    request: &SoakRequest,
    told: Progressing<'_>,
) -> Result<SoakSummary, RunError> {
    let failed = |source: BoxError| RunError::Target {
        target: harness.target().to_owned(),
        source,
    };
    let bench = Bench::new(harness, Duration::from_secs(30)).await;
    let bench = bench.map_err(|error| failed(error.into()))?;
    bench.soak(request, told).await.map_err(failed)
}

impl Bench {
    async fn soak(&self, request: &SoakRequest, told: Progressing<'_>) -> Result<SoakSummary, BoxError> {
        let cast = self.cast(request.seed, None);
        let prefix = format!("soak-{}", request.seed);
        let stage = self
            .stage(Plan::quiet(), cast, prefix, |scene| scene.with_pace(request.pace))
            .await?;
        let mut growth = Growth::default();
        let mut last = Progress::default();
        let watching = async || {
            let mut watch = Watch {
                begin: Instant::now(),
                oracle: &stage.oracle,
                script: &stage.script,
                growth: &mut growth,
            };
            last = watch.over(request, told).await;
            stage.workload.scene.stop_producing();
        };
        stage.perform(false, watching).await;
        let oracle = stage.leave().await.oracle;
        for grown in growth.breaches() {
            oracle.breach(grown);
        }
        last.breaches = oracle.breaches();
        last.messages = oracle.sent();
        Ok(SoakSummary {
            target: self.harness.target().to_owned(),
            last,
            breaches: oracle.texts(),
            growth,
        })
    }
}

/// Looks on.
struct Watch<'a> {
    begin: Instant,
    oracle: &'a Oracle,
    script: &'a Script,
    growth: &'a mut Growth,
}

impl Watch<'_> {
    /// Tells how it stands, and sets off faults, until the time is over or something must not be.
    async fn over(&mut self, request: &SoakRequest, told: Progressing<'_>) -> Progress {
        let mut dice = Dice::new(request.seed, 4);
        let mut reports = tokio::time::interval(request.report);
        let mut faults = tokio::time::interval(request.between);
        // Both tick at once at first.
        reports.tick().await;
        faults.tick().await;
        loop {
            tokio::select! {
                _ = faults.tick() => self.script.add(plan::fault(&mut dice, 100)),
                _ = reports.tick() => {
                    self.oracle.prune(KEPT);
                    let progress = self.progress();
                    self.growth.add(&progress);
                    told(&progress);
                    if progress.elapsed >= request.duration || progress.breaches > 0 {
                        return progress;
                    }
                }
            }
        }
    }

    fn progress(&self) -> Progress {
        Progress {
            elapsed: self.begin.elapsed(),
            messages: self.oracle.sent(),
            repetitions: self.oracle.repetitions(),
            outages: self.script.outages(),
            memory: memory(),
            tasks: tasks(),
            breaches: self.oracle.breaches(),
        }
    }
}

const MEGABYTE: u64 = 1024 * 1024;

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>5} s: {} messages, {} outages, {} again, {} MB, {} tasks, {} breaches",
            self.elapsed.as_secs(),
            self.messages,
            self.outages,
            self.repetitions,
            self.memory / MEGABYTE,
            self.tasks,
            self.breaches
        )
    }
}

impl fmt::Display for SoakSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = &self.last;
        write!(
            f,
            "soak {}: {} s, {} messages, {} outages, {} again",
            self.target,
            last.elapsed.as_secs(),
            last.messages,
            last.outages,
            last.repetitions
        )?;
        match self.growth.ranges() {
            Some([memory, tasks]) => {
                let (from, to) = (memory.0 / MEGABYTE, memory.1 / MEGABYTE);
                write!(f, ", memory {from} to {to} MB, tasks {} to {}", tasks.0, tasks.1)?;
            }
            None => f.write_str(", too short to see growth")?,
        }
        write!(f, ", {} breaches", last.breaches)
    }
}
