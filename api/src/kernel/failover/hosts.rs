use std::{fmt, sync::Arc};

use crate::{
    Capabilities, Capability, Credentials, Error, ErrorKind, Result, Retry,
    kernel::password,
    spi::{ConnectSpec, Driver, DriverConnection, EventSink},
};

/// One broker of those that a connection may use.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    pub(crate) driver: Arc<dyn Driver>,
    /// Its own, where the connection has none.
    pub(crate) credentials: Option<Credentials>,
}

impl Host {
    /// One attempt, with the time for it.
    async fn connect(&self, mut spec: ConnectSpec, events: Arc<dyn EventSink>) -> Result<Arc<dyn DriverConnection>> {
        let limit = spec.connect_timeout;
        spec.credentials = spec.credentials.or_else(|| self.credentials.clone());
        let attempt = async {
            spec.credentials = password::known(spec.credentials).await?;
            self.driver.connect(spec, events).await
        };
        let outcome = tokio::time::timeout(limit, attempt).await;
        outcome
            .unwrap_or_else(|_| {
                Err(Error::new(ErrorKind::Timeout, format!("no connection within {limit:?}")).with_retry(Retry::Safe))
            })
            .map_err(|error| self.name(error))
    }

    /// As [`connect`](Self::connect), and what does not meet the requirements is abandoned.
    pub(crate) async fn connect_fit(
        &self,
        spec: ConnectSpec,
        requirements: &Requirements,
        events: Arc<dyn EventSink>,
    ) -> Result<Arc<dyn DriverConnection>> {
        let connection = self.connect(spec, events).await?;
        match requirements.check(&connection.capabilities()) {
            Ok(()) => Ok(connection),
            Err(error) => {
                connection.abandon();
                Err(self.name(error))
            }
        }
    }

    pub(crate) fn name(&self, error: Error) -> Error {
        let error = error.with_provider(self.driver.name()).with_operation("connect");
        match self.driver.target() {
            Some(target) => error.with_resource(target),
            None => error,
        }
    }
}

/// What a broker must be able to do, or the connection is none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requirements(pub(crate) Vec<Capability>);

impl Requirements {
    pub(crate) fn check(&self, declared: &Capabilities) -> Result<()> {
        match self.0.iter().find(|capability| !declared.supports(**capability)) {
            None => Ok(()),
            Some(missing) => Err(Error::unsupported(*missing)),
        }
    }
}

/// Why none of several hosts could be used.
#[derive(Default)]
pub(crate) struct Refusals(Vec<Error>);

impl Refusals {
    pub(crate) fn push(&mut self, error: Error) {
        self.0.push(error);
    }

    /// Every host says what trying again does not change.
    pub(super) fn are_final(&self) -> bool {
        self.0.iter().all(|error| {
            matches!(
                error.kind(),
                ErrorKind::Security | ErrorKind::Configuration | ErrorKind::Unsupported { .. }
            )
        })
    }

    /// One error that tells of all, of the kind that tells most.
    pub(crate) fn into_error(mut self) -> Error {
        if self.0.len() < 2 {
            return self
                .0
                .pop()
                .unwrap_or_else(|| Error::new(ErrorKind::Configuration, "there is no host"));
        }
        let detail = format!("none of {} hosts: {self}", self.0.len());
        let telling = |error: &Error| !matches!(error.kind(), ErrorKind::ConnectionLost | ErrorKind::Timeout);
        let index = self.0.iter().position(telling).unwrap_or(0);
        let cause = self.0.swap_remove(index);
        Error::new(cause.kind(), detail)
            .with_retry(cause.retry())
            .with_source(cause)
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}
