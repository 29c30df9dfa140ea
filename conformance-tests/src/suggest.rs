//! "Did you mean …?"

/// The candidate that is most like what was typed, if one is close; of equals the first.
pub(crate) fn closest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let close = (typed.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(typed, candidate), candidate))
        .filter(|(distance, _)| *distance <= close)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The end of an error message: ` (did you mean …?)`, or nothing.
pub(crate) fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |name| format!(" (did you mean {name}?)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_close_is_suggested() {
        assert_eq!(closest("CON", ["SEL", "CONN", "CONS"]), Some("CONN"));
        assert_eq!(closest("CONM", ["CONN", "SEL"]), Some("CONN"));
        assert_eq!(closest("xyz", ["CONN", "SEL"]), None);
        assert_eq!(hint(Some("CONN")), " (did you mean CONN?)");
        assert_eq!(hint(None), "");
    }
}
