//! MAP: map bodies.

use anymq_api::{AckMode, Body, BodyKind, Capability, ErrorKind, Map, Message, Value};

use super::{
    Context, Failure, Passed, Verdict, expect_kind, expect_set, local,
    tables::{Column, cells, expect_cells, map_of, null_row, read_entry, rows},
    travel::travel,
    values::{entries_of, expect_entries, expect_value, values},
};

cases! {
    "MAP-01" => each_type,
    "MAP-02" => conversions,
    "MAP-03" => local(texts),
    "MAP-04" => local(missing),
    "MAP-05" => local(names),
    "MAP-07" => local(listing),
    "MAP-08" => local(bytes_are_copied),
    "MAP-09" => shapes,
    "MAP-10" => readable_before_and_after,
}

/// The map of a received message.
fn map_in(message: &Message) -> Result<&Map, Failure> {
    let kind = message.kind();
    message
        .as_map()
        .ok_or_else(|| Failure::new(format!("a map arrives as {kind}")))
}

async fn each_type(context: &Context) -> Verdict {
    let values = values();
    let count = values.len();
    let entries = values.into_iter().enumerate();
    let map = Map::try_from_iter(entries.map(|(number, value)| (format!("v{number}"), value)))?;
    let expected = entries_of(&map);
    let pair = context.pair(AckMode::Auto).await?;
    let received = travel(context, &pair, Message::map(map)).await?;
    let got = map_in(&received)?;
    expect_entries(&entries_of(got), &expected)?;
    for (name, value) in &expected {
        ensure!(got.contains(name), "`{name}`, which is {value:?}, does not exist");
    }
    Ok(Passed::With(format!("{count} values")))
}

async fn conversions(context: &Context) -> Verdict {
    let rows = rows();
    let map = map_of(&rows)?;
    let check = |map: &Map| expect_cells(&rows, &Column::ALL, |row, column| read_entry(map, row.name, column));
    check(&map)?;
    let cells = cells(&Column::ALL);
    if !context.supports(Capability::TypedBodies) {
        return Ok(Passed::With(format!("{cells} cells local")));
    }
    let pair = context.pair(AckMode::Auto).await?;
    let received = travel(context, &pair, Message::map(map)).await?;
    check(map_in(&received)?)?;
    Ok(Passed::With(format!("{cells} cells local, {cells} on the wire")))
}

fn texts() -> Verdict {
    for text in ["", " ", "one", "1x", "0x1", "1.2.3", "--1"] {
        let map = Map::new().with("p", text)?;
        for column in Column::NUMBERS {
            let outcome = read_entry(&map, "p", column);
            ensure!(
                matches!(&outcome, Err(error) if error.kind() == ErrorKind::NumberFormat),
                "{text:?} as {column:?}: {outcome:?} instead of a number format error"
            );
        }
    }
    for (text, column) in [
        ("128", Column::I8),
        ("-32769", Column::I16),
        ("2147483648", Column::I32),
        ("9223372036854775808", Column::I64),
        ("1.0", Column::I32),
    ] {
        let map = Map::new().with("p", text)?;
        expect_kind(read_entry(&map, "p", column), ErrorKind::NumberFormat)?;
    }
    for (text, truth) in [
        ("true", true),
        ("TRUE", true),
        ("tRuE", true),
        ("", false),
        ("1", false),
        ("yes", false),
        (" true", false),
    ] {
        ensure_eq!(Map::new().with("p", text)?.bool("p")?, truth, "{text:?}");
    }
    Ok(Passed::AsStated)
}

fn missing() -> Verdict {
    let (row, empty) = ([null_row()], Map::new());
    let null = map_of(&row)?;
    for map in [&empty, &null] {
        expect_cells(&row, &Column::ALL, |row, column| read_entry(map, row.name, column))?;
    }
    ensure_eq!(empty.get("v_null"), None);
    ensure_eq!(null.get("v_null"), Some(&Value::Null));
    Ok(Passed::AsStated)
}

fn names() -> Verdict {
    let mut map = Map::new().with("kept", 1)?;
    expect_kind(map.set("", 2), ErrorKind::InvalidArgument)?;
    expect_kind(map.set_bytes_slice("", &[1], 0, 1), ErrorKind::InvalidArgument)?;
    expect_kind(map.clone().with("", 2), ErrorKind::InvalidArgument)?;
    expect_kind(Map::try_from_iter([("", 2)]), ErrorKind::InvalidArgument)?;
    ensure_eq!(map, Map::new().with("kept", 1)?, "after an empty name was refused");
    let long = "é".repeat(512);
    for name in [
        " ",
        "a b",
        "a.b",
        "a-b",
        "1",
        "größe",
        "☕😀",
        "\0\n",
        "NULL",
        "JMSPriority",
        &long,
    ] {
        map.set(name, 7)?;
        ensure_eq!(map.i32(name)?, 7, "{name:?}");
    }
    Ok(Passed::AsStated)
}

fn listing() -> Verdict {
    let mut map = Map::new()
        .with("b", 1)?
        .with("a", 2)?
        .with("A", 3)?
        .with("null", Value::Null)?;
    map.set("b", "again")?;
    let expected = ["A", "a", "b", "null"];
    expect_set(&map.names().collect::<Vec<_>>(), &expected)?;
    ensure_eq!(map.len(), expected.len());
    for name in expected {
        ensure!(map.contains(name), "`{name}` does not exist");
    }
    for name in ["B", "", "c", "Null"] {
        ensure!(!map.contains(name), "`{name}` exists");
    }
    ensure_eq!(map.remove("b"), Some("again".into()));
    ensure_eq!(map.remove("b"), None);
    ensure!(!map.contains("b"), "`b` was removed and exists");
    expect_set(&map.names().collect::<Vec<_>>(), &["A", "a", "null"])?;
    Ok(Passed::AsStated)
}

fn bytes_are_copied() -> Verdict {
    let mut source = [1, 2, 3, 4];
    let mut map = Map::new();
    map.set("all", source.as_slice())?;
    map.set_bytes_slice("part", &source, 1, 2)?;
    map.set_bytes_slice("none", &source, 4, 0)?;
    for (offset, length) in [(0, 5), (4, 1), (5, 0), (1, usize::MAX), (usize::MAX, 1)] {
        expect_kind(
            map.set_bytes_slice("bad", &source, offset, length),
            ErrorKind::InvalidArgument,
        )?;
    }
    ensure!(!map.contains("bad"), "a refused slice was set");
    source.fill(9);
    let check = || {
        for (name, expected) in [("all", &[1, 2, 3, 4][..]), ("part", &[2, 3]), ("none", &[])] {
            let got = map.bytes(name)?.map(Value::from).unwrap_or_default();
            expect_value(&got, &expected.into(), name)?;
        }
        Ok(Passed::AsStated)
    };
    check()?;
    let mut out = map.bytes("all")?.map(Vec::from).unwrap_or_default();
    out.fill(9);
    check()
}

async fn shapes(context: &Context) -> Verdict {
    let large = Map::try_from_iter((0..1000).map(|number| (format!("key-{number}"), number)))?;
    let nested = Map::new()
        .with("a", 1)?
        .with("a.b", 2)?
        .with("a.b.c", Value::Null)?
        .with("a[0]", "four")?
        .with(".", 5)?;
    let awkward = Map::try_from_iter([(" ", 1), ("größe 😀", 2), ("\"q\"\\", 3), ("\n\0", 4), ("$type", 5)])?;
    let pair = context.pair(AckMode::Auto).await?;
    for map in [Map::new(), large, nested, awkward, map_of(&rows())?] {
        let expected = entries_of(&map);
        let received = travel(context, &pair, Message::map(map)).await?;
        expect_entries(&entries_of(map_in(&received)?), &expected)?;
    }
    Ok(Passed::AsStated)
}

async fn readable_before_and_after(context: &Context) -> Verdict {
    let map = Map::new().with("n", 1)?;
    let message = Message::map(map);
    ensure_eq!(map_in(&message)?.i32("n")?, 1, "before it is sent");
    let pair = context.pair(AckMode::Auto).await?;
    let received = travel(context, &pair, message.clone()).await?;
    ensure_eq!(map_in(&message)?.i32("n")?, 1, "once it is sent");

    // What was received has no setters; what is taken from it is another map.
    let mut own = map_in(&received)?.clone();
    own.set("n", 2)?;
    own.set("new", true)?;
    let cleared = received.to_message().with_body(Body::Map(Map::new()));
    ensure_eq!(cleared.kind(), BodyKind::Map);
    ensure!(map_in(&cleared)?.is_empty(), "a cleared map has entries");
    expect_entries(&entries_of(map_in(&received)?), &[("n".to_owned(), Value::I32(1))])?;
    Ok(Passed::AsStated)
}
