//! PROP: message properties. What arrives; [`objects`] has what needs message objects alone, and [`reserved`] the names
//! and values that are not the application's.

mod objects;
mod reserved;

use anymq_api::{AckMode, Capability, Message, Properties, PropertyValue, Value};

use super::{
    Context, Failure, Passed, Verdict, expect_set, local,
    tables::{Column, cells, expect_cells, message_of, property_rows, read_property},
    travel::travel,
    values::{as_properties, expect_entries, properties_of, property_values},
};

cases! {
    "PROP-01" => each_type,
    "PROP-02" => extreme_values,
    "PROP-03" => exact_type,
    "PROP-04" => conversions,
    "PROP-05" => local(objects::bad_numbers),
    "PROP-06" => local(objects::text_as_boolean),
    "PROP-07" => local(objects::as_text),
    "PROP-08" => local(objects::missing),
    "PROP-09" => local(objects::existence),
    "PROP-10" => local(objects::untyped_setter),
    "PROP-11" => local(objects::untyped_getter),
    "PROP-12" => local(objects::empty_name),
    "PROP-13" => local(objects::identifiers),
    "PROP-14" => local(objects::reserved_words),
    "PROP-15" => case_of_names,
    "PROP-16" => writeable_once_cleared,
    "PROP-17" => clearing,
    "PROP-18" => names,
    "PROP-19" => local(objects::set_again),
    "PROP-20" => group,
    "PROP-21" => reserved::first_count,
    "PROP-22" => reserved::flag_and_count,
    "PROP-23" => reserved::count_of_the_sender,
    "PROP-24" => reserved::header_names,
    "PROP-25" => reserved::wire_keys,
}

/// Properties of these values arrive with these values and types, and read so before.
async fn arrive(context: &Context, values: Vec<Value>) -> Result<(), Failure> {
    let expected: Vec<_> = values.iter().cloned().enumerate().collect();
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(n, value)| (format!("p{n}"), value))
        .collect();
    let message = Message::text("properties").with_properties(as_properties(values)?);
    expect_entries(&properties_of(message.properties()), &expected)?;
    let pair = context.pair(AckMode::Auto).await?;
    let received = travel(context, &pair, message).await?;
    expect_entries(&properties_of(received.properties()), &expected)
}

async fn each_type(context: &Context) -> Verdict {
    let message = property_rows().into_iter().map(|row| row.set).collect::<Vec<_>>();
    arrive(context, message).await?;
    Ok(Passed::AsStated)
}

async fn extreme_values(context: &Context) -> Verdict {
    let values = property_values();
    let count = values.len();
    arrive(context, values).await?;
    Ok(Passed::With(format!("{count} values")))
}

/// One value, in every type that holds it: nothing but the type tells them apart.
async fn exact_type(context: &Context) -> Verdict {
    let ones = vec![
        Value::I8(1),
        Value::I16(1),
        Value::I32(1),
        Value::I64(1),
        Value::F32(1.0),
        Value::F64(1.0),
        "1".into(),
        true.into(),
        "true".into(),
    ];
    arrive(context, ones).await?;
    Ok(Passed::AsStated)
}

async fn conversions(context: &Context) -> Verdict {
    let rows = property_rows();
    let message = message_of(&rows)?;
    let columns = &Column::OF_PROPERTIES;
    let check = |properties: &Properties| {
        expect_cells(&rows, columns, |row, column| {
            read_property(properties, row.name, column)
        })
    };
    check(message.properties())?;
    let cells = cells(columns);
    if !context.supports(Capability::Properties) {
        return Ok(Passed::With(format!("{cells} cells local")));
    }
    let pair = context.pair(AckMode::Auto).await?;
    check(travel(context, &pair, message).await?.properties())?;
    Ok(Passed::With(format!("{cells} cells local, {cells} on the wire")))
}

async fn case_of_names(context: &Context) -> Verdict {
    let message = Message::text("names")
        .with_property("Abc", 1)?
        .with_property("abc", 2)?
        .with_property("ABC", "three")?
        .with_property("größe", 4)?
        .with_property("Größe", 5)?;
    let expected = [
        ("Abc", Value::I32(1)),
        ("abc", Value::I32(2)),
        ("ABC", "three".into()),
        ("größe", Value::I32(4)),
        ("Größe", Value::I32(5)),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    expect_entries(&properties_of(message.properties()), &expected)?;
    let pair = context.pair(AckMode::Auto).await?;
    let received = travel(context, &pair, message).await?;
    expect_entries(&properties_of(received.properties()), &expected)?;
    Ok(Passed::AsStated)
}

/// A message with everything that clearing could touch by mistake.
fn complete() -> anymq_api::Result<Message> {
    Message::text("body")
        .with_correlation_id("correlation")
        .with_message_type("type")
        .with_property("n", 1)?
        .with_property("text", "two")
}

fn is_complete(context: &Context, message: &Message) -> Result<(), Failure> {
    ensure_eq!(message.as_text(), Some("body"), "the received body");
    if context.supports(Capability::Headers) {
        ensure_eq!(message.correlation_id(), Some("correlation"), "a received header");
        ensure_eq!(message.message_type(), Some("type"), "a received header");
    }
    if context.supports(Capability::Properties) {
        let expected = properties_of(complete()?.properties());
        expect_entries(&properties_of(message.properties()), &expected)?;
    }
    Ok(())
}

/// What was received has no setters; a message taken from it can be written once it is cleared, and changes nothing of
/// what was received.
async fn writeable_once_cleared(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let received = travel(context, &pair, sendable(context)?).await?;
    let written = received
        .to_message()
        .with_properties(Properties::new())
        .with_property("n", 7_i64)?
        .with_property("own", true)?;
    let expected = [("n", Value::I64(7)), ("own", true.into())].map(|(name, value)| (name.to_owned(), value));
    expect_entries(&properties_of(written.properties()), &expected)?;
    is_complete(context, &received)?;
    Ok(Passed::AsStated)
}

/// [`complete`], without what the provider cannot carry.
fn sendable(context: &Context) -> anymq_api::Result<Message> {
    let mut message = complete()?;
    if !context.supports(Capability::Headers) {
        message = message.without_correlation_id().without_message_type();
    }
    if !context.supports(Capability::Properties) {
        message = message.with_properties(Properties::new());
    }
    Ok(message)
}

async fn clearing(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let (local, received) = (complete()?, travel(context, &pair, sendable(context)?).await?);
    for message in [&local, &received.to_message()] {
        let no_properties = message.clone().with_properties(Properties::new());
        ensure!(no_properties.properties().is_empty(), "cleared properties are left");
        ensure_eq!(
            no_properties.body(),
            message.body(),
            "the body once the properties are cleared"
        );
        let no_body = message.clone().with_body(anymq_api::Body::Empty);
        ensure_eq!(no_body.body(), &anymq_api::Body::Empty);
        ensure_eq!(
            no_body.properties(),
            message.properties(),
            "the properties once the body is cleared"
        );
        for cleared in [no_properties, no_body] {
            ensure_eq!(cleared.correlation_id(), message.correlation_id());
            ensure_eq!(cleared.message_type(), message.message_type());
            ensure_eq!(cleared.reply_to(), message.reply_to());
        }
    }
    is_complete(context, &local)?;
    is_complete(context, &received)?;
    Ok(Passed::AsStated)
}

async fn names(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let message = sendable(context)?;
    let received = travel(context, &pair, message.clone()).await?;
    for message in [&message, &received] {
        let got: Vec<_> = message
            .properties()
            .names()
            .filter(|name| !name.starts_with("JMS_"))
            .collect();
        let expected: &[&str] = if context.supports(Capability::Properties) {
            &["n", "text"]
        } else {
            &[]
        };
        expect_set(&got, expected)?;
        let entries: Vec<_> = message.properties().iter().map(|(name, _)| name).collect();
        let names: Vec<_> = message.properties().names().collect();
        expect_set(&entries, &names)?;
        ensure_eq!(message.properties().len(), names.len());
    }
    Ok(Passed::AsStated)
}

async fn group(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    for (id, sequence) in [("group-7", 1), ("größe", i32::MAX)] {
        let message = Message::text("grouped")
            .with_property("JMSXGroupID", id)?
            .with_property("JMSXGroupSeq", sequence)?;
        let received = travel(context, &pair, message).await?;
        ensure_eq!(received.property("JMSXGroupID"), Some(&PropertyValue::from(id)));
        ensure_eq!(received.property("JMSXGroupSeq"), Some(&PropertyValue::I32(sequence)));
    }
    Ok(Passed::AsStated)
}
