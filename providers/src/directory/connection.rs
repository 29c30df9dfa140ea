//! A connection's settings, joined with the options of its URL.

use anymq_api::{
    ConnectOptions, Credentials, Result,
    spi::{UrlOptions, excerpt},
};

use super::{
    environment::Environment,
    setting::{Key, Layer, Setting, Settings, configuration, variable_part},
};
use crate::connection_url::ConnectionUrl;

/// A connection as it is configured.
pub(super) struct Configured {
    pub(super) url: ConnectionUrl,
    /// Where the URL comes from, for errors.
    pub(super) origin: String,
    /// What goes before the URL's own options.
    pub(super) options: ConnectOptions,
}

pub(super) fn resolve(name: &str, settings: &Settings, environment: &Environment) -> Result<Configured> {
    let setting = settings.get(&Key::Url).ok_or_else(|| {
        let (name, variable) = (excerpt(name), excerpt(&variable_part(name)));
        configuration(format!(
            "the connection `{name}` has no `url` (nor is ANYMQ_CONNECTION_{variable}_URL set)"
        ))
    })?;
    let url = ConnectionUrl::parse(&setting.url(environment)?).map_err(|error| setting.locate(error))?;
    let connection = Connection {
        settings,
        environment,
        url: &url,
        layer: setting.layer,
    };
    let mut options = connection.options()?;
    options.credentials = connection.credentials()?;
    Ok(Configured {
        url,
        origin: setting.origin.clone(),
        options,
    })
}

/// A password, or the file in which it is. It has no `Debug`.
enum Secret {
    Text(String),
    File(String),
}

struct Connection<'a> {
    settings: &'a Settings,
    environment: &'a Environment,
    url: &'a ConnectionUrl,
    /// The URL's.
    layer: Layer,
}

impl Connection<'_> {
    fn options(&self) -> Result<ConnectOptions> {
        let in_url = self.url.options();
        let mut options = ConnectOptions::new();
        for (key, setting) in self.settings {
            if matches!(key, Key::Url | Key::Username | Key::Password | Key::PasswordFile) {
                continue;
            }
            let in_url = in_url.names().any(|name| name == key.name());
            if self.applies(setting, in_url)? {
                options = options.or(&self.option(*key, setting)?);
            }
        }
        Ok(options)
    }

    fn option(&self, key: Key, setting: &Setting) -> Result<ConnectOptions> {
        let text = setting.text(self.environment)?;
        let mut option = UrlOptions::from_pairs([(key.name(), text)]);
        option.take_connect_options().map_err(|error| setting.locate(error))
    }

    /// Whether a setting counts beside the URL, where the URL says the same thing or not.
    fn applies(&self, setting: &Setting, in_url: bool) -> Result<bool> {
        if in_url && setting.layer == self.layer {
            return Err(setting.refuse("the `url` gives this too: give it once"));
        }
        Ok(!in_url || setting.layer > self.layer)
    }

    /// `None` when the URL's own credentials, if any, are all there is.
    fn credentials(&self) -> Result<Option<Credentials>> {
        let own = self.url.credentials();
        let own_secret = self.own_secret();
        let username = self.credential(Key::Username, own.is_some())?;
        let secret = self.secret(own_secret.is_some())?;
        if username.is_none() && secret.is_none() {
            return Ok(None);
        }
        let Some(username) = username.as_deref().or(own.map(Credentials::username)) else {
            let setting = self.settings.get(&Key::Password);
            return match setting.or_else(|| self.settings.get(&Key::PasswordFile)) {
                Some(setting) => Err(setting.refuse("a password without a user name")),
                None => Ok(None),
            };
        };
        Ok(Some(match secret.or(own_secret) {
            Some(Secret::File(file)) => Credentials::with_password_file(username, file),
            Some(Secret::Text(password)) => Credentials::new(username, password),
            None => Credentials::new(username, ""),
        }))
    }

    /// The URL's.
    fn own_secret(&self) -> Option<Secret> {
        let file = self.url.options().take(Key::PasswordFile.name());
        let password = self.url.credentials().map(Credentials::expose_password);
        let password = password.filter(|password| !password.is_empty());
        file.map(Secret::File)
            .or_else(|| password.map(|password| Secret::Text(password.to_owned())))
    }

    /// That of the two keys, of which the later layer's counts.
    fn secret(&self, in_url: bool) -> Result<Option<Secret>> {
        let password = self.credential(Key::Password, in_url)?.map(Secret::Text);
        let file = self.credential(Key::PasswordFile, in_url)?.map(Secret::File);
        if password.is_none() || file.is_none() {
            return Ok(password.or(file));
        }
        let setting = |key| self.settings.get(&key).map(|setting| (setting.layer, setting));
        match (setting(Key::Password), setting(Key::PasswordFile)) {
            (Some((text, _)), Some((path, setting))) if text == path => {
                Err(setting.refuse("there is a `password` too: give one of them"))
            }
            (text, path) if text.map(|(layer, _)| layer) > path.map(|(layer, _)| layer) => Ok(password),
            _ => Ok(file),
        }
    }

    fn credential(&self, key: Key, in_url: bool) -> Result<Option<String>> {
        let Some(setting) = self.settings.get(&key) else {
            return Ok(None);
        };
        if !self.applies(setting, in_url)? {
            return Ok(None);
        }
        let text = setting.text(self.environment)?.into_owned();
        match key {
            Key::Username if text.is_empty() => return Err(setting.refuse("the user name is empty")),
            Key::PasswordFile if text.is_empty() => return Err(setting.refuse("the name of the file is empty")),
            _ => {}
        }
        Ok(Some(text))
    }
}
