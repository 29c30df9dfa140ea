//! What of a URL is shown, and to whom.

use std::fmt;

use super::{BrokerUrl, percent};
use crate::error::excerpt;

const STARS: &str = "***";

/// Whether an option's value is kept from every output, judged by its name.
pub(super) fn is_secret(name: &str) -> bool {
    const WORDS: [&str; 5] = ["pass", "pwd", "secret", "token", "credential"];
    let name = name.to_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

/// A part of the input for an error's text: with a blank before it, in backticks, bounded; nothing unless `echo`.
pub(super) fn part(text: &str, echo: bool) -> String {
    if !echo || text.is_empty() {
        return String::new();
    }
    format!(" `{}`", excerpt(text))
}

/// An option's value, as [`part`], unless its name speaks of a secret.
pub(super) fn value(name: &str, value: &str) -> String {
    part(value, !is_secret(name))
}

/// The name–value pairs with secrets blotted out.
pub(super) struct Pairs<'a>(pub(super) &'a [(String, String)]);

impl fmt::Debug for Pairs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(name, value): &'_ (String, String)| {
            let value = if is_secret(name) { STARS } else { value };
            (name.clone(), value.to_owned())
        };
        f.debug_map().entries(self.0.iter().map(shown)).finish()
    }
}

impl BrokerUrl {
    /// The URL as text, with `***` for the password and for the values of options whose names speak of secrets.
    pub fn redacted(&self) -> String {
        self.text(false)
    }

    /// The URL as text with its secrets, for handing it on; parses to the same URL. Never for logs or errors.
    pub fn expose(&self) -> String {
        self.text(true)
    }

    fn text(&self, exposed: bool) -> String {
        let mut text = format!("{}://", self.scheme);
        self.push_userinfo(&mut text, exposed);
        match self.host() {
            Some(host) if host.contains(':') => text.extend(["[", host, "]"]),
            host => text.push_str(host.unwrap_or_default()),
        }
        if let Some(port) = self.port {
            text.extend([":", &port.to_string()]);
        }
        if let Some(path) = &self.path {
            text.extend(["/", path]);
        }
        push_options(&mut text, &self.options, exposed);
        text
    }

    fn push_userinfo(&self, text: &mut String, exposed: bool) {
        let Some(credentials) = &self.credentials else { return };
        text.push_str(&percent::encode(credentials.username(), ""));
        let password = credentials.expose_password();
        if exposed && !password.is_empty() {
            text.extend([":", &percent::encode(password, "")]);
        } else if !password.is_empty() {
            text.extend([":", STARS]);
        }
        text.push('@');
    }
}

/// `?name=value&name=value`, or nothing.
pub(super) fn push_options(text: &mut String, options: &[(String, String)], exposed: bool) {
    for (index, (name, value)) in options.iter().enumerate() {
        let encoded = percent::encode(value, "/:");
        let value = if exposed || !is_secret(name) { &encoded } else { STARS };
        let separator = if index == 0 { "?" } else { "&" };
        text.extend([separator, &percent::encode(name, ""), "=", value]);
    }
}

impl fmt::Display for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl fmt::Debug for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BrokerUrl({self})")
    }
}
