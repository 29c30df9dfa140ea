use std::fs;

use super::*;
use crate::report::tests::sample;
use crate::runner::Silent;

/// The exit code and what was written to standard output and error.
fn run(arguments: &[&str]) -> (u8, String, String) {
    let cli = Cli::try_parse_from(std::iter::once(&"conformance").chain(arguments)).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = execute(cli.command, &Silent, &mut out, &mut err);
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

fn refused(arguments: &[&str]) -> bool {
    let all = std::iter::once("conformance").chain(arguments.iter().copied());
    main(all.map(OsString::from)) == USAGE
}

#[test]
fn the_arguments_are_consistent() {
    use clap::CommandFactory as _;
    Cli::command().debug_assert();
}

#[test]
fn list_shows_every_id() {
    let (code, out, err) = run(&["list"]);
    assert_eq!((code, err.as_str()), (SUCCESS, ""));
    assert!(out.starts_with("CONN: connection life cycle\nCONN-01   core        any               before start"));
    for check in crate::checklist::all() {
        assert!(out.contains(check.assertion), "{}", check.id);
    }
}

#[test]
fn list_shows_one_area() {
    let (code, out, _) = run(&["list", "--area", "xa"]);
    assert_eq!(code, SUCCESS);
    let last = "          needs xa, h:restart_broker";
    assert_eq!((out.lines().count(), out.lines().last()), (7, Some(last)));
}

#[test]
fn list_speaks_json() {
    let (_, out, _) = run(&["list", "--area", "DLY", "--format", "json"]);
    let entries: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
    assert_eq!(entries.len(), 7);
    assert_eq!(entries[4]["needs"], serde_json::json!(["delivery_delay", "ttl"]));
    assert_eq!(entries[6]["unless"], "delivery_delay");
}

#[test]
fn an_unknown_area_is_a_usage_error() {
    let (code, out, err) = run(&["list", "--area", "CON"]);
    assert_eq!((code, out.as_str()), (USAGE, ""));
    assert_eq!(err, "error: there is no area CON (did you mean CONN?)\n");
}

#[test]
fn a_run_in_which_nothing_ran_fails() {
    let (code, out, err) = run(&["run", "--target", "in-vm", "--only", "EXL-01"]);
    assert_eq!((code, out.as_str()), (FAILURE, ""));
    assert!(err.starts_with("error: "), "{err}");
}

#[test]
fn an_unknown_target_is_a_usage_error() {
    let (code, out, err) = run(&["run", "--target", "in-vn"]);
    assert_eq!((code, out.as_str()), (USAGE, ""));
    assert_eq!(err, "error: there is no target in-vn (did you mean in-vm?)\n");
}

#[test]
fn a_run_writes_its_report() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    let (code, _, _) = run(&[
        "run",
        "--target",
        "in-vm",
        "--only",
        "META",
        "--report",
        path.to_str().unwrap(),
    ]);
    assert_eq!(code, SUCCESS);
    let report = Report::from_json(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(report.target(), "in-vm");
}

#[test]
fn a_wrong_selection_is_a_usage_error() {
    let (code, out, err) = run(&["run", "--target", "in-vm", "--only", "CONN-25"]);
    assert_eq!((code, out.as_str()), (USAGE, ""));
    assert!(
        err.contains("CONN-25 is neither an id nor an area (did you mean CONN-05?)"),
        "{err}"
    );
    assert_eq!(run(&["run", "--target", "in-vm", "--only", ","]).0, USAGE);
}

#[test]
fn a_url_is_shown_without_its_password() {
    // Nobody listens on port 1.
    let (code, _, err) = run(&["run", "--url", "amqp://guest:s3cret@127.0.0.1:1"]);
    assert_eq!(code, FAILURE);
    assert!(err.starts_with("error: amqp://127.0.0.1:1: "), "{err}");
    assert!(!err.contains("s3cret"), "{err}");
}

#[test]
fn nonsense_is_a_usage_error() {
    assert!(refused(&[]));
    assert!(refused(&["run"]));
    assert!(refused(&["run", "--target", "in-vm", "--url", "vm://x"]));
    assert!(refused(&["run", "--target", "in-vm", "--parallel", "0"]));
    assert!(refused(&["matrix", "--readme", "README.md"]));
}

#[test]
fn a_report_goes_to_standard_output_alone() {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let report = sample("in-vm");
    publish(&report, Format::Json, None, &mut out, &mut err).unwrap();
    assert_eq!(Report::from_json(&String::from_utf8(out).unwrap()), Ok(report));
    assert!(err.is_empty());
}

#[test]
fn a_report_goes_to_a_file_and_its_summary_to_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.xml");
    let (mut out, mut err) = (Vec::new(), Vec::new());
    publish(&sample("in-vm"), Format::Junit, Some(&path), &mut out, &mut err).unwrap();
    assert!(fs::read_to_string(&path).unwrap().starts_with("<?xml"));
    assert!(out.is_empty());
    assert!(String::from_utf8(err).unwrap().starts_with("in-vm: 2 pass, "));
}

#[test]
fn matrix_updates_a_readme() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (readme, report) = (path("README.md"), path("in-vm.json"));
    fs::write(&readme, format!("{}\n{}\n", readme::BEGIN, readme::END)).unwrap();
    fs::write(&report, sample("in-vm").render(Format::Json).unwrap()).unwrap();
    assert_eq!(run(&["matrix", "--readme", &readme, &report]).0, SUCCESS);
    assert!(fs::read_to_string(&readme).unwrap().contains("| area | in-vm |"));

    let (code, _, err) = run(&["matrix", "--readme", &readme, &path("missing.json")]);
    assert_eq!(code, FAILURE);
    assert!(err.contains("missing.json: "), "{err}");
}
