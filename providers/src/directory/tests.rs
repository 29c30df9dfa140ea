use std::sync::Arc;

use anymq_api::{
    ConnectOptions, Error, ErrorKind, Result,
    spi::{BrokerUrl, ConnectSpec, Driver, DriverConnection, EventSink, Provider, ProviderSetup},
};
use async_trait::async_trait;

use super::*;

mod destinations;
mod failover;
mod files;
mod overrides;
mod precedence;
mod secrets;

/// Shows, as the driver's `Debug`, the URL that it was given.
#[derive(Debug)]
struct Echo;

#[derive(Debug)]
struct EchoDriver(#[expect(dead_code, reason = "read by `Debug`")] String);

impl Provider for Echo {
    fn schemes(&self) -> &[&'static str] {
        &["echo"]
    }

    fn setup(&self, url: &BrokerUrl) -> Result<ProviderSetup> {
        let mut options = url.options();
        let connect = options.take_connect_options()?;
        options.finish(&[])?;
        Ok(ProviderSetup::new(Arc::new(EchoDriver(url.expose())), connect))
    }
}

#[async_trait]
impl Driver for EchoDriver {
    fn name(&self) -> &'static str {
        "echo"
    }

    fn version(&self) -> &'static str {
        "0.0.0"
    }

    async fn connect(&self, _: ConnectSpec, _: Arc<dyn EventSink>) -> Result<Arc<dyn DriverConnection>> {
        Err(Error::new(ErrorKind::ConnectionLost, "nobody there"))
    }
}

const NOTHING: [(&str, &str); 0] = [];

fn build<'a>(toml: &str, environment: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Directory> {
    let mut registry = Registry::empty();
    registry.register(Arc::new(Echo))?;
    let builder = Directory::builder().toml(toml).environment(environment);
    Ok(builder.build()?.with_registry(registry))
}

fn directory<'a>(toml: &str, environment: impl IntoIterator<Item = (&'a str, &'a str)>) -> Directory {
    build(toml, environment).unwrap_or_else(|error| panic!("{toml}: {error}"))
}

/// The options of the connection `shop`.
fn shop<'a>(toml: &str, environment: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<ConnectOptions> {
    let setup = build(toml, environment)?.setup("shop", ConnectOptions::new())?.0;
    Ok(setup.options)
}

/// The error's text, after checking its kind.
fn refusal<T>(result: Result<T>) -> String {
    let error = result.err().expect("a refusal");
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    error.to_string()
}
