//! The command line of the program `conformance`.

mod faults;
mod list;
mod output;
mod soak;

use std::{
    ffi::OsString,
    io::{self, Write},
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use clap::{ArgGroup, Args, Parser, Subcommand};

use crate::report::{Format, Report, ReportError, readme};
use crate::runner::{self, Bar, Filter, FilterError, Progress, RunError, RunRequest, TargetSpec};

/// Everything was as it should be.
const SUCCESS: u8 = 0;
/// Something failed.
const FAILURE: u8 = 1;
/// The request made no sense.
const USAGE: u8 = 2;

/// Holds a provider of anymq to the conformance checklist.
#[derive(Debug, Parser)]
#[command(name = "conformance", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows the checklist.
    List(list::List),
    /// Runs the checklist against a provider.
    Run(Run),
    /// Lets links and brokers fail under a provider's fail-over.
    Faults(faults::Faults),
    /// Lets a provider work for a long time, with a fault now and then.
    Soak(soak::Soak),
    /// Puts the results of reports into a README.
    Matrix(Matrix),
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("what").required(true)))]
struct Run {
    /// A target that this program knows.
    #[arg(long, group = "what", value_name = "NAME")]
    target: Option<String>,
    /// The connection URL of a running broker.
    #[arg(long, group = "what")]
    url: Option<String>,
    /// The ids and areas to run, all by default; can be repeated.
    #[arg(long, value_delimiter = ',', value_name = "ID,AREA,…")]
    only: Vec<String>,
    /// How to write the report.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The file to write the report to, instead of standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A file to write the report to as JSON, whatever else is asked for.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// How many ids run at the same time. Most of them wait most of the time.
    #[arg(long, value_name = "N", default_value = "16")]
    parallel: NonZeroUsize,
}

#[derive(Args, Debug)]
struct Matrix {
    /// The file with the markers `<!-- conformance:begin -->` and `<!-- conformance:end -->`.
    #[arg(long, value_name = "FILE")]
    readme: PathBuf,
    /// Reports in JSON, one column each.
    #[arg(required = true, value_name = "REPORT")]
    reports: Vec<PathBuf>,
}

/// Why a command came to no result.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error("{0}")]
    Filter(#[from] FilterError),
    #[error("there is no area {name}{}", crate::suggest::hint(*.suggestion))]
    Area {
        name: String,
        suggestion: Option<&'static str>,
    },
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error("{}: {source}", .path.display())]
    BadReport { path: PathBuf, source: ReportError },
    #[error("{}: {source}", .path.display())]
    Readme { path: PathBuf, source: readme::ReadmeError },
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
}

impl CliError {
    fn exit_code(&self) -> u8 {
        match self {
            CliError::Filter(_) | CliError::Area { .. } => USAGE,
            CliError::Run(error) if error.is_usage() => USAGE,
            CliError::Write(error) if error.kind() == io::ErrorKind::BrokenPipe => SUCCESS,
            _ => FAILURE,
        }
    }
}

/// Runs the program with its arguments, the first being its name, and gives its exit code: 0 when all was well, 1 when
/// something failed, 2 when the arguments make no sense.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { USAGE } else { SUCCESS };
        }
    };
    let progress = Bar::on_terminal();
    execute(
        cli.command,
        progress.as_ref(),
        &mut io::stdout().lock(),
        &mut io::stderr(),
    )
}

/// Does what was asked, with nothing but the result on `out`.
fn execute(command: Command, progress: &dyn Progress, out: &mut dyn Write, err: &mut (dyn Write + Send)) -> u8 {
    let outcome = match command {
        Command::List(list) => list.execute(out),
        Command::Run(run) => run.execute(progress, out, err),
        Command::Faults(faults) => faults.execute(out, err),
        Command::Soak(soak) => soak.execute(out, err),
        Command::Matrix(matrix) => matrix.execute(),
    };
    outcome.unwrap_or_else(|error| {
        let code = error.exit_code();
        if code != SUCCESS {
            let _ = writeln!(err, "error: {error}");
        }
        code
    })
}

impl Run {
    fn execute(self, progress: &dyn Progress, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, CliError> {
        let (format, output, json) = (self.format, self.output.clone(), self.report.clone());
        let report = runner::run(&self.request()?, progress)?;
        if let Some(path) = json {
            output::replace(&path, &report.render(Format::Json)?).map_err(|source| at(&path, source))?;
        }
        publish(&report, format, output.as_deref(), out, err)?;
        Ok(report.exit_code())
    }

    fn request(self) -> Result<RunRequest, CliError> {
        let target = match self.url {
            Some(url) => TargetSpec::Url(url),
            None => TargetSpec::Named(self.target.unwrap_or_default()),
        };
        Ok(RunRequest {
            target,
            only: Filter::only(&self.only)?,
            parallel: self.parallel,
        })
    }
}

fn publish(
    report: &Report,
    format: Format,
    output: Option<&Path>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<(), CliError> {
    let text = report.render(format)?;
    if let Some(path) = output {
        output::replace(path, &text).map_err(|source| at(path, source))?;
        let _ = writeln!(err, "{}", report.summary());
    } else {
        out.write_all(text.as_bytes())?;
        out.flush()?;
    }
    Ok(())
}

impl Matrix {
    fn execute(&self) -> Result<u8, CliError> {
        let reports = self
            .reports
            .iter()
            .map(|path| read_report(path))
            .collect::<Result<Vec<_>, _>>()?;
        let path = &self.readme;
        let old = std::fs::read_to_string(path).map_err(|source| at(path, source))?;
        let new = readme::update(&old, &reports).map_err(|source| CliError::Readme {
            path: path.clone(),
            source,
        })?;
        if new != old {
            output::replace(path, &new).map_err(|source| at(path, source))?;
        }
        Ok(SUCCESS)
    }
}

fn read_report(path: &Path) -> Result<Report, CliError> {
    let text = std::fs::read_to_string(path).map_err(|source| at(path, source))?;
    Report::from_json(&text).map_err(|source| CliError::BadReport {
        path: path.to_owned(),
        source,
    })
}

fn at(path: &Path, source: io::Error) -> CliError {
    CliError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;
