//! What we depend on: licences, origins and crypto providers of every dependency.

#[path = "licences/spdx.rs"]
mod spdx;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Those of rustls. With two of them in one program neither is the default, and building a TLS configuration panics.
const CRYPTO_PROVIDERS: [&str; 2] = ["ring", "aws-lc-rs"];

/// Runs the cargo that runs this test.
fn cargo(args: &[&str]) -> String {
    let output = Command::new(std::env::var_os("CARGO").expect("cargo runs this test"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {args:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Every package that any platform, any feature and any test of the workspace could need.
fn packages() -> Vec<Value> {
    let text = cargo(&["metadata", "--format-version=1", "--locked", "--all-features"]);
    let mut metadata: Value = serde_json::from_str(&text).unwrap();
    let Value::Array(packages) = metadata["packages"].take() else {
        panic!("cargo metadata has no packages");
    };
    assert!(packages.len() > 50, "only {} packages", packages.len());
    packages
}

/// The list in `deny.toml`, so that there is one list only.
fn allowed_licences() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deny.toml");
    let text = fs::read_to_string(path).unwrap();
    let allowed: BTreeSet<String> = text
        .lines()
        .skip_while(|line| *line != "allow = [")
        .skip(1)
        .take_while(|line| *line != "]")
        .map(|line| line.trim().trim_matches(['"', ',']).to_owned())
        .collect();
    assert!(allowed.contains("MIT"), "read as {allowed:?}");
    allowed
}

/// What is wrong with the licence of a package, if anything.
fn licence_fault(package: &Value, allowed: &BTreeSet<String>) -> Option<String> {
    let name = format!("{} {}", package["name"], package["version"]);
    let Some(expression) = package["license"].as_str() else {
        return Some(format!("{name}: no licence expression"));
    };
    match spdx::is_satisfied(expression, |licence| allowed.contains(licence)) {
        Ok(true) => None,
        Ok(false) => Some(format!("{name}: {expression}")),
        Err(fault) => Some(format!("{name}: {expression}: {fault}")),
    }
}

#[test]
fn every_licence_is_allowed() {
    let allowed = allowed_licences();
    let faults: Vec<String> = packages()
        .iter()
        .filter_map(|package| licence_fault(package, &allowed))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_dependency_comes_from_a_registry_or_this_workspace() {
    let is_known = |package: &&Value| match &package["source"] {
        Value::Null => true,
        source => source
            .as_str()
            .is_some_and(|s| ["registry+", "sparse+"].iter().any(|kind| s.starts_with(kind))),
    };
    let packages = packages();
    let unknown: Vec<String> = packages
        .iter()
        .filter(|package| !is_known(package))
        .map(|package| format!("{} from {}", package["name"], package["source"]))
        .collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}

/// `cargo tree` and not the metadata, which also holds what no feature of ours turns on.
#[test]
fn at_most_one_crypto_provider_is_used() {
    let tree = cargo(&[
        "tree",
        "--workspace",
        "--all-features",
        "--edges=normal",
        "--target=all",
        "--prefix=none",
        "--format={p}",
        "--locked",
    ]);
    let names: BTreeSet<&str> = tree.lines().filter_map(|l| l.split(' ').next()).collect();
    assert!(names.contains("tokio"), "read as {names:?}");
    let used = CRYPTO_PROVIDERS.map(|provider| names.contains(provider));
    assert_ne!(used, [true, true], "{CRYPTO_PROVIDERS:?} are both used");
}

#[test]
fn faults_are_found() {
    let allowed = BTreeSet::from(["MIT".to_owned()]);
    let fault = |licence: Value| {
        let package = serde_json::json!({"name": "p", "version": "1", "license": licence});
        licence_fault(&package, &allowed)
    };
    assert_eq!(fault("MIT OR GPL-3.0-only".into()), None);
    assert!(fault("MIT AND GPL-3.0-only".into()).is_some());
    assert!(fault("MIT OR".into()).is_some());
    assert!(fault(Value::Null).is_some());
}
