//! The outer grammar: where scheme, authority, path and query begin and end.

use super::{percent, refused, show};
use crate::{Error, Result};

/// A URL cut into its parts, all still encoded.
pub(super) struct Parts<'a> {
    pub(super) scheme: &'a str,
    pub(super) authority: &'a str,
    pub(super) path: Option<&'a str>,
    pub(super) query: Option<&'a str>,
}

pub(super) fn split(text: &str) -> Result<Parts<'_>> {
    refuse_blanks(text)?;
    if has_fail_over_prefix(text) {
        return Err(refused("a list of brokers stands where the URL of one is expected"));
    }
    let (scheme, rest) = split_scheme(text)?;
    if rest.contains('#') {
        return Err(refused(
            "a broker URL has no fragment; a `#` that belongs to a value is written %23",
        ));
    }
    let (rest, query) = split_at_first(rest, '?');
    let (authority, path) = split_at_first(rest, '/');
    refuse_lists(authority, path, query)?;
    refuse_at(path, query)?;
    check_path(path)?;
    Ok(Parts {
        scheme,
        authority,
        path,
        query,
    })
}

pub(super) fn refuse_blanks(text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(refused("the broker URL is empty"));
    }
    match text.char_indices().find(|(_, c)| c.is_whitespace() || c.is_control()) {
        None => Ok(()),
        Some((index, _)) => Err(refused(format!(
            "whitespace or a control character at byte {index} of the broker URL"
        ))),
    }
}

pub(super) fn split_scheme(text: &str) -> Result<(&str, &str)> {
    let (scheme, rest) = text
        .split_once("://")
        .ok_or_else(|| refused("a broker URL has the form scheme://host:port/path?option=value"))?;
    if is_scheme(scheme) {
        Ok((scheme, rest))
    } else {
        // Not shown: what stands there may be a user name and password.
        Err(refused(
            "what stands before `://` is no scheme: a letter, then letters, digits, `+`, `-`, `.`",
        ))
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

fn split_at_first(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.split_once(separator) {
        Some((before, behind)) => (before, Some(behind)),
        None => (text, None),
    }
}

pub(super) fn has_fail_over_prefix(text: &str) -> bool {
    behind_fail_over_prefix(text).is_some()
}

pub(super) fn behind_fail_over_prefix(text: &str) -> Option<&str> {
    const PREFIX: &str = "failover:";
    let start = text.get(..PREFIX.len())?;
    start.eq_ignore_ascii_case(PREFIX).then(|| &text[PREFIX.len()..])
}

/// Finds lists of hosts (`h1,h2/v`, `h1/v,h2/w`) and of URLs (`amqp://a/v;amqp://b`, `amqp://a?x=1,amqp://b`).
fn refuse_lists(authority: &str, path: Option<&str>, query: Option<&str>) -> Result<()> {
    let separated = |part: &str| part.contains([',', ';']);
    let list = separated(authority) || path.is_some_and(separated) || query.is_some_and(holds_url);
    if list { Err(several_hosts()) } else { Ok(()) }
}

fn holds_url(text: &str) -> bool {
    text.split([',', ';'])
        .skip(1)
        .filter_map(|piece| piece.split_once("://"))
        .any(|(scheme, _)| is_scheme(scheme))
}

fn several_hosts() -> Error {
    refused(
        "several hosts in one URL are written `failover:(url,url)` (in a user name, password or path, `,` is written \
         %2C and `;` is written %3B)",
    )
}

/// An `@` behind the authority: a password may have been cut short by its own `/` or `?`, and whatever follows, be it the
/// name of an option, may be a piece of it. So nothing is shown, now or later.
pub(super) fn refuse_at(path: Option<&str>, query: Option<&str>) -> Result<()> {
    let holds = |part: Option<&str>| part.is_some_and(|part| part.contains('@'));
    if holds(path) || holds(query) {
        return Err(refused(
            "an `@` behind the first `/` or `?`: it is written %40 in a path and in an option; in a user name or password \
             special characters must be percent-encoded, `/` as %2F and `?` as %3F",
        ));
    }
    Ok(())
}

fn check_path(path: Option<&str>) -> Result<()> {
    let path = path.unwrap_or_default();
    if percent::decode(path).is_none() {
        let path = show::part(path, true);
        return Err(refused(format!("bad percent-encoding in the path{path}")));
    }
    Ok(())
}
