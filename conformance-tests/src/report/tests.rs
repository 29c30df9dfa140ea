use super::*;
use crate::Run;
use crate::checklist::{BY_TYPE, Place};

/// A report with each outcome.
pub(crate) fn sample(target: &str) -> Report {
    let runs = [
        Run::new(Outcome::Pass).on(Place::Queue),
        Run::new(Outcome::Fail)
            .on(Place::Topic)
            .with_detail("2 missing\nm1, m2"),
    ];
    let results = [
        CaseResult::new("XA-01", Outcome::Refused).with_detail("xa"),
        CaseResult::new("CONN-13", Outcome::Observed).with_detail("illegal state"),
        CaseResult::new("CONN-04", Outcome::PassEmulated),
        CaseResult::new("CONN-02", Outcome::Pass),
        CaseResult::merge("CONN-03", &runs),
        CaseResult::merge("CONN-01", &[Run::new(Outcome::Pass).took(12)]),
    ];
    Report::build(target, "anymq-in-vm 0.1.0", "itself", results).unwrap()
}

fn build(results: impl IntoIterator<Item = CaseResult>) -> Result<Report, ReportError> {
    Report::build("in-vm", "anymq-in-vm 0.1.0", "itself", results)
}

fn passed(id: &str) -> CaseResult {
    CaseResult::new(id, Outcome::Pass)
}

fn case<'a>(report: &'a Report, id: &str) -> &'a CaseResult {
    report.cases().iter().find(|case| case.id == id).unwrap()
}

#[test]
fn every_id_is_listed_in_order() {
    let report = build([passed("XA-01"), passed("CONN-02")]).unwrap();
    let listed: Vec<_> = report.cases().iter().map(|case| case.id.as_str()).collect();
    let order: Vec<_> = checklist::all().map(|check| check.id).collect();
    assert_eq!(listed, order);
    assert_eq!(report.counts().total(), order.len());
    assert_eq!(report.counts().passed(), 2);
}

#[test]
fn an_id_without_result_says_why() {
    let report = build([passed("CONN-02")]).unwrap();
    assert_eq!(case(&report, "CONN-01").outcome, Outcome::NotRun);
    assert_eq!(case(&report, "CONN-01").detail.as_deref(), Some("no case yet"));
    for (id, reason) in BY_TYPE {
        assert_eq!(case(&report, id).outcome, Outcome::NotApplicable);
        assert_eq!(case(&report, id).detail, Some(format!("type: {reason}")));
    }
}

#[test]
fn unknown_and_duplicate_ids_are_refused() {
    assert_eq!(
        build([passed("CONN-10")]),
        Err(ReportError::Unknown("CONN-10".to_owned()))
    );
    let twice = [passed("CONN-01"), CaseResult::new("CONN-01", Outcome::Fail)];
    assert_eq!(build(twice), Err(ReportError::Duplicate("CONN-01".to_owned())));
}

#[test]
fn nothing_run_is_an_error() {
    assert_eq!(build([]), Err(ReportError::NothingRan));
    assert_eq!(
        build([CaseResult::new("CONN-01", Outcome::NotRun)]),
        Err(ReportError::NothingRan)
    );
    assert_eq!(
        build([CaseResult::new("PRI-01", Outcome::NotApplicable)]),
        Err(ReportError::NothingRan)
    );
    assert!(build([CaseResult::new("XA-01", Outcome::Refused)]).is_ok());
}

#[test]
fn a_choice_must_be_the_rules() {
    let seen = |id| CaseResult::new(id, Outcome::Observed).with_detail("illegal state");
    let report = build([seen("CONN-13"), seen("CONN-01")]).unwrap();
    assert_eq!(case(&report, "CONN-13").outcome, Outcome::Observed);
    assert_eq!(case(&report, "CONN-01").outcome, Outcome::Fail);
    let detail = "observed, but the rule leaves no choice: illegal state";
    assert_eq!(case(&report, "CONN-01").detail.as_deref(), Some(detail));
}

#[test]
fn an_id_outside_the_list_cannot_claim_types() {
    let claim = CaseResult::new("CONN-01", Outcome::NotApplicable).with_detail("type: an enum");
    let report = build([passed("CONN-02"), claim]).unwrap();
    assert_eq!(case(&report, "CONN-01").outcome, Outcome::Fail);
    assert_eq!(report.exit_code(), 1);
}

#[test]
fn success_needs_a_run_and_no_failure() {
    assert_eq!(build([passed("CONN-01")]).unwrap().exit_code(), 0);
    assert_eq!(sample("in-vm").exit_code(), 1);
}

#[test]
fn each_format_ends_its_last_line() {
    for format in Format::value_variants() {
        let text = sample("in-vm").render(*format).unwrap();
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{format:?}");
    }
}
