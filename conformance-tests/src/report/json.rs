use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Report, ReportError};
use crate::{CaseResult, Outcome};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    target: String,
    provider: String,
    broker: String,
    counts: BTreeMap<Outcome, usize>,
    cases: Vec<CaseResult>,
}

/// The report as JSON, indented, so that stored reports can be compared line by line.
pub(super) fn render(report: &Report) -> Result<String, ReportError> {
    let mut text = serde_json::to_string_pretty(report).map_err(|error| ReportError::Unwritable(error.to_string()))?;
    text.push('\n');
    Ok(text)
}

pub(super) fn read(text: &str) -> Result<Report, ReportError> {
    let raw: Raw = serde_json::from_str(text).map_err(|error| ReportError::Malformed(error.to_string()))?;
    let counts = raw.counts;
    let miscounted = Outcome::ALL.into_iter().any(|outcome| {
        let found = raw.cases.iter().filter(|case| case.outcome == outcome).count();
        counts.get(&outcome).copied().unwrap_or_default() != found
    });
    if miscounted {
        return Err(ReportError::Malformed(
            "its counts are not those of its cases".to_owned(),
        ));
    }
    Report::build(raw.target, raw.provider, raw.broker, raw.cases)
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn the_form_is_fixed() {
        let text = render(&sample("in-vm")).unwrap();
        let start = concat!(
            "{\n  \"target\": \"in-vm\",\n  \"provider\": \"anymq-in-vm 0.1.0\",\n  \"broker\": \"itself\",\n",
            "  \"counts\": {\n    \"pass\": 2,\n    \"pass_emulated\": 1,\n    \"observed\": 1,\n    \"refused\": 1,\n",
            "    \"not_applicable\": 12,\n    \"not_run\": 371,\n    \"fail\": 1\n  },\n",
            "  \"cases\": [\n    {\n      \"id\": \"CONN-01\",\n      \"outcome\": \"pass\",\n",
            "      \"detail\": null,\n      \"millis\": 12\n    },\n",
        );
        assert!(text.starts_with(start), "{}", &text[..start.len()]);
        assert!(text.ends_with("}\n"));
    }

    #[test]
    fn what_is_written_can_be_read() {
        let report = sample("in-vm");
        assert_eq!(read(&render(&report).unwrap()), Ok(report));
    }

    #[test]
    fn wrong_texts_are_refused() {
        let text = render(&sample("in-vm")).unwrap();
        for (from, to) in [
            ("\"pass\": 2", "\"pass\": 3"),
            ("\"target\"", "\"name\""),
            ("\"outcome\": \"fail\"", "\"outcome\": \"skipped\""),
        ] {
            let wrong = text.replace(from, to);
            assert!(matches!(read(&wrong), Err(ReportError::Malformed(_))), "{to}");
        }
        assert_eq!(
            read(&text.replace("CONN-01", "CONN-10")),
            Err(ReportError::Unknown("CONN-10".to_owned()))
        );
    }
}
