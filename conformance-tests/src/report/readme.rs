//! The table of results inside a README.

use super::{Report, matrix};

/// Stands before the table.
pub const BEGIN: &str = "<!-- conformance:begin -->";

/// Stands after the table.
pub const END: &str = "<!-- conformance:end -->";

/// Why a README cannot take the table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadmeError {
    /// A marker is missing, or stands there more than once.
    #[error("{marker} stands {count} times in the text, and must stand there once")]
    Marker {
        /// The marker.
        marker: &'static str,
        /// How often it stands there.
        count: usize,
    },
    /// The end comes before the beginning.
    #[error("{END} stands before {BEGIN}")]
    Order,
    /// There is nothing to show.
    #[error("no report was given")]
    NoReport,
    /// Two columns would have the same title.
    #[error("two reports are about {0}")]
    SameTarget(String),
}

/// The text with the [matrix] of the reports between the markers, and all else as it was.
///
/// # Errors
/// [`ReadmeError`] says what is wrong with the text or the reports.
pub fn update(text: &str, reports: &[Report]) -> Result<String, ReadmeError> {
    check(reports)?;
    let begin = only(text, BEGIN)? + BEGIN.len();
    let end = only(text, END)?;
    if end < begin {
        return Err(ReadmeError::Order);
    }
    Ok([&text[..begin], "\n\n", &matrix(reports), "\n", &text[end..]].concat())
}

fn check(reports: &[Report]) -> Result<(), ReadmeError> {
    if reports.is_empty() {
        return Err(ReadmeError::NoReport);
    }
    for (index, report) in reports.iter().enumerate() {
        if reports[..index]
            .iter()
            .any(|earlier| earlier.target() == report.target())
        {
            return Err(ReadmeError::SameTarget(report.target().to_owned()));
        }
    }
    Ok(())
}

/// Where the marker stands.
fn only(text: &str, marker: &'static str) -> Result<usize, ReadmeError> {
    let mut places = text.match_indices(marker).map(|(place, _)| place);
    match (places.next(), places.count()) {
        (Some(place), 0) => Ok(place),
        (first, more) => Err(ReadmeError::Marker {
            marker,
            count: usize::from(first.is_some()) + more,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    const README: &str = "# anymq\n\n<!-- conformance:begin -->\nold\n<!-- conformance:end -->\n\nMore.\n";

    #[test]
    fn only_what_stands_between_the_markers_changes() {
        let text = update(README, &[sample("in-vm")]).unwrap();
        assert!(text.starts_with("# anymq\n\n<!-- conformance:begin -->\n\n| area | in-vm |\n|---|---|\n"));
        assert!(text.ends_with(" not run |\n\n<!-- conformance:end -->\n\nMore.\n"));
        assert!(!text.contains("old"));
    }

    #[test]
    fn a_second_update_changes_nothing() {
        let once = update(README, &[sample("in-vm")]).unwrap();
        assert_eq!(update(&once, &[sample("in-vm")]), Ok(once));
    }

    #[test]
    fn markers_stand_once_and_in_order() {
        let reports = [sample("in-vm")];
        let wrong = |text: &str| update(text, &reports).unwrap_err();
        let marker = |marker, count| ReadmeError::Marker { marker, count };
        assert_eq!(wrong("nothing"), marker(BEGIN, 0));
        assert_eq!(wrong(BEGIN), marker(END, 0));
        assert_eq!(wrong(&README.repeat(2)), marker(BEGIN, 2));
        assert_eq!(wrong(&format!("{END}{BEGIN}")), ReadmeError::Order);
    }

    #[test]
    fn every_column_has_its_own_title() {
        assert_eq!(update(README, &[]), Err(ReadmeError::NoReport));
        let twice = [sample("in-vm"), sample("in-vm")];
        assert_eq!(update(README, &twice), Err(ReadmeError::SameTarget("in-vm".to_owned())));
    }
}
