//! "Did you mean …?"

/// Completes a message about an unknown name: with the most similar known one, or with all of them.
pub(super) fn hint(name: &str, known: &[&str]) -> String {
    if let Some(similar) = closest(name, known) {
        format!("; did you mean `{similar}`?")
    } else if known.is_empty() {
        String::new()
    } else {
        format!("; known are {}", known.join(", "))
    }
}

fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name = name.to_lowercase().replace('_', "-");
    let length = name.chars().count();
    known
        .iter()
        .map(|&candidate| (strsim::damerau_levenshtein(&name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= length.min(candidate.len()) / 3)
        .min()
        .map(|(_, candidate)| candidate)
}
