//! `name=value&name=value`.

use super::{percent, refused, show};
use crate::Result;

/// Errors show the names of options, and what is no option at all; values are never shown.
pub(super) fn parse(text: &str) -> Result<Vec<(String, String)>> {
    let mut options = Vec::new();
    for pair in text.split('&') {
        let (name, value) = parse_pair(pair)?;
        if options.iter().any(|(known, _)| *known == name) {
            return Err(refused(format!("the option{} is given twice", show::part(&name, true))));
        }
        options.push((name, value));
    }
    Ok(options)
}

fn parse_pair(pair: &str) -> Result<(String, String)> {
    let Some((name, value)) = pair.split_once('=') else {
        let shown = show::part(pair, true);
        return Err(refused(format!("the option{shown} has no value: expected name=value")));
    };
    let name = percent::decode(name).ok_or_else(|| {
        refused(format!(
            "bad percent-encoding in the option name{}",
            show::part(name, true)
        ))
    })?;
    if name.is_empty() {
        return Err(refused("an option without a name: expected name=value"));
    }
    let value = percent::decode(value)
        .ok_or_else(|| refused(format!("bad percent-encoding in the option{}", show::part(&name, true))))?;
    Ok((name, value))
}
