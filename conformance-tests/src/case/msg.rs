//! MSG: rules for every body.

use anymq_api::{
    AckMode, Body, BodyKind, Capability, ErrorKind, FromBody, Map, Message, Properties, Received, Stream, Value,
};
use bytes::Bytes;
use bytestring::ByteString;

use super::{
    Context, Failure, Pair, Passed, Verdict, expect_kind, local,
    tables::{map_of, rows, stream_of},
    text_of,
    travel::travel,
    values::{expect_body, expect_entries, properties_of},
};
use crate::harness::ForeignKind;

cases! {
    "MSG-01" => kinds,
    "MSG-02" => without_body,
    "MSG-04" => cleared_body,
    "MSG-05" => redelivered_as_it_was,
    "MSG-06" => local(typed_getter),
    "MSG-07" => local(assignable),
    "MSG-08" => foreign,
    "MSG-09" => local(copies),
}

/// One message of each kind.
fn each_kind() -> anymq_api::Result<[Message; 6]> {
    Ok([
        Message::empty(),
        Message::text("text"),
        Message::bytes(vec![0, 1, 255]),
        Message::map(map_of(&rows())?),
        Message::stream(stream_of(&rows())),
        Message::object(&("object", 1, [true]))?,
    ])
}

/// Those that arrive as what they are. Without a word of it, a body is a text or bytes.
fn each_kind_that_arrives(context: &Context) -> anymq_api::Result<Vec<Message>> {
    let is_plain = |message: &Message| matches!(message.kind(), BodyKind::Text | BodyKind::Bytes);
    let mut all = each_kind()?.to_vec();
    all.retain(|message| context.supports(Capability::TypedBodies) || is_plain(message));
    Ok(all)
}

async fn kinds(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    for message in each_kind()? {
        let received = travel(context, &pair, message.clone()).await?;
        expect_body(&received, &message)?;
    }
    Ok(Passed::AsStated)
}

async fn without_body(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let mut message = Message::empty();
    if context.supports(Capability::Properties) {
        message = message.with_property("n", 7)?.with_property("text", "")?;
    }
    let received = travel(context, &pair, message.clone()).await?;
    ensure_eq!(received.kind(), BodyKind::Empty);
    ensure_eq!(received.body(), &Body::Empty);
    ensure_eq!(received.body_as::<String>()?, None);
    ensure_eq!(received.body_as::<Vec<u8>>()?, None);
    ensure_eq!(received.object_as::<u8>()?, None);
    expect_entries(
        &properties_of(received.properties()),
        &properties_of(message.properties()),
    )?;
    Ok(Passed::AsStated)
}

/// A received message has no setters; the message taken from it has.
async fn cleared_body(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let properties = context.supports(Capability::Properties);
    for mut message in each_kind_that_arrives(context)? {
        if properties {
            message = message.with_property("n", 7)?;
        }
        let received = travel(context, &pair, message.clone()).await?;
        let cleared = received.to_message().with_body(Body::Empty);
        ensure_eq!(cleared.kind(), BodyKind::Empty, "once cleared");
        let written = cleared.with_body(Body::Text("new".into()));
        ensure_eq!(written.as_text(), Some("new"));
        expect_entries(
            &properties_of(written.properties()),
            &properties_of(received.properties()),
        )?;
        expect_body(&received, &message)?;
    }
    Ok(Passed::AsStated)
}

async fn redelivered_as_it_was(context: &Context) -> Verdict {
    let mut ways = Vec::new();
    if context.supports(Capability::ClientAck) {
        let pair = context.pair(AckMode::Client).await?;
        for message in each_kind_that_arrives(context)? {
            let first = changed_at_once(context, &pair, message).await?;
            pair.session.recover().await?;
            expect_same(&context.receive(&pair.consumer).await?, &first)?
                .acknowledge()
                .await?;
        }
        ways.push("recover");
    }
    if context.supports(Capability::Transactions) {
        let pair = context.pair(AckMode::Transacted).await?;
        for message in each_kind_that_arrives(context)? {
            let first = changed_at_once(context, &pair, message).await?;
            pair.session.rollback().await?;
            expect_same(&context.receive(&pair.consumer).await?, &first)?;
            pair.session.commit().await?;
        }
        ways.push("rollback");
    }
    ensure!(!ways.is_empty(), "nothing that is declared delivers again");
    Ok(Passed::With(ways.join(", ")))
}

/// A delivery whose receiver did to the message whatever it can.
async fn changed_at_once(context: &Context, pair: &Pair, message: Message) -> Result<Received, Failure> {
    let mut sent = message;
    if context.supports(Capability::Headers) {
        sent = sent.with_correlation_id("sent").with_message_type("sent");
    }
    if context.supports(Capability::Properties) {
        sent = sent.with_property("sent", true)?;
    }
    let session = pair.connection.create_session(AckMode::Auto).await?;
    let producer = session.create_producer(&pair.destination).await?;
    producer.send(sent.clone()).await?;
    session.close().await?;
    let received = context.receive(&pair.consumer).await?;
    expect_content(&received, &sent)?;

    if let Ok(mut reader) = received.bytes_reader() {
        reader.read_u8()?;
    }
    if let Ok(mut reader) = received.stream_reader() {
        reader.read_value()?;
    }
    if let Some(mut map) = received.as_map().cloned() {
        map.set("changed", true)?;
    }
    let changed = received
        .to_message()
        .with_body(Body::Text("changed".into()))
        .with_properties(Properties::new().with("changed", true)?)
        .with_correlation_id("changed")
        .with_message_type("changed");
    ensure_eq!(changed.as_text(), Some("changed"));
    expect_content(&received, &sent)?;
    Ok(received)
}

fn expect_content(got: &Message, expected: &Message) -> Result<(), Failure> {
    expect_body(got, expected)?;
    expect_entries(&properties_of(got.properties()), &properties_of(expected.properties()))?;
    ensure_eq!(got.correlation_id(), expected.correlation_id());
    ensure_eq!(got.message_type(), expected.message_type());
    ensure_eq!(got.reply_to(), expected.reply_to());
    Ok(())
}

/// All but flag and count.
fn expect_same<'a>(again: &'a Received, first: &Received) -> Result<&'a Received, Failure> {
    expect_content(again, first)?;
    ensure_eq!(again.headers(), first.headers());
    if let Ok(reader) = again.bytes_reader() {
        ensure_eq!(reader.position(), 0, "a new reader");
    }
    if let Ok(reader) = again.stream_reader() {
        ensure_eq!(reader.position(), 0, "a new reader");
    }
    Ok(again)
}

fn typed_getter() -> Verdict {
    let text = Message::text("größe");
    ensure_eq!(text.body_as::<String>()?.as_deref(), Some("größe"));
    ensure_eq!(text.body_as::<ByteString>()?.as_deref(), Some("größe"));
    let bytes = Message::bytes(vec![1, 2]);
    let mut reader = bytes.bytes_reader()?;
    ensure_eq!(reader.read_i8()?, 1);
    ensure_eq!(bytes.body_as::<Vec<u8>>()?, Some(vec![1, 2]), "after one byte was read");
    ensure_eq!(bytes.body_as::<Bytes>()?, Some(Bytes::from_static(&[1, 2])));
    ensure_eq!(reader.read_i8()?, 2, "the reader goes on where it was");
    ensure_eq!(bytes.bytes_reader()?.position(), 0, "a new reader's position");
    let map = map_of(&rows())?;
    ensure_eq!(Message::map(map.clone()).body_as::<Map>()?, Some(map));
    let object = Message::object("value")?;
    ensure_eq!(object.object_as::<String>()?.as_deref(), Some("value"));
    for message in each_kind()? {
        gets(&message)?;
    }
    Ok(Passed::AsStated)
}

fn assignable() -> Verdict {
    let mut answers = 0;
    for message in each_kind()? {
        let kind = message.kind();
        let says = [
            message.is_body_assignable_to::<String>(),
            message.is_body_assignable_to::<ByteString>(),
            message.is_body_assignable_to::<Vec<u8>>(),
            message.is_body_assignable_to::<Bytes>(),
            message.is_body_assignable_to::<Map>(),
        ];
        ensure_eq!(says, gets(&message)?, "what a {kind} message says and what it gives");
        let whole = match kind {
            BodyKind::Empty => Some(true),
            BodyKind::Stream => Some(false),
            _ => None,
        };
        if let Some(whole) = whole {
            ensure_eq!(says, [whole; 5], "what a {kind} message says");
        }
        answers += says.len();
    }
    Ok(Passed::With(format!("{answers} answers")))
}

/// Which types a message's body can be had as: text twice, bytes twice, map. Fails when it is not as its kind has it.
fn gets(message: &Message) -> Result<[bool; 5], Failure> {
    let gets = [
        get::<String>(message)?,
        get::<ByteString>(message)?,
        get::<Vec<u8>>(message)?,
        get::<Bytes>(message)?,
        get::<Map>(message)?,
    ];
    let kind = message.kind();
    let expected = match kind {
        BodyKind::Empty => [true; 5],
        BodyKind::Text => [true, true, false, false, false],
        BodyKind::Bytes => [false, false, true, true, false],
        BodyKind::Map => [false, false, false, false, true],
        BodyKind::Stream | BodyKind::Object => [false; 5],
    };
    ensure_eq!(gets, expected, "types of a {kind} message");
    match kind {
        BodyKind::Empty => ensure_eq!(message.object_as::<Json>()?, None),
        BodyKind::Object => ensure!(message.object_as::<Json>()?.is_some(), "an object message gives none"),
        _ => {
            expect_kind(message.object_as::<Json>(), ErrorKind::MessageFormat)?;
        }
    }
    Ok(gets)
}

/// Any value that JSON has.
type Json = serde_json::Value;

fn get<T: FromBody>(message: &Message) -> Result<bool, Failure> {
    match message.body_as::<T>() {
        Ok(body) => {
            ensure_eq!(
                body.is_none(),
                message.kind() == BodyKind::Empty,
                "none for no body alone"
            );
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::MessageFormat => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn foreign(context: &Context) -> Verdict {
    if !context.harness().has_foreign_clients() {
        return Ok(Passed::With("no foreign clients exist in the VM".into()));
    }
    let pair = context.pair(AckMode::Auto).await?;
    for kind in ForeignKind::ALL {
        match context.harness().send_foreign(&pair.destination, kind).await {
            None => return Ok(Passed::NotRun("the harness cannot send foreign messages".into())),
            Some(Err(error)) => return Err(Failure::new(format!("the foreign client fails: {error}"))),
            Some(Ok(())) => judge_foreign(context, kind, &context.receive(&pair.consumer).await?)?,
        }
    }
    let own = travel(context, &pair, Message::text("own")).await?;
    ensure_eq!(text_of(&own), "own", "after all the foreign ones");
    context.nothing(&pair.consumer).await?;
    Ok(Passed::With(format!("{} kinds", ForeignKind::ALL.len())))
}

fn judge_foreign(context: &Context, kind: ForeignKind, received: &Received) -> Result<(), Failure> {
    let body = kind.body();
    match kind {
        ForeignKind::Json if !context.harness().has_content_types() => {
            ensure_eq!(received.as_text().map(str::as_bytes), Some(body), "{kind:?}");
        }
        ForeignKind::Text => ensure_eq!(received.as_text().map(str::as_bytes), Some(body), "{kind:?}"),
        ForeignKind::Json => {
            let expected = serde_json::from_slice::<Json>(body).ok();
            ensure_eq!(received.kind(), BodyKind::Object, "{kind:?}");
            ensure_eq!(received.object_as::<Json>()?, expected, "{kind:?}");
        }
        _ => {
            ensure_eq!(received.kind(), BodyKind::Bytes, "{kind:?}");
            ensure_eq!(received.as_bytes().map(|bytes| &**bytes), Some(body), "{kind:?}");
        }
    }
    ensure!(!received.redelivered(), "{kind:?}: the first delivery is flagged");
    ensure_eq!(received.delivery_count(), 1, "{kind:?}: count");
    Ok(())
}

fn copies() -> Verdict {
    let mut source = vec![1, 2, 3];
    let mut map = Map::new().with("bytes", source.as_slice())?;
    let mut properties = Properties::new().with("n", 1)?;
    let of_bytes = Message::bytes(source.clone()).with_properties(properties.clone());
    let of_map = Message::map(map.clone());
    let of_stream = Message::stream([Value::from(source.as_slice())].into_iter().collect::<Stream>());

    source.fill(9);
    map.set("bytes", 9)?;
    properties.set("n", 9)?;
    let unchanged = || {
        ensure_eq!(of_bytes.as_bytes().map(|bytes| bytes.to_vec()), Some(vec![1, 2, 3]));
        ensure_eq!(of_bytes.properties().i32("n")?, 1);
        let entry = of_map.as_map().and_then(|map| map.get("bytes"));
        ensure_eq!(entry, Some(&Value::from(&[1, 2, 3])));
        let element = of_stream.as_stream().and_then(|stream| stream.values().first());
        ensure_eq!(element, Some(&Value::from(&[1, 2, 3])));
        Ok(Passed::AsStated)
    };
    unchanged()?;

    if let Some(mut bytes) = of_bytes.body_as::<Vec<u8>>()? {
        bytes.fill(9);
    }
    if let Some(mut map) = of_map.body_as::<Map>()? {
        map.set("bytes", 9)?;
        map.remove("bytes");
    }
    let mut properties = of_bytes.properties().clone();
    properties.remove("n");
    let other = of_map.clone().with_body(Body::Empty);
    ensure_eq!(other.kind(), BodyKind::Empty);
    unchanged()
}
