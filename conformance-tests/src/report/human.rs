use std::fmt::Write as _;

use super::{Counts, Report};
use crate::checklist::{self, Area};
use crate::{CaseResult, Outcome};

const COLUMNS: [(&str, Outcome); 7] = [
    ("pass", Outcome::Pass),
    ("emulated", Outcome::PassEmulated),
    ("observed", Outcome::Observed),
    ("refused", Outcome::Refused),
    ("n/a", Outcome::NotApplicable),
    ("not run", Outcome::NotRun),
    ("fail", Outcome::Fail),
];

/// What needs a word, the worst first.
const EXPLAINED: [Outcome; 3] = [Outcome::Fail, Outcome::Observed, Outcome::Refused];

/// A table by area, what needs a word, and a summary as the last line.
pub(super) fn render(report: &Report) -> String {
    let mut text = format!("{} on {}\n\n", report.provider(), report.broker());
    table(&mut text, report);
    for outcome in EXPLAINED {
        details(&mut text, report, outcome);
    }
    let _ = write!(text, "\n{}\n", report.summary());
    text
}

fn table(text: &mut String, report: &Report) {
    let _ = write!(text, "{:<6}{:>5}", "area", "ids");
    for (title, _) in COLUMNS {
        let _ = write!(text, "{title:>10}");
    }
    text.push('\n');
    for &area in Area::ALL {
        row(text, area.name(), &Counts::of(report.area(area)));
    }
    row(text, "total", report.counts());
}

fn row(text: &mut String, name: &str, counts: &Counts) {
    let _ = write!(text, "{name:<6}{:>5}", counts.total());
    for (_, outcome) in COLUMNS {
        match counts.get(outcome) {
            0 => text.push_str("         ."),
            count => {
                let _ = write!(text, "{count:>10}");
            }
        }
    }
    text.push('\n');
}

fn details(text: &mut String, report: &Report, outcome: Outcome) {
    let cases: Vec<_> = report.cases().iter().filter(|case| case.outcome == outcome).collect();
    if !cases.is_empty() {
        let _ = write!(text, "\n{outcome}\n");
    }
    for case in cases {
        detail(text, case);
    }
}

fn detail(text: &mut String, case: &CaseResult) {
    let assertion = checklist::find(&case.id).map_or("", |check| check.assertion);
    let _ = writeln!(text, "  {:<9} {assertion}", case.id);
    for line in case.detail.as_deref().unwrap_or_default().lines() {
        let _ = writeln!(text, "            {line}");
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn areas_are_counted_in_columns() {
        let text = render(&sample("in-vm"));
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "anymq-in-vm 0.1.0 on itself");
        assert_eq!(
            lines[2],
            "area    ids      pass  emulated  observed   refused       n/a   not run      fail"
        );
        assert_eq!(
            lines[3],
            "CONN     23         2         1         1         .         .        18         1"
        );
        assert_eq!(
            lines[3 + Area::ALL.len()],
            "total   389         2         1         1         1        12       371         1"
        );
    }

    #[test]
    fn what_failed_was_observed_or_refused_is_explained() {
        let text = render(&sample("in-vm"));
        let fail = "\nfail\n  CONN-03   start hands over what waited while the connection was not started\n";
        assert!(text.contains(&format!(
            "{fail}            queue: pass; topic: fail: 2 missing\n            m1, m2\n"
        )));
        assert!(text.contains("\nobserved\n  CONN-13   "));
        assert!(text.contains("\nrefused\n  XA-01     "));
    }

    #[test]
    fn the_summary_comes_last() {
        let text = render(&sample("in-vm"));
        let last = "in-vm: 2 pass, 1 pass_emulated, 1 observed, 1 fail, 1 refused, 12 not_applicable, 371 not_run";
        assert_eq!(text.lines().last(), Some(last));
    }
}
