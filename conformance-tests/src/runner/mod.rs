//! Running the checklist against a target.

mod engine;
mod filter;
mod progress;
mod target_spec;

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use anymq_api::{BoxError, Topic};
use tokio::runtime::Builder;

use crate::{
    harness::Harness,
    report::{Report, ReportError},
    target,
};
use engine::Engine;

pub use filter::{Filter, FilterError};
pub use progress::{Bar, Progress, Silent};
pub use target_spec::TargetSpec;

/// What to run, and on what.
#[derive(Clone, Debug)]
pub struct RunRequest {
    /// What is put to the test.
    pub target: TargetSpec,
    /// The ids to run; the others are reported as not run.
    pub only: Filter,
    /// How many ids run at the same time.
    pub parallel: NonZeroUsize,
}

/// Why a run gave no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// There is no target of that name.
    #[error("there is no target {name}{}", crate::suggest::hint(*.suggestion))]
    UnknownTarget {
        /// What was asked for.
        name: String,
        /// The target that was perhaps meant.
        suggestion: Option<&'static str>,
    },
    /// The target could not be reached or started.
    #[error("{target}: {source}")]
    Target {
        /// The target, without credentials.
        target: String,
        /// What went wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The results make no report.
    #[error(transparent)]
    Report(#[from] ReportError),
}

impl RunError {
    /// Whether the request was wrong, rather than the run.
    pub const fn is_usage(&self) -> bool {
        matches!(self, RunError::UnknownTarget { .. })
    }
}

/// Runs the ids of the request and reports on all. Starts the target's broker, and ends it whatever happens.
///
/// # Errors
/// [`RunError`] when there is nothing to report; a failed assertion is no error but an outcome.
pub fn run(request: &RunRequest, progress: &dyn Progress) -> Result<Report, RunError> {
    on_target(&request.target, async |harness| {
        run_harness(Arc::clone(harness), request, progress).await
    })
}

/// Starts a target's broker, does something with it, and ends it whatever happens.
pub(crate) fn on_target<T>(
    spec: &TargetSpec,
    work: impl AsyncFnOnce(&Arc<dyn Harness>) -> Result<T, RunError>,
) -> Result<T, RunError> {
    let name = spec.to_string();
    let failed = |source: BoxError| RunError::Target {
        target: name.clone(),
        source,
    };
    let runtime = Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| failed(error.into()))?;
    let working = async {
        let harness = target::start(spec).await?;
        let outcome = work(&harness).await;
        harness.end().await;
        outcome
    };
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = working => outcome,
            // Leaving drops the harness, and with it the broker.
            _ = tokio::signal::ctrl_c() => Err(failed("interrupted".into())),
        }
    });
    runtime.shutdown_timeout(Duration::from_secs(5));
    outcome
}

/// Runs the ids of a request against a harness that is ready, such as a provider author's own.
///
/// # Errors
/// [`RunError`] when the provider cannot be reached, or there is nothing to report.
pub async fn run_harness(
    harness: Arc<dyn Harness>,
    request: &RunRequest,
    progress: &dyn Progress,
) -> Result<Report, RunError> {
    let failed = |error: anymq_api::Error| RunError::Target {
        target: harness.target().to_owned(),
        source: error.into(),
    };
    let connection = harness.factory().create_connection().await.map_err(failed)?;
    let capabilities = connection.capabilities().map_err(failed)?;
    let any_topic = Topic::new("anymq").map_err(failed)?;
    let on_topics = connection.capabilities_of(&any_topic).map_err(failed)?;
    let metadata = connection.metadata().map_err(failed)?;
    connection.close().await.map_err(failed)?;
    let engine = Arc::new(Engine::new(Arc::clone(&harness), capabilities, on_topics));
    let checks = request.only.selected().collect();
    let mut results = engine.run(checks, request.parallel, progress).await;
    results.extend(request.only.left_out());
    let broker = metadata.broker.unwrap_or_default();
    Ok(Report::build(
        harness.target(),
        metadata.provider_name,
        broker,
        results,
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_target_is_a_wrong_request() {
        let error = RunError::UnknownTarget {
            name: "invm".to_owned(),
            suggestion: Some("in-vm"),
        };
        assert_eq!(error.to_string(), "there is no target invm (did you mean in-vm?)");
        assert!(error.is_usage());
    }
}
