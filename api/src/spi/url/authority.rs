//! User name, password, host and port.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{percent, refused, show};
use crate::{Credentials, Result};

/// As long as a domain name can be.
const MAX_HOST_LENGTH: usize = 255;

#[derive(Default)]
pub(super) struct Authority {
    pub(super) credentials: Option<Credentials>,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
}

/// Errors show host and port; user name and password are never shown.
pub(super) fn parse(text: &str) -> Result<Authority> {
    let (userinfo, address) = match text.rsplit_once('@') {
        Some((userinfo, address)) => (Some(userinfo), address),
        None => (None, text),
    };
    let credentials = userinfo.map(parse_userinfo).transpose()?;
    let (host, port) = split_address(address)?;
    if host.is_empty() && port.is_some() {
        return Err(refused("a port without a host"));
    }
    Ok(Authority {
        credentials,
        host: (!host.is_empty()).then(|| host.to_owned()),
        port: port
            .map(|port| parse_port(port, host, userinfo.is_some()))
            .transpose()?,
    })
}

fn parse_userinfo(text: &str) -> Result<Credentials> {
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    let bad_encoding = || refused("bad percent-encoding in the user name or password");
    let user = percent::decode(user).ok_or_else(bad_encoding)?;
    let password = percent::decode(password).ok_or_else(bad_encoding)?;
    if user.is_empty() {
        return Err(refused("an `@` without a user name before it"));
    }
    Ok(Credentials::new(user, password))
}

fn split_address(text: &str) -> Result<(&str, Option<&str>)> {
    if let Some(bracketed) = text.strip_prefix('[') {
        return split_ipv6(bracketed);
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    if port.is_some_and(|port| port.contains(':')) {
        // Shown only when it is an address, for it may be a user name and password without a host.
        let shown = show::part(text, text.parse::<Ipv6Addr>().is_ok());
        return Err(refused(format!(
            "more than one `:` in the address{shown}: an IPv6 address stands in brackets"
        )));
    }
    check_host(host)?;
    Ok((host, port))
}

/// What follows the opening bracket: `::1]` or `::1]:5672`.
fn split_ipv6(text: &str) -> Result<(&str, Option<&str>)> {
    let bad = |problem: &str| {
        let shown = show::part(text, true);
        refused(format!("{problem} in the address{shown}"))
    };
    let (host, behind) = text.split_once(']').ok_or_else(|| bad("a `]` is missing"))?;
    if host.parse::<Ipv6Addr>().is_err() {
        return Err(bad("a bad IPv6 address"));
    }
    match behind.strip_prefix(':') {
        Some(port) => Ok((host, Some(port))),
        None if behind.is_empty() => Ok((host, None)),
        None => Err(bad("something other than a port behind the `]`")),
    }
}

fn check_host(host: &str) -> Result<()> {
    if host.is_empty() {
        return Ok(());
    }
    let problem = if host.len() > MAX_HOST_LENGTH {
        "it is longer than 255 bytes"
    } else if !is_name(host) {
        "expected letters, digits, `-`, `_` and single dots"
    } else if is_broken_ipv4(host) {
        "not an IPv4 address"
    } else {
        return Ok(());
    };
    let shown = show::part(host, true);
    Err(refused(format!("bad host{shown}: {problem}")))
}

fn is_name(host: &str) -> bool {
    let labels = host.strip_suffix('.').unwrap_or(host);
    labels
        .split('.')
        .all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_')))
}

/// Four numbers that are no address. (Fewer may be a name: `vm://2.1`.)
fn is_broken_ipv4(host: &str) -> bool {
    let numeric = |label: &str| label.bytes().all(|b| b.is_ascii_digit());
    host.split('.').count() == 4 && host.split('.').all(numeric) && host.parse::<Ipv4Addr>().is_err()
}

/// Without an `@` what stands for the port may be a password whose host was forgotten, in digits too.
fn parse_port(text: &str, host: &str, has_userinfo: bool) -> Result<u16> {
    // `u16::from_str` alone would take `+80`.
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let port = text.parse().ok().filter(|&port: &u16| digits && port != 0);
    port.ok_or_else(|| {
        let port = show::part(text, digits && has_userinfo);
        let host = show::part(host, true);
        refused(format!("bad port{port} of the host{host}: expected 1 to 65535"))
    })
}
