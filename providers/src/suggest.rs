//! "Did you mean …?"

use anymq_api::spi::excerpt;

/// Completes a message about an unknown name: with the known ones and, where one is similar, a suggestion.
pub(crate) fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let list = if known.is_empty() {
        "; none is known".to_owned()
    } else {
        let shown: Vec<_> = known.iter().map(|name| excerpt(name)).collect();
        format!("; known: {}", shown.join(", "))
    };
    match closest(name, known) {
        Some(similar) => format!("{list}; did you mean `{}`?", excerpt(similar)),
        None => list,
    }
}

fn closest<'a>(name: &str, known: Vec<&'a str>) -> Option<&'a str> {
    let simple = |text: &str| text.to_lowercase().replace(['_', '.'], "-");
    let name = simple(name);
    let length = name.chars().count();
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&name, &simple(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= (length.min(candidate.len()) / 3).max(1))
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_names_are_suggested() {
        for (name, expected) in [
            ("ampq", "; known: amqp, vm; did you mean `amqp`?"),
            ("AMQP", "; known: amqp, vm; did you mean `amqp`?"),
            ("kafka", "; known: amqp, vm"),
        ] {
            assert_eq!(hint(name, ["amqp", "vm"]), expected);
        }
        assert_eq!(hint("vm", []), "; none is known");
    }
}
