//! Replays what the fuzzers have found worth keeping: `api/fuzz/corpus/`, a folder for each target.

#[path = "../../fuzz/src/targets/mod.rs"]
mod targets;

use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

// For the second evaluator of the selector's tests, which is written for the crate that it is in.
use anymq_api::{Envelope, PropertyValue};

#[test]
fn no_input_of_the_corpora_is_a_finding() {
    let mut findings = Vec::new();
    for (target, run) in targets::ALL {
        let inputs = entries(&fuzz().join("corpus").join(target));
        assert!(!inputs.is_empty(), "the corpus of {target} is empty");
        for input in inputs {
            let data = fs::read(&input).unwrap();
            if catch_unwind(AssertUnwindSafe(|| run(&data))).is_err() {
                findings.push(input);
            }
        }
    }
    assert!(findings.is_empty(), "{findings:#?}");
}

/// So that none is forgotten: the corpora, the fuzzers' programs and the list are of the same targets.
#[test]
fn every_target_has_its_program_and_its_corpus() {
    let targets: BTreeSet<_> = targets::ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&fuzz().join("corpus")), targets);
    assert_eq!(names(&fuzz().join("fuzz_targets")), targets);
    assert!(names(&fuzz().join("dictionaries")).is_subset(&targets));
}

fn names(folder: &Path) -> BTreeSet<String> {
    let stem = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    entries(folder).into_iter().map(stem).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}
