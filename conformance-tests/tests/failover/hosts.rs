use std::sync::Arc;

use anymq_api::{
    AckMode, Capability, ConnectOptions, ConnectionFactory, Error, ErrorKind, Event, Message, Queue, Result,
    kernel::{FactoryOptions, failover_factory},
    spi::{ConnectSpec, Driver, DriverConnection, EventSink, ProviderSetup},
};
use anymq_in_vm::InVmDriver;
use async_trait::async_trait;

use crate::kit::{WAIT, kind, policy};

/// A broker that always says the same of itself.
#[derive(Debug)]
struct Refuses(ErrorKind);

#[async_trait]
impl Driver for Refuses {
    fn name(&self) -> &'static str {
        "in-vm"
    }

    fn version(&self) -> &'static str {
        "0.0.0"
    }

    fn target(&self) -> Option<String> {
        Some("refuser".to_owned())
    }

    async fn connect(&self, _: ConnectSpec, _: Arc<dyn EventSink>) -> Result<Arc<dyn DriverConnection>> {
        Err(Error::new(self.0, "go away"))
    }
}

fn factory(drivers: Vec<Arc<dyn Driver>>, options: ConnectOptions) -> Result<Arc<dyn ConnectionFactory>> {
    let setup = |driver| ProviderSetup::new(driver, ConnectOptions::new());
    let options = FactoryOptions::new().with_connect(options.with_reconnect(policy()));
    failover_factory(drivers.into_iter().map(setup).collect(), options)
}

fn refuses(kind: ErrorKind) -> Arc<dyn Driver> {
    Arc::new(Refuses(kind))
}

fn good(name: &str) -> Arc<dyn Driver> {
    Arc::new(InVmDriver::new(format!("failover-hosts-{name}")))
}

#[tokio::test]
async fn the_first_that_can_be_reached_is_used() -> Result<()> {
    let hosts = vec![
        refuses(ErrorKind::ConnectionLost),
        refuses(ErrorKind::Security),
        good("first"),
    ];
    let connection = factory(hosts, ConnectOptions::new())?.create_connection().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let producer = session.create_producer(&Queue::new("queue")?).await?;
    producer.send(Message::text("there")).await?;
    assert!(connection.health()?.is_healthy());
    connection.close().await
}

#[tokio::test]
async fn an_error_tells_of_every_host() -> Result<()> {
    let hosts = vec![refuses(ErrorKind::ConnectionLost), refuses(ErrorKind::Security)];
    let error = factory(hosts, ConnectOptions::new())?
        .create_connection()
        .await
        .expect_err("nobody there");
    assert_eq!(error.kind(), ErrorKind::Security);
    assert_eq!(error.detail().matches("refuser").count(), 2, "{error}");
    Ok(())
}

#[tokio::test]
async fn what_is_required_is_required_of_every_host() -> Result<()> {
    let options = ConnectOptions::new().require(Capability::Xa);
    let outcome = factory(vec![good("required"), good("required")], options)?
        .create_connection()
        .await;
    let capability = Capability::Xa;
    assert_eq!(kind(outcome), Err(ErrorKind::Unsupported { capability }));
    Ok(())
}

#[tokio::test]
async fn lists_are_checked_when_they_are_given() {
    assert_eq!(
        kind(factory(Vec::new(), ConnectOptions::new())),
        Err(ErrorKind::Configuration)
    );
}

#[tokio::test]
async fn a_url_names_them() -> Result<()> {
    let url = "failover:(vm://failover-url-1,vm://failover-url-2)?client-id=till";
    let connection = anymq::connection_factory(url)?.create_connection().await?;
    assert_eq!(connection.client_id()?.as_deref(), Some("till"));
    let mut events = connection.events()?;
    connection.close().await?;
    let last = tokio::time::timeout(WAIT, events.next()).await;
    assert!(matches!(last, Ok(Some(Event::Closed))));
    Ok(())
}
