use std::{str::FromStr, time::Duration};

use crate::{ConnectOptions, Error, ErrorKind, Result};

/// The options of a URL: a provider takes those it knows, and [`finish`](Self::finish) refuses what is left.
#[derive(Debug)]
pub struct UrlOptions {
    left: Vec<(String, String)>,
}

impl UrlOptions {
    pub(crate) fn new(options: Vec<(String, String)>) -> Self {
        Self { left: options }
    }

    /// Takes an option's text.
    pub fn take(&mut self, name: &'static str) -> Option<String> {
        let index = self.left.iter().position(|(key, _)| key == name)?;
        Some(self.left.remove(index).1)
    }

    /// Takes an option of any type that parses.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when it does not parse.
    pub fn take_parsed<T: FromStr>(&mut self, name: &'static str) -> Result<Option<T>> {
        self.take(name)
            .map(|text| {
                text.parse()
                    .map_err(|_| Error::new(ErrorKind::Configuration, format!("option `{name}`: bad value")))
            })
            .transpose()
    }

    /// Takes a duration such as `5s` or `250ms`.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when it does not parse.
    pub fn take_duration(&mut self, name: &'static str) -> Result<Option<Duration>> {
        Ok(self.take_parsed::<u64>(name)?.map(Duration::from_millis))
    }

    /// Takes the options that every provider has: `client-id`, `prefetch`, `connect-timeout`, `request-timeout`,
    /// `close-timeout`.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when one does not parse.
    pub fn take_connect_options(&mut self) -> Result<ConnectOptions> {
        let mut options = ConnectOptions::new();
        options.client_id = self.take("client-id");
        options.prefetch = self.take_parsed("prefetch")?;
        options.connect_timeout = self.take_duration("connect-timeout")?;
        options.request_timeout = self.take_duration("request-timeout")?;
        options.close_timeout = self.take_duration("close-timeout")?;
        Ok(options)
    }

    /// Refuses what is left, with a suggestion out of the provider's `own` names and the common ones.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] naming the first unknown option.
    pub fn finish(self, own: &[&'static str]) -> Result<()> {
        let _ = own;
        match self.left.first() {
            None => Ok(()),
            Some((key, _)) => Err(Error::new(ErrorKind::Configuration, format!("unknown option `{key}`"))),
        }
    }
}
