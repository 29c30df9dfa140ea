//! No output shows a password: all of `Debug`, `Display`, logs and spans of a full story is collected and searched.
#![cfg(target_os = "linux")]

mod common;

use std::{
    fmt::{Debug, Write as _},
    sync::Arc,
    time::Duration,
};

use anymq::{
    AckMode, ConnectOptions, Directory, ErrorKind, Event, Message, Result,
    spi::{BrokerUrl, FailoverUrl},
};
use anymq_conformance::{
    broker::RabbitMq,
    link::{Link as _, TcpProxy},
};
use parking_lot::Mutex;
use tracing::{
    Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// In no word of ours, nor in its encodings.
const PASSWORD: &str = "zw0lfB0xkampfer";
const WRONG: &str = "quer-ub3r-den-deich";

/// Everything that was said.
#[derive(Clone, Default)]
struct Record(Arc<Mutex<String>>);

impl Record {
    fn say(&self, said: impl Debug) {
        let mut all = self.0.lock();
        write!(all, "{said:?}\n{said:#?}\n").expect("a text grows");
    }

    fn error(&self, error: &anymq::Error) {
        self.say(error);
        writeln!(self.0.lock(), "{error}").expect("a text grows");
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            writeln!(self.0.lock(), "{cause} {cause:?}").expect("a text grows");
            source = cause.source();
        }
    }

    /// The line that shows a secret, if any.
    fn leak(&self) -> Option<String> {
        let all = self.0.lock();
        let secret = |line: &&str| [PASSWORD, WRONG].iter().any(|secret| shows(line, secret));
        all.lines().find(secret).map(str::to_owned)
    }
}

/// As it is, or as the numbers of its bytes.
fn shows(line: &str, secret: &str) -> bool {
    let bytes = format!("{:?}", secret.as_bytes());
    line.contains(secret) || line.contains(bytes.trim_matches(['[', ']']))
}

impl Visit for Record {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0.lock(), "{field}={value:?}").expect("a text grows");
    }
}

/// Logs and spans of every level, but what the client library says of its frames below `debug`.
struct Listening(Record);

impl Subscriber for Listening {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("anymq") || *metadata.level() < tracing::Level::TRACE
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        attributes.record(&mut self.0.clone());
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut self.0.clone());
    }

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.0.clone());
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn no_output_shows_a_password() -> Result<()> {
    let record = Record::default();
    tracing::subscriber::set_global_default(Listening(record.clone())).expect("the only one");
    in_texts(&record);
    let Some(rabbit) = common::rabbit("secrets").await else {
        return Ok(());
    };
    rabbit.ctl(&["add_user", "till", PASSWORD]).await.expect("a user");
    rabbit
        .ctl(&["set_permissions", "till", "", "^queue$", ""])
        .await
        .expect("rights");
    refusals(&rabbit, &record).await;
    a_story(&rabbit, &record).await?;
    let said = record.0.lock().len();
    assert!(said > 1000, "nothing was recorded");
    assert_eq!(record.leak(), None);
    // What would be found.
    record.say(PASSWORD.as_bytes());
    assert!(record.leak().is_some());
    Ok(())
}

/// Whatever is made of URLs, options and configurations, good or bad.
fn in_texts(record: &Record) {
    let secret = PASSWORD;
    for url in [
        format!("amqp://till:{secret}@localhost/v?prefetch=x"),
        format!("amqp://till:{secret}@localhost:port"),
        format!("amqp://till:{secret}@a,till:{secret}@b"),
        format!("amqp://till:p/{secret}@localhost"),
        format!("amqp://till:p?{secret}=x@localhost"),
        format!("amqp://till:p#{secret}@localhost"),
        format!("amqp://till:%zz{secret}@localhost"),
        format!("amqps://till:{secret}@localhost?ca=/nowhere/to/be/found"),
        format!("stomp://till:{secret}@localhost"),
        format!("vm://till:{secret}@localhost?x=1"),
        format!("amqp://localhost?password={secret}"),
        format!("failover:(amqp://till:{secret}@a,amqp://b)?x=1"),
        format!("failover:(amqp://till:{secret})@a,amqp://b)"),
        format!("failover:(amqp://till:{secret}@a,amqps://b)"),
        format!("failover:(amqp://till:{secret}@a?prefetch=1)"),
        format!("failover:(amqp://till:{secret}@a,amqp://b)"),
        format!("amqp://till:{secret}@localhost"),
    ] {
        match anymq::connection_factory(&url) {
            Ok(factory) => record.say(factory),
            Err(error) => record.error(&error),
        }
        if let Ok(url) = BrokerUrl::parse(&url) {
            record.say(url.to_string());
            record.say((&url, url.options()));
        }
        if let Ok(url) = FailoverUrl::parse(&url) {
            record.say(url.to_string());
            record.say(&url);
        }
        let toml = format!("[connections.shop]\nurl = '{url}'\npassword = '{secret}'");
        match toml.parse::<Directory>() {
            Ok(directory) => {
                record.say(&directory);
                match directory.connection_factory("shop") {
                    Ok(factory) => record.say(factory),
                    Err(error) => record.error(&error),
                }
            }
            Err(error) => record.error(&error),
        }
    }
    record.say(ConnectOptions::new().with_credentials("till", secret));
}

async fn refusals(rabbit: &RabbitMq, record: &Record) {
    let (good, bad) = (rabbit.port(), WRONG);
    for (url, kind) in [
        (format!("amqp://till:{bad}@localhost:{good}"), ErrorKind::Security),
        (
            format!("amqp://till:{PASSWORD}@localhost:{good}/nowhere"),
            ErrorKind::Configuration,
        ),
        (format!("amqp://till:{PASSWORD}@localhost:1"), ErrorKind::ConnectionLost),
        (
            format!("failover:(amqp://till:{bad}@localhost:{good},amqp://till:{PASSWORD}@localhost:1)"),
            ErrorKind::Security,
        ),
    ] {
        let factory = anymq::connection_factory(&url).expect("a good URL");
        record.say(&factory);
        let error = factory.create_connection().await.expect_err("a refusal");
        record.error(&error);
        assert_eq!(error.kind(), kind, "{error}");
    }
}

/// With refusals, an outage and its end.
async fn a_story(rabbit: &RabbitMq, record: &Record) -> Result<()> {
    let proxy = TcpProxy::before(([127, 0, 0, 1], rabbit.port()).into()).expect("a port");
    let host = proxy.address();
    let url = format!("amqp://till:{PASSWORD}@{host}?reconnect=forever&reconnect-delay=10ms");
    rabbit
        .ctl(&["set_permissions", "till", ".*", ".*", ".*"])
        .await
        .expect("rights");
    let factory = anymq::connection_factory(&url)?;
    let connection = factory.create_connection().await?;
    let mut events = connection.events()?;
    connection.start().await?;
    let session = connection.create_session(AckMode::Client).await?;
    let queue = anymq::Queue::new("queue")?;
    let producer = session.create_producer(&queue).await?;
    let consumer = session.create_consumer(&queue).await?;
    let receipt = producer.send(Message::text("text")).await?;
    let received = consumer.receive().await?;
    record.say((
        &factory,
        &connection,
        &session,
        &producer,
        &consumer,
        &receipt,
        &received,
    ));
    record.say((connection.health()?, connection.metadata()?));
    proxy.cut();
    loop {
        let event = tokio::time::timeout(Duration::from_secs(30), events.next()).await;
        let event = event.expect("an event in time");
        record.say(&event);
        if matches!(event, Some(Event::Restored { .. })) {
            break;
        }
    }
    record.say((&connection, &session, connection.health()?));
    rabbit
        .ctl(&["set_permissions", "till", "", "", ""])
        .await
        .expect("no rights");
    let refused = session.create_consumer(&anymq::Queue::new("another")?).await;
    record.error(&refused.map(drop).expect_err("no rights"));
    connection.close().await?;
    record.say((&connection, &session));
    Ok(())
}
