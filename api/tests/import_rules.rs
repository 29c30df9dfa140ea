//! Who may use whom: the rings of this crate point inwards only, and providers see nothing but this crate's public face.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A folder, and what its code must not name.
struct Rule {
    folder: &'static str,
    forbidden: &'static [&'static str],
}

/// The outer rings and the crates that the innermost does without.
const RINGS: &[Rule] = &[
    rule("src/traits", TRAITS),
    rule("src/message", TRAITS),
    rule("src/options", TRAITS),
    rule("src/error", TRAITS),
    rule("src/capability", TRAITS),
    rule("src/destination", TRAITS),
    rule("src/event", TRAITS),
    rule("src/selector", SELECTOR),
    rule("src/ext", &["spi", "kernel"]),
    rule("src/spi", &["kernel", "tokio"]),
];

const TRAITS: &[&str] = &["spi", "kernel", "tokio", "tracing", "strsim", "url", "humantime"];

/// All but messages and errors.
const SELECTOR: &[&str] = &[
    "spi",
    "kernel",
    "tokio",
    "tracing",
    "strsim",
    "url",
    "humantime",
    "traits",
    "ext",
    "options",
    "event",
    "capability",
    "destination",
    "serde",
    "serde_json",
    "async_trait",
    "parking_lot",
    "secrecy",
    "futures_core",
    "bytestring",
];

const PROVIDERS: &[Rule] = &[
    rule(
        "../providers/in-vm/src",
        &["kernel", "anymq", "anymq_amqp", "anymq_stomp", "anymq_mqtt"],
    ),
    rule(
        "../providers/amqp/src",
        &["kernel", "anymq", "anymq_in_vm", "anymq_stomp", "anymq_mqtt"],
    ),
    rule(
        "../providers/stomp/src",
        &["kernel", "anymq", "anymq_in_vm", "anymq_amqp", "anymq_mqtt"],
    ),
    rule(
        "../providers/mqtt/src",
        &["kernel", "anymq", "anymq_in_vm", "anymq_amqp", "anymq_stomp"],
    ),
    rule("../providers/tls/src", SHARED),
    rule("../providers/wire/src", SHARED),
];

/// No providers, but what several of them share: it knows none.
const SHARED: &[&str] = &[
    "kernel",
    "anymq",
    "anymq_in_vm",
    "anymq_amqp",
    "anymq_stomp",
    "anymq_mqtt",
];

const fn rule(folder: &'static str, forbidden: &'static [&'static str]) -> Rule {
    Rule { folder, forbidden }
}

#[test]
fn rings_point_inwards() {
    check(RINGS);
}

#[test]
fn providers_use_the_public_api_only() {
    check(PROVIDERS);
}

#[test]
fn a_provider_depends_on_no_other() {
    for provider in ["in-vm", "amqp", "stomp", "mqtt", "tls", "wire"] {
        let manifest = root().join("../providers").join(provider).join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap();
        let dependencies = text.lines().filter(|line| line.starts_with("anymq"));
        let shared = ["anymq-api.", "anymq-tls.", "anymq-wire."];
        let is_shared = |line: &&str| shared.iter().any(|name| line.starts_with(name));
        let foreign: Vec<_> = dependencies.filter(|line| !is_shared(line)).collect();
        assert!(foreign.is_empty(), "{}: {foreign:?}", manifest.display());
    }
}

#[test]
fn the_check_finds_what_it_looks_for() {
    let code = "use crate::{\n    Error,\n    spi::Done,\n};\nlet tokio_like = my_kernel::x;";
    assert_eq!(named(code, TRAITS), [("spi", 3)]);
    assert!(named("/// see `crate::kernel::factory`\n// tokio::spawn", TRAITS).is_empty());
}

fn check(rules: &[Rule]) {
    let mut breaches = Vec::new();
    for rule in rules {
        let folder = root().join(rule.folder);
        let files = sources(&folder);
        assert!(!files.is_empty(), "{} has no sources", folder.display());
        for file in files {
            let code = fs::read_to_string(&file).unwrap();
            for (name, line) in named(&code, rule.forbidden) {
                breaches.push(format!("{}:{line} names {name}", file.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

/// The names that code uses as the head of a path, with their lines. Comments do not count, nor does what follows the
/// tests' attribute.
fn named<'a>(code: &str, names: &[&'a str]) -> Vec<(&'a str, usize)> {
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    for (index, line) in code.lines().enumerate() {
        let line = line.trim_start();
        if line.starts_with("//") {
            continue;
        }
        let uses = |name: &&&str| heads(line, name);
        found.extend(names.iter().filter(uses).map(|name| (*name, index + 1)));
    }
    found
}

fn heads(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let inside_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !inside_word && line[at + name.len()..].starts_with("::")
    })
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
