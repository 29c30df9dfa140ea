use std::{io::Write, num::NonZeroU64, time::Duration};

use clap::Args;

use super::{CliError, FAILURE, SUCCESS};
use crate::{
    fault::{Progress, SoakRequest, run_soak},
    runner::{self, TargetSpec},
};

#[derive(Args, Debug)]
pub(super) struct Soak {
    /// A target that this program knows.
    #[arg(long, value_name = "NAME")]
    target: String,
    /// For how long.
    #[arg(long, value_name = "M", default_value = "10")]
    minutes: NonZeroU64,
    /// The number of the workload and of the faults.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// How long from one fault to the next, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    fault_every: NonZeroU64,
}

impl Soak {
    pub(super) fn execute(&self, out: &mut dyn Write, err: &mut (dyn Write + Send)) -> Result<u8, CliError> {
        let mut request = SoakRequest::new(Duration::from_secs(self.minutes.get().saturating_mul(60)));
        request.seed = self.seed;
        request.between = Duration::from_secs(self.fault_every.get());
        let target = TargetSpec::Named(self.target.clone());
        let mut told = |progress: &Progress| {
            // Whoever does not listen still gets the summary.
            let _ = writeln!(err, "{progress}");
        };
        let summary = runner::on_target(&target, async |harness| run_soak(harness, &request, &mut told).await)?;
        for breach in &summary.breaches {
            let _ = writeln!(err, "  BREACH: {breach}");
        }
        writeln!(out, "{summary}")?;
        out.flush()?;
        Ok(if summary.breaches.is_empty() { SUCCESS } else { FAILURE })
    }
}
