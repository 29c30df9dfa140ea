use std::{io::Write, num::NonZeroU64};

use clap::Args;

use super::{CliError, FAILURE, SUCCESS};
use crate::{
    fault::{BrokerFault, FaultRequest, Summary, run_faults},
    runner::{self, RunError, TargetSpec},
};

#[derive(Args, Debug)]
pub(super) struct Faults {
    /// A target that this program knows.
    #[arg(long, value_name = "NAME")]
    target: String,
    /// How many numbers to try; each stands for its faults.
    #[arg(long, value_name = "N", default_value_t = 10)]
    seeds: u64,
    /// The first number.
    #[arg(long, value_name = "S", default_value = "1")]
    first: NonZeroU64,
    /// How many messages for each number.
    #[arg(long, value_name = "M", default_value_t = 1000)]
    messages: u32,
    /// Let something happen to the broker itself, too: a restart, a crash, and what else the target knows.
    #[arg(long = "broker-faults")]
    of_broker: bool,
    /// Of these, this one alone.
    #[arg(long, value_name = "NAME", value_parser = broker_fault)]
    broker_fault: Option<BrokerFault>,
    /// Tell of each number what happened when.
    #[arg(long)]
    verbose: bool,
}

fn broker_fault(name: &str) -> Result<BrokerFault, String> {
    let names = BrokerFault::OF_CLUSTER.map(BrokerFault::name);
    BrokerFault::named(name).ok_or_else(|| format!("these are known: {}", names.join(", ")))
}

impl Faults {
    pub(super) fn execute(&self, out: &mut dyn Write, err: &mut (dyn Write + Send)) -> Result<u8, CliError> {
        let mut request = FaultRequest::new(self.seeds);
        request.first = self.first.get();
        request.messages = self.messages;
        request.broker_faults = self.of_broker;
        request.broker_fault = self.broker_fault;
        let target = TargetSpec::Named(self.target.clone());
        let summary = runner::on_target(&target, async |harness| self.run(harness, &request, err).await)?;
        writeln!(out, "{summary}")?;
        out.flush()?;
        Ok(if summary.breaches == 0 { SUCCESS } else { FAILURE })
    }

    async fn run(
        &self,
        harness: &std::sync::Arc<dyn crate::harness::Harness>,
        request: &FaultRequest,
        err: &mut (dyn Write + Send),
    ) -> Result<Summary, RunError> {
        let mut told = |verdict: &crate::fault::Verdict, replay: &str| {
            // Whoever does not listen still gets the summary.
            let _ = writeln!(err, "{verdict}");
            if self.verbose {
                for note in &verdict.timeline {
                    let _ = writeln!(err, "  {note}");
                }
            }
            for breach in &verdict.breaches {
                let _ = writeln!(err, "  BREACH: {breach}");
            }
            if !verdict.breaches.is_empty() {
                let _ = writeln!(err, "  again: {replay}");
            }
        };
        run_faults(harness, request, &mut told).await
    }
}
