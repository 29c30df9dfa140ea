//! Many trials, one after the other.

use std::{fmt, sync::Arc, time::Duration};

use anymq_api::BoxError;

use super::{BrokerFault, Plan, Verdict, tap::Tapper, trial::Bench};
use crate::{harness::Harness, runner::RunError};

/// What to try.
#[derive(Clone, Debug)]
pub struct FaultRequest {
    /// The first number.
    pub first: u64,
    /// How many numbers.
    pub seeds: u64,
    /// How many messages for each.
    pub messages: u32,
    /// Whether the broker's own faults are tried, too, each once.
    pub broker_faults: bool,
    /// Of these, this one alone.
    pub broker_fault: Option<BrokerFault>,
    /// How long a call may take, whatever happens to the link.
    pub patience: Duration,
    /// Somebody between the driver and the fail-over, for tests of the tests.
    pub tapper: Option<Arc<dyn Tapper>>,
}

impl FaultRequest {
    /// So many numbers from 1 on, with 1000 messages each.
    pub fn new(seeds: u64) -> Self {
        Self {
            first: 1,
            seeds,
            messages: 1000,
            broker_faults: false,
            broker_fault: None,
            patience: Duration::from_secs(20),
            tapper: None,
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// On what.
    pub target: String,
    /// How many trials.
    pub trials: u64,
    /// How many messages were confirmed.
    pub messages: u64,
    /// How many faults came.
    pub outages: u64,
    /// How many messages were handed over again.
    pub repetitions: u64,
    /// How many replies came to temporary destinations.
    pub replies: u64,
    /// How long it took at most until something was delivered after the link came back.
    pub slowest: Duration,
    /// How many breaches.
    pub breaches: usize,
    /// The numbers that had any.
    pub broken: Vec<u64>,
}

impl Summary {
    fn add(&mut self, verdict: &Verdict) {
        self.trials += 1;
        self.messages += verdict.messages;
        self.outages += u64::from(verdict.outages);
        self.repetitions += verdict.repetitions;
        self.replies += verdict.replies;
        self.slowest = self.slowest.max(verdict.slowest);
        self.breaches += verdict.breaches.len();
        if !verdict.breaches.is_empty() {
            self.broken.push(verdict.seed);
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "faults {}: {} seeds, {} messages, {} replies, {} outages, {} again, went on within {} ms, {} breaches",
            self.target,
            self.trials,
            self.messages,
            self.replies,
            self.outages,
            self.repetitions,
            self.slowest.as_millis(),
            self.breaches
        )?;
        if !self.broken.is_empty() {
            let broken: Vec<_> = self.broken.iter().map(ToString::to_string).collect();
            write!(f, " (seeds {})", broken.join(", "))?;
        }
        Ok(())
    }
}

/// Who is told of each trial.
pub type Told<'a> = &'a mut (dyn FnMut(&Verdict, &str) + Send);

/// Tries a provider; `told` hears of each trial and how to repeat it.
///
/// # Errors
/// When the harness has no links with faults, or cannot make them.
pub async fn run_faults(
    harness: &Arc<dyn Harness>,
    request: &FaultRequest,
    told: Told<'_>,
) -> Result<Summary, RunError> {
    let failed = |source: BoxError| RunError::Target {
        target: harness.target().to_owned(),
        source,
    };
    let bench = Bench::new(harness, request.patience).await;
    let bench = Bench {
        tapper: request.tapper.clone(),
        ..bench.map_err(|error| failed(error.into()))?
    };
    let mut summary = Summary {
        target: harness.target().to_owned(),
        ..Summary::default()
    };
    let mut trials: Vec<_> = (request.first..request.first.saturating_add(request.seeds))
        .map(|seed| (seed, None))
        .collect();
    if request.broker_faults || request.broker_fault.is_some() {
        let wanted = |fault: &&BrokerFault| request.broker_fault.is_none_or(|only| only == **fault);
        let faults = harness.broker_faults().iter().filter(wanted);
        trials.extend(faults.map(|&fault| (request.first, Some(fault))));
    }
    for (seed, fault) in trials {
        let bench = match fault {
            // A broker needs its time.
            Some(_) => Bench {
                patience: request.patience * 6,
                ..bench.clone()
            },
            None => bench.clone(),
        };
        let verdict = match fault {
            // What is deleted is lost, so no workload is judged over it.
            Some(BrokerFault::DeleteQueue) => bench.deleted_queue().await,
            _ => bench.trial(seed, request.messages, fault).await,
        };
        let verdict = verdict.map_err(failed)?;
        summary.add(&verdict);
        told(&verdict, &replay(harness.target(), seed, request.messages, fault));
    }
    Ok(summary)
}

/// What to say to have it once more, and what happens then.
fn replay(target: &str, seed: u64, messages: u32, fault: Option<BrokerFault>) -> String {
    let (seeds, plan) = match fault {
        Some(fault) => (
            format!("--seeds 0 --broker-fault {}", fault.name()),
            Plan::of_broker(fault, messages),
        ),
        None => ("--seeds 1".to_owned(), Plan::of(seed, messages)),
    };
    format!("conformance faults --target {target} {seeds} --first {seed} --messages {messages} ({plan})")
}
