//! STRM: stream bodies.

use anymq_api::{AckMode, Body, Capability, ErrorKind, Message, Stream, StreamReader, StreamWriter, Value};

use super::{
    Context, Failure, Passed, Verdict, expect_kind, local,
    tables::{Column, cells, expect_cells, null_row, read_element, rows, stream_of},
    travel::travel,
    values::{expect_value, expect_values, values},
};

cases! {
    "STRM-01" => rewound_at_will,
    "STRM-02" => each_type,
    "STRM-03" => conversions,
    "STRM-04" => local(failures_stay),
    "STRM-05" => local(the_end),
    "STRM-06" => local(null),
    "STRM-07" => local(pieces),
    "STRM-08" => local(between_pieces),
    "STRM-09" => local(other_than_bytes),
    "STRM-10" => local(untyped_reader),
}

fn reader_of(values: impl IntoIterator<Item = Value>) -> StreamReader {
    values.into_iter().collect::<Stream>().reader()
}

/// Reads the elements that [`rewound_at_will`] sends, again and again.
fn read_again(message: &Message) -> Result<(), Failure> {
    let mut reader = message.stream_reader()?;
    for round in 0..3 {
        ensure_eq!(reader.position(), 0, "position in round {round}");
        ensure_eq!(reader.read_i32()?, 7, "round {round}");
        ensure_eq!(message.stream_reader()?.read_i32()?, 7, "a reader of its own");
        ensure_eq!(reader.read_string()?.as_deref(), Some("two"), "round {round}");
        ensure_eq!(reader.read_bytes(&mut [0; 2])?, Some(2), "round {round}");
        // Also in the middle of bytes.
        reader.reset();
    }
    ensure_eq!(reader.remaining(), 3);
    Ok(())
}

async fn rewound_at_will(context: &Context) -> Verdict {
    let mut writer = StreamWriter::new();
    writer.write_bool(true);
    writer.clear();
    ensure!(writer.is_empty(), "a cleared writer is not empty");
    writer.write_i32(7);
    writer.write_string("two");
    writer.write_bytes(vec![1, 2, 3]);
    let message = Message::stream(writer.finish());
    read_again(&message)?;

    let pair = context.pair(AckMode::Auto).await?;
    let received = travel(context, &pair, message).await?;
    read_again(&received)?;
    let cleared = received.to_message().with_body(Body::Stream(Stream::new()));
    expect_kind(cleared.stream_reader()?.read_value(), ErrorKind::MessageEof)?;
    let mut fresh = StreamWriter::new();
    fresh.write_bool(true);
    let written = cleared.with_body(Body::Stream(fresh.finish()));
    ensure!(
        written.stream_reader()?.read_bool()?,
        "what was written anew is not there"
    );
    read_again(&received)?;
    Ok(Passed::AsStated)
}

/// Each value by the writer of its type.
fn write(writer: &mut StreamWriter, value: &Value) {
    match value.clone() {
        Value::Null => writer.write_value(Value::Null),
        Value::Bool(value) => writer.write_bool(value),
        Value::I8(value) => writer.write_i8(value),
        Value::I16(value) => writer.write_i16(value),
        Value::Char(value) => writer.write_char(value),
        Value::I32(value) => writer.write_i32(value),
        Value::I64(value) => writer.write_i64(value),
        Value::F32(value) => writer.write_f32(value),
        Value::F64(value) => writer.write_f64(value),
        Value::String(value) => writer.write_string(value),
        Value::Bytes(value) => writer.write_bytes(value),
    }
}

fn expect_in_order(message: &Message, expected: &[Value]) -> Result<(), Failure> {
    let mut reader = message.stream_reader()?;
    let mut got = Vec::new();
    while reader.remaining() > 0 {
        got.push(reader.read_value()?);
    }
    expect_values(got.iter(), expected)
}

async fn each_type(context: &Context) -> Verdict {
    let values = values();
    let mut writer = StreamWriter::new();
    for value in &values {
        write(&mut writer, value);
    }
    let message = Message::stream(writer.finish());
    expect_in_order(&message, &values)?;
    let pair = context.pair(AckMode::Auto).await?;
    expect_in_order(&*travel(context, &pair, message).await?, &values)?;
    let empty = travel(context, &pair, Message::stream(Stream::new())).await?;
    expect_in_order(&empty, &[])?;
    Ok(Passed::With(format!("{} values", values.len())))
}

/// Each cell by a reader of its own, at the element of its row; what does not convert must not move the reader.
fn check_table(message: &Message) -> Result<(), Failure> {
    let rows = rows();
    let reader = message.stream_reader()?;
    expect_cells(&rows, &Column::ALL, |row, column| {
        let mut reader = reader.clone();
        for before in &rows {
            if before.name == row.name {
                break;
            }
            reader.read_value()?;
        }
        read_element(&mut reader, column)
    })
}

async fn conversions(context: &Context) -> Verdict {
    let message = Message::stream(stream_of(&rows()));
    check_table(&message)?;
    let cells = cells(&Column::ALL);
    if !context.supports(Capability::TypedBodies) {
        return Ok(Passed::With(format!("{cells} cells local")));
    }
    let pair = context.pair(AckMode::Auto).await?;
    check_table(&*travel(context, &pair, message).await?)?;
    Ok(Passed::With(format!("{cells} cells local, {cells} on the wire")))
}

fn failures_stay() -> Verdict {
    let rows: Vec<_> = rows().into_iter().chain([null_row()]).collect();
    let mut failures = 0;
    let mut reader = stream_of(&rows).reader();
    for (position, row) in rows.iter().enumerate() {
        for column in Column::ALL {
            if row.expected(column).is_ok() {
                continue;
            }
            let outcome = read_element(&mut reader, column);
            ensure!(outcome.is_err(), "{:?} as {column:?}: {outcome:?}", row.set);
            ensure_eq!(reader.position(), position, "after {:?} as {column:?}", row.set);
            failures += 1;
        }
        expect_value(&reader.read_value()?, &row.set, row.name)?;
    }
    Ok(Passed::With(format!("{failures} failures")))
}

fn expect_end(reader: &mut StreamReader) -> Result<(), Failure> {
    for _ in 0..2 {
        for column in Column::ALL {
            let outcome = read_element(reader, column);
            ensure!(
                matches!(&outcome, Err(error) if error.kind() == ErrorKind::MessageEof),
                "as {column:?} at the end: {outcome:?}"
            );
        }
        expect_kind(reader.read_value(), ErrorKind::MessageEof)?;
        expect_kind(reader.read_bytes(&mut []), ErrorKind::MessageEof)?;
    }
    Ok(())
}

fn the_end() -> Verdict {
    expect_end(&mut Stream::new().reader())?;
    let mut reader = reader_of([Value::I32(1), Value::Null, b"ab".into()]);
    ensure_eq!(reader.read_i32()?, 1);
    ensure_eq!(reader.read_value()?, Value::Null);
    ensure_eq!(reader.read_bytes(&mut [0; 3])?, Some(2));
    expect_end(&mut reader)?;
    reader.reset();
    ensure_eq!(reader.read_i32()?, 1, "after the end and a reset");
    Ok(Passed::AsStated)
}

fn null() -> Verdict {
    expect_cells(&[null_row()], &Column::ALL, |row, column| {
        read_element(&mut reader_of([row.set.clone()]), column)
    })?;
    let mut reader = reader_of([Value::Null, Value::I32(1)]);
    ensure_eq!(reader.read_value()?, Value::Null, "as an object");
    ensure_eq!(reader.read_i32()?, 1, "what follows");
    Ok(Passed::AsStated)
}

fn pieces() -> Verdict {
    let mut reader = reader_of([b"abcde".into(), b"abcd".into(), b"abc".into(), Value::I32(1)]);
    let mut buffer = [0; 2];
    for piece in [b"ab", b"cd"] {
        ensure_eq!(reader.read_bytes(&mut buffer)?, Some(2), "five bytes");
        ensure_eq!(&buffer, piece);
    }
    ensure_eq!(reader.read_bytes(&mut buffer)?, Some(1), "the end by a shorter count");
    ensure_eq!(&buffer, b"ed", "what is past the count stays");

    for piece in [b"ab", b"cd"] {
        ensure_eq!(reader.read_bytes(&mut buffer)?, Some(2), "four bytes");
        ensure_eq!(&buffer, piece);
    }
    ensure_eq!(reader.read_bytes(&mut buffer)?, None, "the end after a full buffer");

    let mut large = [0; 8];
    ensure_eq!(reader.read_bytes(&mut large)?, Some(3), "three bytes at once");
    ensure_eq!(large.get(..3), Some(b"abc".as_slice()));
    ensure_eq!(reader.read_i32()?, 1, "what follows");
    Ok(Passed::AsStated)
}

fn between_pieces() -> Verdict {
    // One whose end is still to come, and one that filled the buffer with its last byte.
    for bytes in [b"abc".as_slice(), b"ab"] {
        let mut reader = reader_of([bytes.into(), Value::I32(1)]);
        let mut buffer = [0; 2];
        ensure_eq!(reader.read_bytes(&mut buffer)?, Some(2));
        for column in Column::ALL.into_iter().filter(|column| *column != Column::Bytes) {
            let outcome = read_element(&mut reader, column);
            ensure!(
                matches!(&outcome, Err(error) if error.kind() == ErrorKind::MessageFormat),
                "as {column:?} between pieces: {outcome:?}"
            );
        }
        expect_kind(reader.read_value(), ErrorKind::MessageFormat)?;
        let rest = bytes.len() - 2;
        let end = reader.read_bytes(&mut buffer)?;
        ensure_eq!(end, (rest > 0).then_some(rest), "the rest after the refusals");
        ensure_eq!(reader.read_i32()?, 1, "what follows");
    }
    Ok(Passed::AsStated)
}

fn other_than_bytes() -> Verdict {
    for row in rows() {
        if matches!(row.set, Value::Bytes(_)) {
            continue;
        }
        let mut reader = reader_of([row.set.clone()]);
        expect_kind(reader.read_bytes(&mut [0; 4]), ErrorKind::MessageFormat)?;
        expect_kind(reader.read_bytes(&mut []), ErrorKind::MessageFormat)?;
        expect_value(&reader.read_value()?, &row.set, row.name)?;
    }
    let mut reader = reader_of([Value::Null, Value::I32(1)]);
    ensure_eq!(reader.read_bytes(&mut [0; 4])?, None, "null");
    ensure_eq!(reader.read_i32()?, 1, "what follows null");
    let mut reader = reader_of([b"".into(), Value::I32(1)]);
    ensure_eq!(reader.read_bytes(&mut [0; 4])?, Some(0), "no bytes");
    ensure_eq!(reader.read_i32()?, 1, "what follows no bytes");
    Ok(Passed::AsStated)
}

fn untyped_reader() -> Verdict {
    let values = values();
    let mut reader = reader_of(values.clone());
    for value in &values {
        expect_value(&reader.read_value()?, value, "the untyped reader")?;
    }
    expect_kind(reader.read_value(), ErrorKind::MessageEof)?;
    Ok(Passed::AsStated)
}
