//! `anymq.toml`.
//!
//! Read as a table with positions and not through serde: serde's errors quote the value that did not fit, and the
//! parser's own quote the whole line, either of which may be a password. Not through the `config` crate either: it
//! knows no line numbers, and it ends in serde too.

use std::{collections::BTreeMap, fs, io, ops::Range, path::Path};

use anymq_api::{Error, Result};
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::setting::{Key, Setting, Settings, configuration};
use crate::suggest;

type Entry<'a> = (&'a Spanned<DeString<'a>>, &'a Spanned<DeValue<'a>>);

/// What a file says.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) connections: BTreeMap<String, Settings>,
    pub(super) destinations: BTreeMap<String, Setting>,
}

/// Reads a file; `None` when there is none.
pub(super) fn read(path: &Path) -> Result<Option<Contents>> {
    match fs::read_to_string(path) {
        Ok(text) => parse(&text, Some(path)).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(configuration(format!("cannot read the file: {error}"))
            .with_resource(path.display())
            .with_source(error)),
    }
}

/// Takes a file's text apart; `path` is for errors.
pub(super) fn parse(text: &str, path: Option<&Path>) -> Result<Contents> {
    let source = Source { text, path };
    let table = DeTable::parse(text).map_err(|error| source.syntax_error(&error))?;
    let mut contents = Contents::default();
    for (key, value) in table.get_ref() {
        match key.get_ref().as_ref() {
            "connections" => contents.connections = source.connections((key, value))?,
            "destinations" => contents.destinations = source.destinations((key, value))?,
            other => {
                let hint = suggest::hint(other, ["connections", "destinations"]);
                return Err(source.refuse(key.span(), other, format!("unknown key{hint}")));
            }
        }
    }
    Ok(contents)
}

struct Source<'a> {
    text: &'a str,
    path: Option<&'a Path>,
}

impl Source<'_> {
    fn connections(&self, entry: Entry<'_>) -> Result<BTreeMap<String, Settings>> {
        let table = self.table(entry, "connections")?;
        let settings = |(name, value)| {
            let path = format!("connections.{}", self.name((name, value))?);
            Ok((name.get_ref().to_string(), self.connection((name, value), &path)?))
        };
        table.iter().map(settings).collect()
    }

    fn connection(&self, entry: Entry<'_>, path: &str) -> Result<Settings> {
        let mut settings = Settings::new();
        for (name, value) in self.table(entry, path)? {
            let path = format!("{path}.{}", name.get_ref());
            let key = Key::from_name(name.get_ref()).ok_or_else(|| {
                let hint = Key::hint(name.get_ref());
                self.refuse(name.span(), &path, format!("unknown key{hint}"))
            })?;
            let text = match (key, value.get_ref()) {
                (Key::Prefetch | Key::MaxDeliveries | Key::RedeliveryMultiplier, DeValue::Integer(number)) => {
                    number.to_string()
                }
                (Key::RedeliveryMultiplier, DeValue::Float(number)) => number.to_string(),
                (_, value) => self.string(value, name.span(), &path)?,
            };
            settings.insert(key, Setting::from_file(text, self.origin(name.span(), &path)));
        }
        Ok(settings)
    }

    fn destinations(&self, entry: Entry<'_>) -> Result<BTreeMap<String, Setting>> {
        let table = self.table(entry, "destinations")?;
        let setting = |(name, value): Entry<'_>| {
            let path = format!("destinations.{}", self.name((name, value))?);
            let text = self.string(value.get_ref(), name.span(), &path)?;
            let setting = Setting::from_file(text, self.origin(name.span(), &path));
            Ok((name.get_ref().to_string(), setting))
        };
        table.iter().map(setting).collect()
    }

    fn name<'n>(&self, (name, _): Entry<'n>) -> Result<&'n str> {
        match name.get_ref().as_ref() {
            "" => Err(self.refuse(name.span(), "\"\"", "an empty name".to_owned())),
            text => Ok(text),
        }
    }

    fn table<'t>(&self, (key, value): Entry<'t>, path: &str) -> Result<&'t DeTable<'t>> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(table),
            other => Err(self.wrong_type(key.span(), path, "table", other)),
        }
    }

    fn string(&self, value: &DeValue<'_>, span: Range<usize>, path: &str) -> Result<String> {
        match value {
            DeValue::String(text) => Ok(text.to_string()),
            other => Err(self.wrong_type(span, path, "string", other)),
        }
    }

    fn wrong_type(&self, span: Range<usize>, path: &str, expected: &str, found: &DeValue<'_>) -> Error {
        let found = found.type_str();
        self.refuse(
            span,
            path,
            format!("expected a {expected}, not a value of type {found}"),
        )
    }

    fn refuse(&self, span: Range<usize>, path: &str, problem: String) -> Error {
        configuration(problem).with_resource(self.origin(span, path))
    }

    /// The parser's message is a fixed text; its `Display`, and so its use as a source, would show the line.
    fn syntax_error(&self, error: &toml::de::Error) -> Error {
        let start = error.span().map_or(0, |span| span.start);
        let message = format!("no valid TOML: {}", error.message());
        configuration(message).with_resource(self.place(start))
    }

    /// `anymq.toml:3: connections.shop.url`
    fn origin(&self, span: Range<usize>, path: &str) -> String {
        format!("{}: {path}", self.place(span.start))
    }

    /// `anymq.toml:3`, or `line 3`
    fn place(&self, offset: usize) -> String {
        let before = self.text.as_bytes().iter().take(offset);
        let line = before.filter(|&&byte| byte == b'\n').count() + 1;
        match self.path {
            Some(path) => format!("{}:{line}", path.display()),
            None => format!("line {line}"),
        }
    }
}
