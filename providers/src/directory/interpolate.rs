//! `${NAME}` in the texts of the file.

use std::ops::Range;

use anymq_api::{
    Result,
    spi::{BrokerUrl, FailoverUrl},
};

use super::{environment::Environment, setting::configuration};

/// A piece of a template.
enum Piece<'a> {
    Text(&'a str),
    /// A variable's name and where it stands.
    Variable(&'a str, usize),
}

/// Puts the values in as they are.
pub(super) fn text(template: &str, environment: &Environment) -> Result<String> {
    expand(template, environment, |_, value| value.to_owned())
}

/// Puts the values in so that each stays in its place of the URL, whatever characters it holds.
pub(super) fn url(template: &str, environment: &Environment) -> Result<String> {
    let hosts = host_ranges(template);
    if hosts.is_empty() {
        // The scheme comes out of a variable, so that is a URL already.
        return text(template, environment);
    }
    expand(template, environment, |position, value| {
        if hosts.iter().any(|host| host.contains(&position)) && is_address(value) {
            value.to_owned()
        } else {
            BrokerUrl::encode(value)
        }
    })
}

fn expand(template: &str, environment: &Environment, fit: impl Fn(usize, &str) -> String) -> Result<String> {
    let mut text = String::with_capacity(template.len());
    for piece in pieces(template)? {
        match piece {
            Piece::Text(part) => text.push_str(part),
            Piece::Variable(name, position) => text.push_str(&fit(position, environment.text(name)?)),
        }
    }
    Ok(text)
}

fn pieces(template: &str) -> Result<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some(index) = rest.find('$') {
        let (before, dollar) = rest.split_at(index);
        pieces.push(Piece::Text(before));
        let position = template.len() - dollar.len();
        rest = if let Some(behind) = dollar.strip_prefix("$$") {
            pieces.push(Piece::Text("$"));
            behind
        } else if let Some(braced) = dollar.strip_prefix("${") {
            let (name, behind) = variable(braced, position)?;
            pieces.push(Piece::Variable(name, position));
            behind
        } else {
            pieces.push(Piece::Text("$"));
            &dollar[1..]
        };
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

/// What follows `${`: the name, and what is behind the brace. What is no name is not shown: it may be a piece of a
/// password.
fn variable(braced: &str, position: usize) -> Result<(&str, &str)> {
    let (name, behind) = braced.split_once('}').ok_or_else(|| {
        configuration(format!(
            "the `${{` at byte {position} has no `}}`; a `$` is written `$$`"
        ))
    })?;
    if is_variable_name(name) {
        Ok((name, behind))
    } else {
        Err(configuration(format!(
            "what stands in the `${{ }}` at byte {position} is no name of a variable; a `$` is written `$$`"
        )))
    }
}

fn is_variable_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Where the host and port of each broker stand; none without a `://`.
fn host_ranges(template: &str) -> Vec<Range<usize>> {
    let ends: &[char] = if FailoverUrl::is_meant(template) {
        &['/', '?', '#', ',', ')']
    } else {
        &['/', '?', '#']
    };
    let brokers = if FailoverUrl::is_meant(template) { usize::MAX } else { 1 };
    let starts = template.match_indices("://").map(|(index, colon)| index + colon.len());
    let host = |start: usize| {
        let rest = &template[start..];
        let authority = &rest[..rest.find(ends).unwrap_or(rest.len())];
        let host = authority.rfind('@').map_or(0, |at| at + 1);
        start + host..start + authority.len()
    };
    starts.take(brokers).map(host).collect()
}

/// Host and port, or a list of them (which the URL's grammar refuses by its right name).
fn is_address(value: &str) -> bool {
    value
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '[' | ']' | ',' | ';'))
}

#[cfg(test)]
mod tests {
    use anymq_api::ErrorKind;

    use super::*;

    fn environment() -> Environment {
        Environment::new([
            ("A", "1"),
            ("B_2", "$A ${A}"),
            ("ODD", "p@s:s/w?r#d%2C,é "),
            ("HOST", "broker:5673"),
            ("BOTH", "a/b"),
            ("URL", "amqp://u:p@h"),
        ])
    }

    #[test]
    fn values_are_put_in_once() {
        for (template, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("${A}", "1"),
            ("x${A}y${A}z", "x1y1z"),
            ("${B_2}", "$A ${A}"),
            ("$$", "$"),
            ("$${A}", "${A}"),
            ("$$${A}", "$1"),
            ("a$b $", "a$b $"),
            ("é${A}é", "é1é"),
        ] {
            assert_eq!(text(template, &environment()).unwrap(), expected, "{template}");
        }
    }

    #[test]
    fn bad_templates_are_refused_without_showing_them() {
        for (template, expected) in [
            ("x${NOT_SET}", "`NOT_SET` is not set"),
            ("x${", "at byte 1 has no `}`"),
            ("${A}${hunter2", "at byte 4 has no `}`"),
            ("${}", "no name of a variable"),
            ("${hunter2!}", "no name of a variable"),
            ("${2hunter2}", "no name of a variable"),
            ("${A:-hunter2}", "no name of a variable"),
        ] {
            let error = text(template, &environment()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            let message = error.to_string();
            assert!(message.contains(expected) && !message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn in_a_url_every_value_stays_in_its_place() {
        let odd = "p%40s%3As%2Fw%3Fr%23d%252C%2C%C3%A9%20";
        for (template, expected) in [
            ("amqp://u:${ODD}@h/v", format!("amqp://u:{odd}@h/v")),
            (
                "amqp://${A}:$$@h/${BOTH}?x=${ODD}",
                format!("amqp://1:$@h/a%2Fb?x={odd}"),
            ),
            ("amqp://u:p@${HOST}/v", "amqp://u:p@broker:5673/v".to_owned()),
            (
                "amqp://${HOST}?a=${HOST}",
                "amqp://broker:5673?a=broker%3A5673".to_owned(),
            ),
            ("amqp://u:@x${A}@h", "amqp://u:@x1@h".to_owned()),
            ("amqp://${BOTH}", "amqp://a%2Fb".to_owned()),
            ("${URL}/v", "amqp://u:p@h/v".to_owned()),
        ] {
            assert_eq!(url(template, &environment()).unwrap(), expected, "{template}");
        }
    }

    #[test]
    fn garbage_never_panics() {
        const PIECES: [&str; 16] = [
            "$", "$$", "${", "}", "${A}", "${ODD}", "${HOST}", "://", "/", "@", "?", "é", "€", "amqp", ":", "=",
        ];
        let environment = environment();
        let mut seed: u64 = 0x9E37_79B9_7F4A_7C15;
        for _ in 0..20_000 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let template: String = (0..16)
                .map(|n| PIECES[usize::try_from((seed >> (4 * n)) % 16).unwrap()])
                .collect();
            for result in [text(&template, &environment), url(&template, &environment)] {
                if let Err(error) = result {
                    assert_eq!(error.kind(), ErrorKind::Configuration, "{template}");
                }
            }
            if let Ok(text) = url(&template, &environment) {
                let _ = BrokerUrl::parse(&text);
            }
        }
    }
}
