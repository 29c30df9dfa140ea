//! Reports: what became of every id, for one provider on one broker.
//!
//! A report always lists every id in the order of the checklist; nothing vanishes from it and nothing passes by not
//! running.

mod human;
mod json;
mod junit;
mod markdown;
pub mod readme;

use std::collections::{BTreeMap, HashMap};

use clap::ValueEnum;
use serde::Serialize;

use crate::checklist::{self, Area, Check};
use crate::{CaseResult, Outcome};

pub use markdown::matrix;

/// What became of every id, for one provider on one broker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    target: String,
    provider: String,
    broker: String,
    counts: Counts,
    cases: Vec<CaseResult>,
}

/// How many ids had each outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Counts(BTreeMap<Outcome, usize>);

/// Why results make no report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A result for an id that is not on the checklist.
    #[error("{0} is not on the checklist")]
    Unknown(String),
    /// Two results for one id.
    #[error("{0} has two results")]
    Duplicate(String),
    /// No id was put to the test.
    #[error("no id was run")]
    NothingRan,
    /// The text is no report.
    #[error("not a report: {0}")]
    Malformed(String),
    /// A report cannot be written.
    #[error("cannot write the report: {0}")]
    Unwritable(String),
}

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables and details for people.
    #[default]
    Human,
    /// The report itself.
    Json,
    /// What CI servers read.
    Junit,
    /// A table for a README.
    Markdown,
}

impl Report {
    /// Puts results together: in order, counted, and with every id.
    ///
    /// An id without a result is `not_applicable` where Rust's types rule it out, else `not_run`. A result that its id
    /// does not allow (`observed` where the rule leaves no choice, or a claim to be ruled out by types from outside
    /// the list) becomes a `fail` that says so.
    ///
    /// # Errors
    /// [`ReportError::Unknown`] and [`ReportError::Duplicate`] for ids; [`ReportError::NothingRan`] when no id was put
    /// to the test.
    pub fn build(
        target: impl Into<String>,
        provider: impl Into<String>,
        broker: impl Into<String>,
        results: impl IntoIterator<Item = CaseResult>,
    ) -> Result<Self, ReportError> {
        let mut by_id = index(results)?;
        let cases: Vec<_> = checklist::all()
            .map(|check| {
                by_id
                    .remove(check.id)
                    .map_or_else(|| absent(check), |result| judged(check, result))
            })
            .collect();
        if !cases.iter().any(|case| case.outcome.has_run()) {
            return Err(ReportError::NothingRan);
        }
        Ok(Self {
            target: target.into(),
            provider: provider.into(),
            broker: broker.into(),
            counts: Counts::of(&cases),
            cases,
        })
    }

    /// Reads a report from its JSON form, with the guarantees of [`build`](Self::build).
    ///
    /// # Errors
    /// [`ReportError::Malformed`], or as `build`.
    pub fn from_json(text: &str) -> Result<Self, ReportError> {
        json::read(text)
    }

    /// Writes the report; the text ends in a line feed.
    ///
    /// # Errors
    /// [`ReportError::Unwritable`] when a format cannot hold it.
    pub fn render(&self, format: Format) -> Result<String, ReportError> {
        match format {
            Format::Human => Ok(human::render(self)),
            Format::Json => json::render(self),
            Format::Junit => junit::render(self),
            Format::Markdown => Ok(matrix(std::slice::from_ref(self))),
        }
    }

    /// What was tested, for example `in-vm`.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The provider with its version.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The broker with its version.
    pub fn broker(&self) -> &str {
        &self.broker
    }

    /// How many ids had each outcome.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Every id, in the order of the checklist.
    pub fn cases(&self) -> &[CaseResult] {
        &self.cases
    }

    /// The ids of one area, in order.
    pub fn area(&self, area: Area) -> impl Iterator<Item = &CaseResult> {
        self.cases
            .iter()
            .filter(move |case| checklist::find(&case.id).is_some_and(|check| check.area == area))
    }

    /// 0 when something ran and nothing failed, else 1.
    pub fn exit_code(&self) -> u8 {
        let ran = self.cases.iter().any(|case| case.outcome.has_run());
        u8::from(!ran || self.counts.get(Outcome::Fail) > 0)
    }

    /// One line: `in-vm: 250 pass, 0 pass_emulated, 12 observed, 0 fail, …`.
    pub fn summary(&self) -> String {
        const ORDER: [Outcome; 7] = [
            Outcome::Pass,
            Outcome::PassEmulated,
            Outcome::Observed,
            Outcome::Fail,
            Outcome::Refused,
            Outcome::NotApplicable,
            Outcome::NotRun,
        ];
        let counts = ORDER.map(|outcome| format!("{} {outcome}", self.counts.get(outcome)));
        format!("{}: {}", self.target, counts.join(", "))
    }
}

impl Counts {
    /// Counts results.
    pub fn of<'a>(cases: impl IntoIterator<Item = &'a CaseResult>) -> Self {
        let mut counts: BTreeMap<_, _> = Outcome::ALL.into_iter().map(|outcome| (outcome, 0)).collect();
        for case in cases {
            *counts.entry(case.outcome).or_default() += 1;
        }
        Self(counts)
    }

    /// How many had one outcome.
    pub fn get(&self, outcome: Outcome) -> usize {
        self.0.get(&outcome).copied().unwrap_or_default()
    }

    /// How many had any.
    pub fn total(&self) -> usize {
        self.0.values().sum()
    }

    /// How many hold: passes of each sort, and observations.
    pub fn passed(&self) -> usize {
        self.0
            .iter()
            .filter(|(outcome, _)| outcome.is_pass())
            .map(|(_, count)| count)
            .sum()
    }
}

fn index(results: impl IntoIterator<Item = CaseResult>) -> Result<HashMap<String, CaseResult>, ReportError> {
    let mut by_id = HashMap::new();
    for result in results {
        if checklist::find(&result.id).is_none() {
            return Err(ReportError::Unknown(result.id));
        }
        if let Some(first) = by_id.insert(result.id.clone(), result) {
            return Err(ReportError::Duplicate(first.id));
        }
    }
    Ok(by_id)
}

fn absent(check: &Check) -> CaseResult {
    CaseResult::by_type(check.id)
        .unwrap_or_else(|_| CaseResult::new(check.id, Outcome::NotRun).with_detail("no case yet"))
}

fn judged(check: &Check, mut result: CaseResult) -> CaseResult {
    let complaint = if result.outcome == Outcome::Observed && !check.observable {
        "observed, but the rule leaves no choice"
    } else if result.claims_type() && checklist::by_type::reason(check.id).is_none() {
        "not on the list of what types rule out"
    } else {
        return result;
    };
    result.outcome = Outcome::Fail;
    result.detail = Some(match result.detail {
        Some(detail) => format!("{complaint}: {detail}"),
        None => complaint.to_owned(),
    });
    result
}

#[cfg(test)]
pub(crate) mod tests;
