//! One configured text and where it comes from; and the tables that hold them by name.

use std::{borrow::Cow, collections::BTreeMap};

use anymq_api::{Error, ErrorKind, Result, spi::excerpt};

use super::{environment::Environment, interpolate};
use crate::suggest;

/// What a connection is configured with.
pub(super) type Settings = BTreeMap<Key, Setting>;

/// The keys of `[connections.NAME]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Url,
    Username,
    Password,
    PasswordFile,
    ClientId,
    Prefetch,
    ConnectTimeout,
    RequestTimeout,
    CloseTimeout,
    MaxDeliveries,
    RedeliveryDelay,
    RedeliveryMultiplier,
    RedeliveryMaxDelay,
    Reconnect,
    ReconnectDelay,
    ReconnectMultiplier,
    ReconnectMaxDelay,
}

impl Key {
    pub(super) const ALL: [Self; 17] = [
        Self::Url,
        Self::Username,
        Self::Password,
        Self::PasswordFile,
        Self::ClientId,
        Self::Prefetch,
        Self::ConnectTimeout,
        Self::RequestTimeout,
        Self::CloseTimeout,
        Self::MaxDeliveries,
        Self::RedeliveryDelay,
        Self::RedeliveryMultiplier,
        Self::RedeliveryMaxDelay,
        Self::Reconnect,
        Self::ReconnectDelay,
        Self::ReconnectMultiplier,
        Self::ReconnectMaxDelay,
    ];

    /// As it is written in the file, and, for those that are options too, in a URL.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Username => "username",
            Self::Password => "password",
            Self::PasswordFile => "password-file",
            Self::ClientId => "client-id",
            Self::Prefetch => "prefetch",
            Self::ConnectTimeout => "connect-timeout",
            Self::RequestTimeout => "request-timeout",
            Self::CloseTimeout => "close-timeout",
            Self::MaxDeliveries => "max-deliveries",
            Self::RedeliveryDelay => "redelivery-delay",
            Self::RedeliveryMultiplier => "redelivery-multiplier",
            Self::RedeliveryMaxDelay => "redelivery-max-delay",
            Self::Reconnect => "reconnect",
            Self::ReconnectDelay => "reconnect-delay",
            Self::ReconnectMultiplier => "reconnect-multiplier",
            Self::ReconnectMaxDelay => "reconnect-max-delay",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.name() == name)
    }

    /// Completes a message about an unknown key.
    pub(super) fn hint(name: &str) -> String {
        suggest::hint(name, Self::ALL.map(Self::name))
    }
}

/// Where a setting was made; the later one goes before the earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    File,
    Environment,
}

/// A configured text. It may be a secret, so it has no `Debug`.
#[derive(Clone)]
pub(super) struct Setting {
    raw: String,
    pub(super) layer: Layer,
    /// For errors: `anymq.toml:3: connections.shop.url`, or the variable's name.
    pub(super) origin: String,
}

impl Setting {
    pub(super) fn from_file(raw: String, origin: String) -> Self {
        let layer = Layer::File;
        Self { raw, layer, origin }
    }

    pub(super) fn from_environment(raw: &str, variable: &str) -> Self {
        Self {
            raw: raw.to_owned(),
            layer: Layer::Environment,
            origin: variable.to_owned(),
        }
    }

    /// The text with its variables put in as they are.
    pub(super) fn text(&self, environment: &Environment) -> Result<Cow<'_, str>> {
        self.expand(|raw| interpolate::text(raw, environment))
    }

    /// The text with its variables put in as a URL needs them.
    pub(super) fn url(&self, environment: &Environment) -> Result<Cow<'_, str>> {
        self.expand(|raw| interpolate::url(raw, environment))
    }

    fn expand(&self, expand: impl FnOnce(&str) -> Result<String>) -> Result<Cow<'_, str>> {
        match self.layer {
            Layer::Environment => Ok(Cow::Borrowed(&self.raw)),
            Layer::File => expand(&self.raw).map(Cow::Owned).map_err(|error| self.locate(error)),
        }
    }

    /// An error about this setting; `problem` must not show a secret.
    pub(super) fn refuse(&self, problem: impl Into<String>) -> Error {
        self.locate(configuration(problem))
    }

    pub(super) fn locate(&self, error: Error) -> Error {
        error.with_resource(&self.origin)
    }
}

/// Entries by name, those of the file and those that only the environment has.
#[derive(Clone)]
pub(super) struct Names<T>(BTreeMap<String, Named<T>>);

#[derive(Clone)]
struct Named<T> {
    value: T,
    in_file: bool,
}

impl<T> Names<T> {
    /// # Errors
    /// When two names look the same in the environment.
    pub(super) fn from_file(entries: impl IntoIterator<Item = (String, T)>) -> Result<Self> {
        let mut names = Self(BTreeMap::new());
        for (name, value) in entries {
            let variable = variable_part(&name);
            if let Some(other) = names.iter().find(|other| variable_part(other) == variable) {
                let (other, name, variable) = (excerpt(other), excerpt(&name), excerpt(&variable));
                return Err(configuration(format!(
                    "the names `{other}` and `{name}` are the same in the environment, `{variable}`"
                )));
            }
            let in_file = true;
            names.0.insert(name, Named { value, in_file });
        }
        Ok(names)
    }

    /// The entry that the environment calls `variable`; made when there is none.
    pub(super) fn by_variable(&mut self, variable: &str, make: impl FnOnce() -> T) -> &mut T {
        let known = self.iter().find(|name| variable_part(name) == variable);
        let name = known.map_or_else(|| variable.to_lowercase().replace('_', "-"), str::to_owned);
        let entry = self.0.entry(name).or_insert_with(|| Named {
            value: make(),
            in_file: false,
        });
        &mut entry.value
    }

    /// By its exact name; an entry that only the environment has by any name that it stands for.
    pub(super) fn find(&self, name: &str) -> Option<&T> {
        let environment_only = || {
            let variable = variable_part(name);
            let entry = self
                .0
                .iter()
                .find(|(known, entry)| !entry.in_file && variable_part(known) == variable);
            entry.map(|(_, entry)| entry)
        };
        self.0.get(name).or_else(environment_only).map(|entry| &entry.value)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// A name as it stands in the name of a variable.
pub(super) fn variable_part(name: &str) -> String {
    name.to_uppercase().replace(['-', '.'], "_")
}

pub(super) fn configuration(problem: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, problem)
}
