//! The class table.

use anymq_api::{
    AckMode, Address, Capability, ConnectOptions, ConsumerOptions, DestinationKind, Error, ErrorKind, Map, Message,
    Properties, Queue, StreamWriter,
};

use crate::case::{Context, Failure, Passed, Verdict, expect_kind, setup::modes};

/// A misuse, what it gave, and its class.
type Row = (&'static str, Result<(), Error>, ErrorKind);

pub(super) async fn class_table(context: &Context) -> Verdict {
    let mut rows = of_values()?;
    rows.extend(of_messages()?);
    rows.extend(of_connecting(context).await);
    rows.extend(of_sessions(context).await?);
    rows.extend(of_subscriptions(context).await?);
    rows.extend(of_temporaries(context).await?);
    let count = rows.len();
    for (misuse, outcome, kind) in rows {
        let judged = expect_kind(outcome, kind);
        judged.map_err(|failure| Failure::new(format!("{misuse}: {failure}")))?;
    }
    Ok(Passed::With(format!("{count} rows")))
}

fn row<T>(misuse: &'static str, outcome: anymq_api::Result<T>, kind: ErrorKind) -> Row {
    (misuse, outcome.map(drop), kind)
}

/// Conversions that cannot be, and texts that are no numbers.
fn of_values() -> Result<Vec<Row>, Failure> {
    let map = Map::new()
        .with("char", 'x')?
        .with("bool", true)?
        .with("text", "seven")?;
    let properties = Properties::new().with("bool", true)?.with("text", "seven")?;
    Ok(vec![
        row("char as number", map.i32("char"), ErrorKind::MessageFormat),
        row("bool as number", map.i64("bool"), ErrorKind::MessageFormat),
        row("text as char", map.char("text"), ErrorKind::MessageFormat),
        row(
            "bool property as number",
            properties.i32("bool"),
            ErrorKind::MessageFormat,
        ),
        row("text as number", map.i32("text"), ErrorKind::NumberFormat),
        row(
            "text property as number",
            properties.f64("text"),
            ErrorKind::NumberFormat,
        ),
        row(
            "map entry without a name",
            Map::new().with("", 1),
            ErrorKind::InvalidArgument,
        ),
        row(
            "property without a name",
            Properties::new().with("", 1),
            ErrorKind::InvalidArgument,
        ),
    ])
}

/// Reading past the end, and reading as something else.
fn of_messages() -> Result<Vec<Row>, Failure> {
    let bytes = Message::bytes(vec![1, 2]);
    let mut writer = StreamWriter::new();
    writer.write_char('x');
    let stream = Message::stream(writer.finish());
    let mut reader = bytes.bytes_reader()?;
    let mut values = stream.stream_reader()?;
    let as_number = values.read_i32();
    values.read_char()?;
    Ok(vec![
        row("four of two bytes", reader.read_i32(), ErrorKind::MessageEof),
        row("char of a stream as number", as_number, ErrorKind::MessageFormat),
        row("past the end of a stream", values.read_value(), ErrorKind::MessageEof),
        row(
            "text as map",
            Message::text("x").body_as::<Map>(),
            ErrorKind::MessageFormat,
        ),
        row(
            "text as bytes reader",
            Message::text("x").bytes_reader(),
            ErrorKind::MessageFormat,
        ),
    ])
}

async fn of_connecting(context: &Context) -> Vec<Row> {
    let empty = ConnectOptions::new().with_client_id("");
    let outcome = context.factory().create_connection_with(empty).await;
    let mut rows = vec![row("empty client id", outcome, ErrorKind::InvalidClientId)];
    if let Some(factory) = context.harness().with_bad_credentials() {
        let outcome = factory.create_connection().await;
        rows.push(row("wrong credentials", outcome, ErrorKind::Security));
    }
    rows
}

async fn of_sessions(context: &Context) -> Result<Vec<Row>, Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let anonymous = pair.session.create_anonymous_producer().await?;
    let message = Message::empty;
    let mut rows = vec![
        row(
            "empty name",
            Address::new(DestinationKind::Topic, ""),
            ErrorKind::InvalidDestination,
        ),
        row(
            "text that is no queue",
            "topic:a".parse::<Queue>(),
            ErrorKind::InvalidDestination,
        ),
        row(
            "commit without transaction",
            pair.session.commit().await,
            ErrorKind::IllegalState,
        ),
        row(
            "rollback without transaction",
            pair.session.rollback().await,
            ErrorKind::IllegalState,
        ),
        row(
            "send without destination",
            anonymous.send(message()).await,
            ErrorKind::UnsupportedOperation,
        ),
        row(
            "send with two destinations",
            pair.producer.send_to(&pair.destination, message()).await,
            ErrorKind::UnsupportedOperation,
        ),
    ];
    let (declared, _) = modes(context);
    if declared.contains(&AckMode::Transacted) {
        let transacted = pair.connection.create_session(AckMode::Transacted).await?;
        rows.push(row(
            "recover in a transaction",
            transacted.recover().await,
            ErrorKind::IllegalState,
        ));
    }
    Ok(rows)
}

async fn of_subscriptions(context: &Context) -> Result<Vec<Row>, Failure> {
    let named = ConnectOptions::new().with_client_id(context.name());
    let session = context.connect_with(named).await?.create_session(AckMode::Auto).await?;
    let mut rows = Vec::new();
    let selective = || ConsumerOptions::new().with_selector("n = = 1");
    if context.supports(Capability::QueueSelectors) {
        let outcome = session.create_consumer_with(&context.queue(), selective()).await;
        rows.push(row("bad selector on a queue", outcome, ErrorKind::InvalidSelector));
    }
    if context.supports(Capability::TopicSelectors) {
        let outcome = session.create_consumer_with(&context.topic(), selective()).await;
        rows.push(row("bad selector on a topic", outcome, ErrorKind::InvalidSelector));
    }
    if context.supports(Capability::DurableSubscriptions) {
        if context.harness().tells_of_subscriptions() {
            let outcome = session.unsubscribe("nobody knows it").await;
            rows.push(row("unknown subscription", outcome, ErrorKind::InvalidDestination));
        }
        let plain = ConsumerOptions::new;
        if context.supports(Capability::Queues) {
            let outcome = session.create_durable_consumer(&context.queue(), "name", plain()).await;
            rows.push(row("subscription of a queue", outcome, ErrorKind::InvalidDestination));
        }
        let outcome = session.create_durable_consumer(&context.topic(), "", plain()).await;
        rows.push(row("subscription without a name", outcome, ErrorKind::InvalidArgument));
    }
    Ok(rows)
}

async fn of_temporaries(context: &Context) -> Result<Vec<Row>, Failure> {
    if !context.supports(Capability::TemporaryDestinations) {
        return Ok(Vec::new());
    }
    let session = context.connect().await?.create_session(AckMode::Auto).await?;
    let queue = session.create_temporary_queue().await?;
    queue.delete().await?;
    let foreign = context.connect().await?.create_session(AckMode::Auto).await?;
    let own = session.create_temporary_queue().await?;
    Ok(vec![
        row(
            "producer of a deleted temporary queue",
            session.create_producer(&queue).await,
            ErrorKind::InvalidDestination,
        ),
        row(
            "deleting a temporary queue again",
            queue.delete().await,
            ErrorKind::InvalidDestination,
        ),
        row(
            "consumer of another connection's temporary queue",
            foreign.create_consumer(&own).await,
            ErrorKind::InvalidDestination,
        ),
    ])
}
