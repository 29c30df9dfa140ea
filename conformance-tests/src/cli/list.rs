use std::io::{self, Write};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{CliError, SUCCESS};
use crate::checklist::{self, Area, Check};
use crate::suggest;

#[derive(Args, Debug)]
pub(super) struct List {
    /// The area to show, all by default.
    #[arg(long)]
    area: Option<String>,
    /// How to show it.
    #[arg(long, value_enum, default_value_t)]
    format: ListFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// A line for each id.
    #[default]
    Human,
    /// An array of objects.
    Json,
}

/// An id as programs read it.
#[derive(Serialize)]
struct Entry {
    id: &'static str,
    area: &'static str,
    level: &'static str,
    needs: Vec<&'static str>,
    abilities: Vec<&'static str>,
    domain: &'static str,
    assertion: &'static str,
    section: &'static str,
    observable: bool,
    unless: Option<&'static str>,
    note: Option<&'static str>,
}

impl From<&'static Check> for Entry {
    fn from(check: &'static Check) -> Self {
        Self {
            id: check.id,
            area: check.area.name(),
            level: check.level.name(),
            needs: check.needs.iter().map(|capability| capability.name()).collect(),
            abilities: check.abilities.iter().map(|ability| ability.name()).collect(),
            domain: check.domain.name(),
            assertion: check.assertion,
            section: check.section,
            observable: check.observable,
            unless: check.unless.map(anymq_api::Capability::name),
            note: check.note,
        }
    }
}

impl List {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<u8, CliError> {
        let area = self.area.as_deref().map(find).transpose()?;
        let entries: Vec<_> = checklist::all()
            .filter(|check| area.is_none_or(|area| check.area == area))
            .map(Entry::from)
            .collect();
        match self.format {
            ListFormat::Human => human(&entries, out)?,
            ListFormat::Json => {
                serde_json::to_writer_pretty(&mut *out, &entries).map_err(io::Error::from)?;
                writeln!(out)?;
            }
        }
        out.flush()?;
        Ok(SUCCESS)
    }
}

fn find(name: &str) -> Result<Area, CliError> {
    Area::find(name).ok_or_else(|| CliError::Area {
        name: name.to_owned(),
        suggestion: suggest::closest(&name.to_ascii_uppercase(), Area::ALL.iter().map(|area| area.name())),
    })
}

fn human(entries: &[Entry], out: &mut dyn Write) -> io::Result<()> {
    let mut area = "";
    for entry in entries {
        if entry.area != area {
            let gap = if area.is_empty() { "" } else { "\n" };
            let title = Area::find(entry.area).map_or("", Area::title);
            writeln!(out, "{gap}{}: {title}", entry.area)?;
            area = entry.area;
        }
        writeln!(
            out,
            "{:<9} {:<10}  {:<16}  {}",
            entry.id, entry.level, entry.domain, entry.assertion
        )?;
        let conditions = conditions(entry);
        if !conditions.is_empty() {
            writeln!(out, "          {conditions}")?;
        }
    }
    Ok(())
}

/// What it takes: `needs delivery_delay, h:kill_link`.
fn conditions(entry: &Entry) -> String {
    let needs: Vec<_> = entry.needs.iter().chain(&entry.abilities).copied().collect();
    let needs = (!needs.is_empty()).then(|| format!("needs {}", needs.join(", ")));
    let unless = entry.unless.map(|capability| format!("only without {capability}"));
    needs.into_iter().chain(unless).collect::<Vec<_>>().join("; ")
}
