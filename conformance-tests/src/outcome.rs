//! What became of an id.

use std::fmt;

use anymq_api::Capability;
use serde::{Deserialize, Serialize};

use crate::checklist::{Place, by_type};

/// What became of an id, or of one run of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The assertion holds.
    Pass,
    /// It holds, by an emulation of the client's.
    PassEmulated,
    /// The rule leaves a choice; the detail says what was chosen. For [observable](crate::checklist::Check::observable)
    /// ids only.
    Observed,
    /// The capability is not declared, and asking for it was refused as it must be.
    Refused,
    /// Ruled out by Rust's types, or about a promise that the provider does not make.
    NotApplicable,
    /// The harness cannot do what it takes, or nobody asked; the detail says which.
    NotRun,
    /// The assertion does not hold.
    Fail,
}

impl Outcome {
    /// Every outcome, in the order of reports.
    pub const ALL: [Outcome; 7] = [
        Outcome::Pass,
        Outcome::PassEmulated,
        Outcome::Observed,
        Outcome::Refused,
        Outcome::NotApplicable,
        Outcome::NotRun,
        Outcome::Fail,
    ];

    /// The name in reports, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::PassEmulated => "pass_emulated",
            Outcome::Observed => "observed",
            Outcome::Refused => "refused",
            Outcome::NotApplicable => "not_applicable",
            Outcome::NotRun => "not_run",
            Outcome::Fail => "fail",
        }
    }

    /// Whether the provider was put to the test.
    pub const fn has_run(self) -> bool {
        !matches!(self, Outcome::NotApplicable | Outcome::NotRun)
    }

    /// Whether the provider does what the assertion says.
    pub const fn is_pass(self) -> bool {
        matches!(self, Outcome::Pass | Outcome::PassEmulated | Outcome::Observed)
    }

    /// How little the outcome says for the provider: of several runs the highest counts.
    const fn severity(self) -> u8 {
        match self {
            Outcome::Pass => 0,
            Outcome::PassEmulated => 1,
            Outcome::Observed => 2,
            Outcome::NotApplicable => 3,
            Outcome::Refused => 4,
            Outcome::NotRun => 5,
            Outcome::Fail => 6,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One run of an id: on one place, say, or with one prefetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What tells it from the id's other runs, for example `queue` or `queue, prefetch 1`.
    pub label: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// What a reader must know.
    pub detail: Option<String>,
    /// How long it took.
    pub millis: u64,
}

impl Run {
    /// A run without label, detail and duration.
    pub const fn new(outcome: Outcome) -> Self {
        Self {
            label: None,
            outcome,
            detail: None,
            millis: 0,
        }
    }

    /// An id about a promise that the provider does not make.
    pub fn not_applicable(capability: Capability) -> Self {
        Self::new(Outcome::NotApplicable).with_detail(format!("capability: {capability}"))
    }

    /// The same with a detail.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The same with a label.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The same, labelled by its place.
    #[must_use]
    pub fn on(self, place: Place) -> Self {
        self.with_label(place.name())
    }

    /// The same with a duration.
    #[must_use]
    pub const fn took(mut self, millis: u64) -> Self {
        self.millis = millis;
        self
    }

    /// `queue: fail: 3 messages missing`; an unlabelled run alone needs no more than its detail.
    fn describe(&self, alone: bool) -> Option<String> {
        if alone && self.label.is_none() {
            return self.detail.clone();
        }
        let parts = [self.label.as_deref(), Some(self.outcome.name()), self.detail.as_deref()];
        Some(parts.into_iter().flatten().collect::<Vec<_>>().join(": "))
    }
}

/// What became of an id, over all its runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseResult {
    /// The id.
    pub id: String,
    /// What became of it.
    pub outcome: Outcome,
    /// What a reader must know; what happened on each place.
    pub detail: Option<String>,
    /// How long it took.
    pub millis: u64,
}

/// An id that is not on the closed list of [`BY_TYPE`](crate::checklist::BY_TYPE).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not on the list of what types rule out")]
pub struct NotByType(pub String);

impl CaseResult {
    /// Starts the detail of what Rust's types rule out.
    pub(crate) const BY_TYPE: &'static str = "type: ";

    /// A result without detail and duration.
    pub fn new(id: impl Into<String>, outcome: Outcome) -> Self {
        Self {
            id: id.into(),
            outcome,
            detail: None,
            millis: 0,
        }
    }

    /// The same with a detail.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The result of an id that Rust's types rule out.
    ///
    /// # Errors
    /// [`NotByType`] for an id outside the closed list.
    pub fn by_type(id: &str) -> Result<Self, NotByType> {
        let reason = by_type::reason(id).ok_or_else(|| NotByType(id.to_owned()))?;
        Ok(Self::new(id, Outcome::NotApplicable).with_detail(format!("{}{reason}", Self::BY_TYPE)))
    }

    /// One result of an id's runs: the worst outcome counts, from bad to good `fail`, `not_run`, `refused`,
    /// `not_applicable`, `observed`, `pass_emulated`, `pass`, and the detail says what each run gave.
    ///
    /// A run is made on each place that the provider declares. One that it does not declare is no run and contributes
    /// nothing: a provider without topics passes an id by passing it on queues. Where it declares a place but not what
    /// else the id needs there (topics, and no selectors on them), that run is refused, and so is the id, for no more
    /// may be claimed for it than for its worst place. An id with no run at all was not run: nothing passes by not
    /// running. The caller gives an id none of whose places is declared one run: the refusal of the place.
    pub fn merge(id: impl Into<String>, runs: &[Run]) -> Self {
        let Some(worst) = runs
            .iter()
            .map(|run| run.outcome)
            .max_by_key(|outcome| outcome.severity())
        else {
            return Self::new(id, Outcome::NotRun).with_detail("no run");
        };
        let details: Vec<_> = runs.iter().filter_map(|run| run.describe(runs.len() == 1)).collect();
        Self {
            id: id.into(),
            outcome: worst,
            detail: (!details.is_empty()).then(|| details.join("; ")),
            millis: runs.iter().fold(0, |sum, run| sum.saturating_add(run.millis)),
        }
    }

    /// Whether it claims to be ruled out by types.
    pub(crate) fn claims_type(&self) -> bool {
        let claim = self
            .detail
            .as_deref()
            .is_some_and(|detail| detail.starts_with(Self::BY_TYPE));
        self.outcome == Outcome::NotApplicable && claim
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(runs: &[Run]) -> (Outcome, String) {
        let result = CaseResult::merge("CONN-01", runs);
        (result.outcome, result.detail.unwrap_or_default())
    }

    #[test]
    fn names_are_those_of_json() {
        for outcome in Outcome::ALL {
            let json = serde_json::to_value(outcome).unwrap();
            assert_eq!(json, outcome.name());
        }
    }

    #[test]
    fn the_worst_outcome_counts() {
        use Outcome::*;
        let from_bad_to_good = [Fail, NotRun, Refused, NotApplicable, Observed, PassEmulated, Pass];
        for pair in from_bad_to_good.windows(2) {
            let runs: Vec<_> = pair.iter().map(|&outcome| Run::new(outcome)).collect();
            assert_eq!(merged(&runs).0, pair[0]);
        }
    }

    #[test]
    fn details_tell_the_runs_apart() {
        let runs = [
            Run::new(Outcome::Pass).on(Place::Queue).took(3),
            Run::new(Outcome::Fail)
                .on(Place::Topic)
                .with_detail("2 missing")
                .took(4),
        ];
        assert_eq!(
            merged(&runs),
            (Outcome::Fail, "queue: pass; topic: fail: 2 missing".to_owned())
        );
        assert_eq!(CaseResult::merge("CONN-01", &runs).millis, 7);
    }

    #[test]
    fn one_place_alone_is_still_named() {
        let run = Run::new(Outcome::Pass).on(Place::Queue);
        assert_eq!(merged(&[run]), (Outcome::Pass, "queue: pass".to_owned()));
    }

    #[test]
    fn a_single_run_without_label_keeps_its_detail() {
        let run = Run::new(Outcome::Observed).with_detail("illegal state");
        assert_eq!(merged(&[run]), (Outcome::Observed, "illegal state".to_owned()));
        assert_eq!(CaseResult::merge("CONN-01", &[Run::new(Outcome::Pass)]).detail, None);
    }

    #[test]
    fn a_place_not_declared_contributes_nothing_but_no_run_is_no_pass() {
        assert_eq!(merged(&[Run::new(Outcome::Pass).on(Place::Queue)]).0, Outcome::Pass);
        assert_eq!(merged(&[]), (Outcome::NotRun, "no run".to_owned()));
    }

    #[test]
    fn a_declared_place_that_lacks_what_the_id_needs_counts() {
        let queue = Run::new(Outcome::Refused)
            .on(Place::Queue)
            .with_detail("queue_selectors");
        let topic = Run::new(Outcome::PassEmulated).on(Place::Topic);
        let expected = "queue: refused: queue_selectors; topic: pass_emulated".to_owned();
        assert_eq!(merged(&[queue, topic]), (Outcome::Refused, expected));
    }

    #[test]
    fn only_listed_ids_are_ruled_out_by_type() {
        let listed = CaseResult::by_type("SES-02").unwrap();
        assert_eq!(listed.outcome, Outcome::NotApplicable);
        assert!(listed.claims_type());
        assert_eq!(CaseResult::by_type("SES-01"), Err(NotByType("SES-01".to_owned())));
        assert!(!CaseResult::merge("PRI-01", &[Run::not_applicable(Capability::Priority)]).claims_type());
    }
}
