//! Lists the conformance checklist, runs it against a provider, and writes reports.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(anymq_conformance::cli::main(std::env::args_os()))
}
