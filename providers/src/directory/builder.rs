use std::{
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
};

use anymq_api::Result;

use super::{
    Directory,
    environment::Environment,
    file::{self, Contents},
    overrides,
    setting::{Names, configuration},
};
use crate::Registry;

const FILE_VARIABLE: &str = "ANYMQ_CONFIG";
const DEFAULT_FILE: &str = "anymq.toml";

/// Chooses what a [`Directory`] is made of. What is not chosen is as in [`Directory::load`].
#[derive(Clone)]
#[must_use]
pub struct DirectoryBuilder {
    source: Source,
    environment: Option<Environment>,
    registry: Option<Registry>,
}

#[derive(Clone)]
enum Source {
    /// What `ANYMQ_CONFIG` names, else `anymq.toml` in this directory.
    Default(PathBuf),
    File(PathBuf),
    Text(String),
}

impl DirectoryBuilder {
    pub(super) fn new() -> Self {
        Self {
            source: Source::Default(PathBuf::new()),
            environment: None,
            registry: None,
        }
    }

    /// Reads this file, which must exist.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.source = Source::File(path.into());
        self
    }

    /// Takes this as the file's text.
    pub fn toml(mut self, text: impl Into<String>) -> Self {
        self.source = Source::Text(text.into());
        self
    }

    /// Looks for `anymq.toml` in this directory instead of the current one.
    pub fn current_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.source = Source::Default(path.into());
        self
    }

    /// Takes these variables instead of the process's, for overrides, for `${NAME}` and for `ANYMQ_CONFIG`.
    pub fn environment<N, V>(mut self, variables: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<OsString>,
    {
        self.environment = Some(Environment::new(variables));
        self
    }

    /// Takes these providers instead of the built-in ones.
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Reads everything. Values are checked when they are looked up.
    ///
    /// # Errors
    /// As [`Directory::load`].
    pub fn build(self) -> Result<Directory> {
        let environment = self.environment.unwrap_or_else(Environment::of_process);
        let (contents, not_found) = self.source.read(&environment)?;
        let mut connections = Names::from_file(contents.connections)?;
        let mut destinations = Names::from_file(contents.destinations)?;
        overrides::connections(&mut connections, &environment)?;
        overrides::destinations(&mut destinations, &environment)?;
        Ok(Directory {
            connections,
            destinations,
            environment,
            not_found,
            registry: self.registry.unwrap_or_else(Registry::builtin),
        })
    }
}

impl Source {
    /// Also the path of the default file where there is none.
    fn read(&self, environment: &Environment) -> Result<(Contents, Option<PathBuf>)> {
        let contents = match self {
            Self::Text(text) => file::parse(text, None)?,
            Self::File(path) => existing(path)?,
            Self::Default(folder) => match environment.get(FILE_VARIABLE) {
                Some(path) if !path.is_empty() => existing(Path::new(path))?,
                _ => {
                    let path = folder.join(DEFAULT_FILE);
                    return Ok(match file::read(&path)? {
                        Some(contents) => (contents, None),
                        None => (Contents::default(), Some(std::path::absolute(&path).unwrap_or(path))),
                    });
                }
            },
        };
        Ok((contents, None))
    }
}

fn existing(path: &Path) -> Result<Contents> {
    file::read(path)?.ok_or_else(|| configuration("the file does not exist").with_resource(path.display()))
}

impl fmt::Debug for DirectoryBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectoryBuilder").finish_non_exhaustive()
    }
}
