use std::fmt::Write as _;

use super::{Counts, Report};
use crate::Outcome;
use crate::checklist::Area;

/// What a cell says beside the ids that hold, where there are any.
const REMARKS: [(Outcome, &str); 4] = [
    (Outcome::Fail, "fail"),
    (Outcome::Refused, "refused"),
    (Outcome::NotApplicable, "n/a"),
    (Outcome::NotRun, "not run"),
];

/// A table of areas by reports, each cell the ids that hold of all ids, and what became of the others:
/// `20/23, 3 refused`. The same reports give the same text.
pub fn matrix(reports: &[Report]) -> String {
    let mut text = String::from("| area |");
    for report in reports {
        let _ = write!(text, " {} |", escaped(report.target()));
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(reports.len()));
    text.push('\n');
    for &area in Area::ALL {
        let name = format!("{area} ({})", area.title());
        row(
            &mut text,
            &name,
            reports.iter().map(|report| Counts::of(report.area(area))),
        );
    }
    row(
        &mut text,
        "**total**",
        reports.iter().map(|report| report.counts().clone()),
    );
    text
}

fn row(text: &mut String, name: &str, counts: impl Iterator<Item = Counts>) {
    let _ = write!(text, "| {name} |");
    for counts in counts {
        let _ = write!(text, " {} |", cell(&counts));
    }
    text.push('\n');
}

fn cell(counts: &Counts) -> String {
    let mut cell = format!("{}/{}", counts.passed(), counts.total());
    for (outcome, name) in REMARKS {
        let count = counts.get(outcome);
        if count > 0 {
            let _ = write!(cell, ", {count} {name}");
        }
    }
    cell
}

fn escaped(name: &str) -> String {
    name.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn one_column_a_report() {
        let text = matrix(&[sample("in-vm"), sample("amqp|rabbitmq")]);
        let lines: Vec<_> = text.lines().collect();
        let cell = "4/23, 1 fail, 18 not run";
        assert_eq!(lines[0], "| area | in-vm | amqp\\|rabbitmq |");
        assert_eq!(lines[1], "|---|---|---|");
        assert_eq!(lines[2], format!("| CONN (connection life cycle) | {cell} | {cell} |"));
        let total = "4/389, 1 fail, 1 refused, 12 n/a, 371 not run";
        assert_eq!(lines[2 + Area::ALL.len()], format!("| **total** | {total} | {total} |"));
        assert_eq!(lines.len(), 3 + Area::ALL.len());
    }
}
