//! The environment: the process's own, or one that a test gives.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
};

use anymq_api::Result;

use super::setting::configuration;

/// A snapshot of variables. Their values may be secrets, so it has no `Debug`.
#[derive(Clone)]
pub(super) struct Environment(BTreeMap<String, OsString>);

impl Environment {
    pub(super) fn of_process() -> Self {
        let variables = std::env::vars_os();
        let named = variables.filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        Self(named.collect())
    }

    pub(super) fn new<N, V>(variables: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<OsString>,
    {
        let variables = variables.into_iter();
        Self(variables.map(|(name, value)| (name.into(), value.into())).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(name).map(OsString::as_os_str)
    }

    /// # Errors
    /// When it is not set, or no Unicode.
    pub(super) fn text(&self, name: &str) -> Result<&str> {
        let value = self
            .get(name)
            .ok_or_else(|| configuration(format!("the environment variable `{name}` is not set")))?;
        value
            .to_str()
            .ok_or_else(|| configuration(format!("the environment variable `{name}` is no valid Unicode")))
    }

    /// The names that begin with `prefix`, sorted.
    pub(super) fn names<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .keys()
            .map(String::as_str)
            .filter(move |name| name.starts_with(prefix))
    }
}
