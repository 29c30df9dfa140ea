//! SEL: the types of values, and bodies, which have none for a selector.

use anymq_api::{AckMode, Capability, ConsumerOptions, Map, Message, PropertyValue, Stream};

use super::{
    examples,
    expected::{Expected, Group, Row},
    passed, rows, table,
    table::Sample,
};
use crate::case::{Context, Verdict, expect_list, flow::gather, text_of, texts_of};

pub(super) async fn arithmetic(context: &Context) -> Verdict {
    const MIXED: Group = group! {
        yes: "a8 + a8 = 200", "a8 * a8 = 10000", "a16 + a16 = 60000", "a16 - a8 = 29900", "a8 * a16 = 3000000",
            "a32 + 1 = 2000000001", "a64 - a32 = 8000000000", "a64 + a8 = 10000000100", "a64 / a32 = 5",
            "a8 / 3 = 33", "-a8 / 3 = -33", "a16 / 7 = 4285", "a8 / 3.0 > 33.3", "-a16 = -30000", "x32 + x64 = 0.75",
            "x32 * a8 = 50", "a8 / x32 = 200", "a64 * x64 = 2.5E9", "x32 - 1 = -0.5", "x64 / 2 = 0.125",
            "a8 / x64 = 400.0", "a16 * x32 = 15000";
        no: "a8 + a8 = -56", "a8 / 3 > 33", "a16 + a16 < 0", "x32 * a8 <> 50", "a64 / a32 <> 5";
        bad: ;
    };
    let mixed = Message::text("mixed")
        .with_property("a8", 100_i8)?
        .with_property("a16", 30_000_i16)?
        .with_property("a32", 2_000_000_000)?
        .with_property("a64", 10_000_000_000_i64)?
        .with_property("x32", 0.5_f32)?
        .with_property("x64", 0.25)?;
    let sample = Sample::from(examples::message()?);
    passed(&[
        table::check(context, &sample, &rows("SEL-18")).await?,
        table::check(context, &mixed.into(), &MIXED.rows()).await?,
    ])
}

pub(super) async fn bodies(context: &Context) -> Verdict {
    const TEXT: Group = group! {
        yes: "hello IS NULL", "text IS NULL", "body IS NULL", "own = 'hello'";
        no: "text = 'hello'", "body = 'hello'", "hello = 'hello'", "body LIKE '%hello%'";
        bad: ;
    };
    const MAP: Group = group! {
        yes: "n IS NULL", "s IS NULL", "both = 'property'", "NOT t IS NOT NULL";
        no: "n = 7", "n > 0", "s = 'blue'", "s LIKE '%'", "t", "NOT t", "n IS NOT NULL", "both = 'body'", "both <> 'property'",
            "NOT (n = 8)";
        bad: ;
    };
    let text = Message::text("hello").with_property("own", "hello")?;
    let mut tables = vec![table::check(context, &text.into(), &TEXT.rows()).await?];
    if context.supports(Capability::TypedBodies) {
        let map = Map::new()
            .with("n", 7)?
            .with("s", "blue")?
            .with("t", true)?
            .with("both", "body")?;
        let map = Message::map(map).with_property("both", "property")?;
        tables.push(table::check(context, &map.into(), &MAP.rows()).await?);
        let stream = Message::stream(Stream::default()).with_property("both", "property")?;
        tables.push(table::check(context, &stream.into(), &MAP.rows()).await?);
    }
    passed(&tables)
}

pub(super) async fn each_numeric(context: &Context) -> Verdict {
    let fives: [(&str, PropertyValue); 6] = [
        ("i8", 5_i8.into()),
        ("i16", 5_i16.into()),
        ("i32", 5_i32.into()),
        ("i64", 5_i64.into()),
        ("f32", 5_f32.into()),
        ("f64", 5_f64.into()),
    ];
    let mut tables = Vec::new();
    for (_, five) in &fives {
        let message = Message::text("five").with_property("p", five.clone())?;
        tables.push(table::check(context, &message.into(), &about_five()).await?);
    }
    // All of them by one consumer, among texts of the same look.
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let destination = context.destination();
    let name = context.name();
    let options = ConsumerOptions::new().with_selector("p = 5");
    let consumer = context.subscribe(&session, &destination, &name, options).await?;
    let producer = session.create_producer(&destination).await?;
    for (name, five) in &fives {
        let message = Message::text((*name).to_owned());
        producer.send(message.clone().with_property("p", "5")?).await?;
        producer.send(message.clone().with_property("p", 6)?).await?;
        producer.send(message.with_property("p", five.clone())?).await?;
    }
    let got = gather(context, &[&consumer], fives.len()).await?.concat();
    expect_list(&texts_of(&got), &fives.each_ref().map(|(name, _)| (*name).to_owned()))?;
    for received in &got {
        let is_text = matches!(received.property("p"), Some(PropertyValue::String(_)));
        ensure!(!is_text, "the text that looks like {} came", text_of(received));
    }
    context.end_subscription(&session, &consumer, &name).await?;
    passed(&tables)
}

fn about_five() -> Vec<Row> {
    let matching = [
        "p = 5",
        "p = 5.0",
        "p BETWEEN 5 AND 5",
        "p >= 5 AND p <= 5",
        "p + 0 = 5",
        "-p = -5",
    ];
    let not = ["p <> 5", "p < 5", "p > 5", "p = '5'", "p = 6"];
    let matching = matching.map(|text| Row::new(Expected::Match, text));
    let not = not.map(|text| Row::new(Expected::NoMatch, text));
    matching.into_iter().chain(not).collect()
}
