use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::{Report, ReportError};
use crate::checklist::{self, Area};
use crate::{CaseResult, Outcome};

/// One suite an area; what was refused, not applicable or not run counts as skipped.
pub(super) fn render(report: &Report) -> Result<String, ReportError> {
    let mut page = quick_junit::Report::new(format!("anymq-conformance {}", report.target()));
    page.add_test_suites(Area::ALL.iter().map(|&area| suite(report, area)));
    page.to_string()
        .map_err(|error| ReportError::Unwritable(error.to_string()))
}

fn suite(report: &Report, area: Area) -> TestSuite {
    let mut suite = TestSuite::new(area.name());
    suite.add_property(("provider", report.provider()));
    suite.add_property(("broker", report.broker()));
    suite.add_test_cases(report.area(area).map(|case| test_case(report, area, case)));
    suite
}

fn test_case(report: &Report, area: Area, result: &CaseResult) -> TestCase {
    let mut case = TestCase::new(name(result), status(result));
    case.set_classname(format!("{}.{area}", report.target()));
    case.set_time(Duration::from_millis(result.millis));
    if result.outcome.is_pass() && result.outcome != Outcome::Pass {
        case.set_system_out(message(result));
    }
    case
}

fn name(result: &CaseResult) -> String {
    let assertion = checklist::find(&result.id).map_or("", |check| check.assertion);
    format!("{} {assertion}", result.id)
}

fn status(result: &CaseResult) -> TestCaseStatus {
    let mut status = match result.outcome {
        Outcome::Pass | Outcome::PassEmulated | Outcome::Observed => TestCaseStatus::success(),
        Outcome::Refused | Outcome::NotApplicable | Outcome::NotRun => TestCaseStatus::skipped(),
        Outcome::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    status.set_message(message(result));
    status
}

fn message(result: &CaseResult) -> String {
    match &result.detail {
        Some(detail) => format!("{}: {detail}", result.outcome),
        None => result.outcome.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn outcomes_become_what_junit_knows() {
        let page = render(&sample("in-vm")).unwrap();
        assert!(
            page.contains(r#"tests="389" skipped="384" failures="1" errors="0""#),
            "{}",
            &page[..300]
        );
        assert!(page.contains(r#"<testsuite name="CONN" tests="23" skipped="18" errors="0" failures="1">"#));
        assert!(page.contains(r#"classname="in-vm.CONN" time="0.012""#));
        assert!(page.contains(r#"<failure message="fail: queue: pass; topic: fail: 2 missing"#));
        assert!(page.contains(r#"<skipped message="refused: xa"/>"#));
        assert!(page.contains(r#"<skipped message="not_run: no case yet"/>"#));
        assert!(page.contains("<system-out>observed: illegal state</system-out>"));
    }

    #[test]
    fn the_same_report_gives_the_same_page() {
        assert_eq!(render(&sample("in-vm")), render(&sample("in-vm")));
    }
}
