//! One long run with a fault now and then, and whether memory and tasks stay as they are.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use anymq_api::BoxError;

use super::{
    Dice, Plan, Script,
    census::{Census, memory, tasks},
    oracle::Oracle,
    plan,
    trial::{Bench, RESUMED, all_closed, capabilities, judge_events},
    workload::{Cast, Scene, Workload},
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
    let bench = Bench {
        harness: Arc::clone(harness),
        capabilities: capabilities(harness).await.map_err(|error| failed(error.into()))?,
        tapper: None,
        patience: Duration::from_secs(30),
        failures: Arc::default(),
    };
    bench.soak(request, told).await.map_err(failed)
}

impl Bench {
    async fn soak(&self, request: &SoakRequest, told: Progressing<'_>) -> Result<SoakSummary, BoxError> {
        let before = Census::take(&self.harness).await?;
        let (script, faulty) = self.links(Plan::quiet()).await?;
        let cast = Cast::of(request.seed, None, &self.capabilities);
        let oracle = Arc::new(Oracle::new(Arc::clone(&script), cast.rules()));
        let witness = Arc::default();
        let factory = self.factory(&faulty, &witness);
        let scene = Scene::new(Arc::clone(&oracle), Arc::clone(&script), self.patience).with_pace(request.pace);
        let workload = Workload {
            scene: Arc::new(scene),
            cast,
            prefix: format!("soak-{}", request.seed),
            quiet: self.harness.timing().quiet,
        };
        let mut growth = Growth::default();
        let mut last = Progress::default();
        if let Some(connections) = workload.connect(&factory).await {
            let mut events: Vec<_> = connections.iter().filter_map(|it| it.events().ok()).collect();
            if let Some(mut tasks) = workload.begin(&connections).await {
                let mut watch = Watch {
                    begin: Instant::now(),
                    oracle: &oracle,
                    script: &script,
                    growth: &mut growth,
                };
                last = watch.over(request, told).await;
                workload.scene.stop_producing();
                workload.complete(&mut tasks, self.patience * 4).await;
            }
            workload.close(&connections).await;
            for events in &mut events {
                judge_events(events, &oracle);
            }
        }
        all_closed(&faulty, &oracle, self.patience).await;
        drop(factory);
        workload.drain(&self.harness.factory()).await;
        if oracle.breaches() == 0 {
            oracle.close(&workload.cast.relays());
        }
        if witness.strays() > 0 {
            oracle.breach(format!("{} settlements of an older link", witness.strays()));
        }
        drop((workload, faulty, script));
        if let Err(left_over) = Census::no_more(&self.harness, before, RESUMED).await {
            oracle.breach(left_over);
        }
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

/// Whether something grows: the second quarter of the run beside the last one. The first is needed to get going.
#[derive(Clone, Debug, Default)]
struct Growth {
    memory: Vec<u64>,
    tasks: Vec<u64>,
}

/// What may be added without being growth.
const MEMORY: u64 = 24 * 1024 * 1024;
const TASKS: u64 = 16;
/// Too few to tell.
const FEWEST: usize = 8;

impl Growth {
    fn add(&mut self, progress: &Progress) {
        self.memory.push(progress.memory);
        self.tasks.push(progress.tasks as u64);
    }

    fn breaches(&self) -> Vec<String> {
        let grown = |what: &str, values: &[u64], room: u64| {
            let (early, late) = quarters(values)?;
            (late > early + early / 5 + room).then(|| format!("{what} grew from {early} to {late}"))
        };
        [
            grown("memory", &self.memory, MEMORY),
            grown("the number of tasks", &self.tasks, TASKS),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The medians of the second quarter and of the last.
fn quarters(values: &[u64]) -> Option<(u64, u64)> {
    let quarter = values.len() / 4;
    if values.len() < FEWEST {
        return None;
    }
    let early = median(values.get(quarter..quarter * 2)?)?;
    let late = median(values.get(values.len() - quarter..)?)?;
    Some((early, late))
}

fn median(values: &[u64]) -> Option<u64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
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
        match (quarters(&self.growth.memory), quarters(&self.growth.tasks)) {
            (Some(memory), Some(tasks)) => {
                let (from, to) = (memory.0 / MEGABYTE, memory.1 / MEGABYTE);
                write!(f, ", memory {from} to {to} MB, tasks {} to {}", tasks.0, tasks.1)?;
            }
            _ => f.write_str(", too short to see growth")?,
        }
        write!(f, ", {} breaches", last.breaches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn growth(memory: impl Fn(u64) -> u64) -> Vec<String> {
        let mut growth = Growth::default();
        for minute in 0..40 {
            growth.add(&Progress {
                memory: memory(minute) * MEGABYTE,
                tasks: 20,
                ..Progress::default()
            });
        }
        growth.breaches()
    }

    #[test]
    fn growth_is_told() {
        assert!(growth(|_| 100).is_empty());
        // What goes up and down does not grow.
        assert!(growth(|minute| 100 + minute % 3 * 40).is_empty());
        assert!(growth(|minute| if minute < 5 { 10 } else { 100 }).is_empty());
        assert_eq!(growth(|minute| 100 + minute * 5).len(), 1);
        assert!(quarters(&[1; 7]).is_none());
    }
}
