//! BYTES: bytes bodies.

use anymq_api::{AckMode, Body, BytesReader, BytesWriter, Capability, ErrorKind, Message, Value};

use super::{Context, Failure, Passed, Verdict, expect_kind, local, travel::travel};

cases! {
    "BYTES-02" => read_from_the_start,
    "BYTES-03" => each_primitive,
    "BYTES-04" => local(layout),
    "BYTES-05" => local(reads_are_unchecked),
    "BYTES-06" => local(past_the_end),
    "BYTES-07" => local(failed_reads_stay),
    "BYTES-08" => local(impossible_lengths),
    "BYTES-09" => local(untyped_writer),
    "BYTES-10" => local(body_length),
    "BYTES-11" => unaltered,
}

/// Reads the two numbers of the body that [`read_from_the_start`] sends, again and again.
fn read_twice(message: &Message) -> Result<(), Failure> {
    let mut reader = message.bytes_reader()?;
    for round in 0..3 {
        ensure_eq!(reader.position(), 0, "position in round {round}");
        ensure_eq!(reader.read_i32()?, 7, "round {round}");
        let mut other = message.bytes_reader()?;
        ensure_eq!(other.read_i32()?, 7, "a reader of its own");
        ensure_eq!(reader.read_i16()?, -1, "round {round}");
        expect_kind(reader.read_u8(), ErrorKind::MessageEof)?;
        reader.reset();
    }
    // Also in the middle.
    reader.read_i32()?;
    reader.reset();
    ensure_eq!(reader.read_i32()?, 7, "reset in the middle");
    Ok(())
}

async fn read_from_the_start(context: &Context) -> Verdict {
    let mut writer = BytesWriter::new();
    writer.write_i64(1);
    writer.clear();
    ensure!(writer.is_empty(), "a cleared writer is not empty");
    writer.write_i32(7);
    writer.write_i16(-1);
    let message = Message::bytes(writer.finish());
    read_twice(&message)?;

    let pair = context.pair(AckMode::Auto).await?;
    let received = travel(context, &pair, message).await?;
    read_twice(&received)?;
    let mut fresh = BytesWriter::new();
    let cleared = received.to_message().with_body(Body::Bytes(fresh.clone().finish()));
    ensure_eq!(cleared.bytes_reader()?.body_length(), 0);
    fresh.write_u8(9);
    let written = cleared.with_body(Body::Bytes(fresh.finish()));
    ensure_eq!(written.bytes_reader()?.read_u8()?, 9);
    read_twice(&received)?;
    Ok(Passed::AsStated)
}

/// Writes every primitive, extremes included. [`read_all`] reads it back.
fn write_all() -> anymq_api::Result<BytesWriter> {
    let mut writer = BytesWriter::new();
    writer.write_bool(true);
    writer.write_bool(false);
    for value in [i8::MIN, -1, i8::MAX] {
        writer.write_i8(value);
    }
    writer.write_u8(u8::MAX);
    for value in [i16::MIN, -1, i16::MAX] {
        writer.write_i16(value);
    }
    writer.write_u16(u16::MAX);
    for value in CHARS {
        writer.write_char(value)?;
    }
    for value in [i32::MIN, -1, i32::MAX] {
        writer.write_i32(value);
    }
    for value in [i64::MIN, -1, i64::MAX] {
        writer.write_i64(value);
    }
    for value in F32S {
        writer.write_f32(value);
    }
    for value in F64S {
        writer.write_f64(value);
    }
    for text in UTFS {
        writer.write_utf(text)?;
    }
    writer.write_bytes(b"\x00array\xff");
    writer.write_bytes_slice(b"no slice no", 3, 5)?;
    Ok(writer)
}

const CHARS: [char; 5] = ['\0', 'a', 'é', '€', '\u{ffff}'];
const F32S: [f32; 6] = [0.0, -0.0, f32::MIN, f32::MIN_POSITIVE, f32::INFINITY, f32::NAN];
const F64S: [f64; 6] = [0.0, -0.0, f64::MIN, f64::MIN_POSITIVE, f64::NEG_INFINITY, f64::NAN];
const UTFS: [&str; 4] = ["", "ascii", "\0 größe €", "😀"];

fn read_all(mut reader: BytesReader) -> Result<(), Failure> {
    ensure_eq!([reader.read_bool()?, reader.read_bool()?], [true, false]);
    for value in [i8::MIN, -1, i8::MAX] {
        ensure_eq!(reader.read_i8()?, value);
    }
    ensure_eq!(reader.read_u8()?, u8::MAX);
    for value in [i16::MIN, -1, i16::MAX] {
        ensure_eq!(reader.read_i16()?, value);
    }
    ensure_eq!(reader.read_u16()?, u16::MAX);
    for value in CHARS {
        ensure_eq!(reader.read_char()?, value);
    }
    for value in [i32::MIN, -1, i32::MAX] {
        ensure_eq!(reader.read_i32()?, value);
    }
    for value in [i64::MIN, -1, i64::MAX] {
        ensure_eq!(reader.read_i64()?, value);
    }
    for value in F32S {
        ensure_eq!(reader.read_f32()?.to_bits(), value.to_bits(), "bits of {value:?}");
    }
    for value in F64S {
        ensure_eq!(reader.read_f64()?.to_bits(), value.to_bits(), "bits of {value:?}");
    }
    for text in UTFS {
        ensure_eq!(reader.read_utf()?, text);
    }
    let mut buffer = [0; 7];
    ensure_eq!(reader.read_bytes(&mut buffer)?, Some(7));
    ensure_eq!(&buffer, b"\x00array\xff");
    ensure_eq!(reader.read_bytes(&mut buffer)?, Some(5));
    ensure_eq!(buffer.get(..5), Some(b"slice".as_slice()));
    ensure_eq!(reader.read_bytes(&mut buffer)?, None);
    Ok(())
}

async fn each_primitive(context: &Context) -> Verdict {
    let message = Message::bytes(write_all()?.finish());
    read_all(message.bytes_reader()?)?;
    let pair = context.pair(AckMode::Auto).await?;
    let received = travel(context, &pair, message).await?;
    read_all(received.bytes_reader()?)?;
    Ok(Passed::AsStated)
}

/// What a writer wrote.
fn written(write: impl FnOnce(&mut BytesWriter) -> anymq_api::Result<()>) -> Result<Vec<u8>, Failure> {
    let mut writer = BytesWriter::new();
    write(&mut writer)?;
    Ok(writer.finish().to_vec())
}

type Write = fn(&mut BytesWriter);

/// What each call writes, in big-endian order.
const LAYOUT: [(Write, &[u8]); 12] = [
    (|writer| writer.write_bool(true), &[1]),
    (|writer| writer.write_bool(false), &[0]),
    (|writer| writer.write_i8(-2), &[0xfe]),
    (|writer| writer.write_u8(0xfe), &[0xfe]),
    (|writer| writer.write_i16(-2), &[0xff, 0xfe]),
    (|writer| writer.write_u16(0x0102), &[1, 2]),
    (|writer| writer.write_i32(0x0102_0304), &[1, 2, 3, 4]),
    (|writer| writer.write_i32(-2), &[0xff, 0xff, 0xff, 0xfe]),
    (
        |writer| writer.write_i64(0x0102_0304_0506_0708),
        &[1, 2, 3, 4, 5, 6, 7, 8],
    ),
    (|writer| writer.write_f32(1.0), &[0x3f, 0x80, 0, 0]),
    (|writer| writer.write_f64(-2.0), &[0xc0, 0, 0, 0, 0, 0, 0, 0]),
    (|writer| writer.write_bytes(&[0, 0xff]), &[0, 0xff]),
];

fn layout() -> Verdict {
    for (number, (write, bytes)) in LAYOUT.iter().enumerate() {
        let mut writer = BytesWriter::new();
        write(&mut writer);
        ensure_eq!(writer.finish(), bytes, "layout {number}");
    }
    ensure_eq!(written(|writer| writer.write_char('€'))?, [0x20, 0xac]);
    // As java.io.DataOutput: NUL takes two bytes, and a pair of surrogates three each.
    for (text, bytes) in [
        ("", &[0, 0][..]),
        ("a", &[0, 1, b'a']),
        ("\0", &[0, 2, 0xc0, 0x80]),
        ("é€", &[0, 5, 0xc3, 0xa9, 0xe2, 0x82, 0xac]),
        ("😀", &[0, 6, 0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]),
    ] {
        ensure_eq!(written(|writer| writer.write_utf(text))?, bytes, "{text:?}");
        ensure_eq!(BytesReader::new(bytes.to_vec()).read_utf()?, text);
    }
    let longest = "x".repeat(65_535);
    ensure_eq!(written(|writer| writer.write_utf(&longest))?.len(), 65_537);
    Ok(Passed::AsStated)
}

fn reads_are_unchecked() -> Verdict {
    let bytes = written(|writer| {
        writer.write_i32(0x0102_03ff);
        Ok(())
    })?;
    let mut reader = BytesReader::new(bytes.clone());
    let narrow = [
        reader.read_i8()?,
        reader.read_i8()?,
        reader.read_i8()?,
        reader.read_i8()?,
    ];
    ensure_eq!(narrow, [1, 2, 3, -1]);
    let mut reader = BytesReader::new(bytes.clone());
    ensure_eq!([reader.read_u16()?, reader.read_u16()?], [0x0102, 0x03ff]);
    ensure_eq!(BytesReader::new(bytes.clone()).read_f32()?.to_bits(), 0x0102_03ff);
    let mut reader = BytesReader::new(bytes);
    ensure_eq!(reader.read_char()?, '\u{102}');
    ensure_eq!([reader.read_bool()?, reader.read_bool()?], [true, true], "3 and 255");
    Ok(Passed::AsStated)
}

type Read = fn(&mut BytesReader) -> anymq_api::Result<()>;

/// Every typed reader, with the bytes that it takes at least.
const READERS: [(&str, usize, Read); 11] = [
    ("bool", 1, |reader| reader.read_bool().map(drop)),
    ("i8", 1, |reader| reader.read_i8().map(drop)),
    ("u8", 1, |reader| reader.read_u8().map(drop)),
    ("i16", 2, |reader| reader.read_i16().map(drop)),
    ("u16", 2, |reader| reader.read_u16().map(drop)),
    ("char", 2, |reader| reader.read_char().map(drop)),
    ("utf", 2, |reader| reader.read_utf().map(drop)),
    ("i32", 4, |reader| reader.read_i32().map(drop)),
    ("f32", 4, |reader| reader.read_f32().map(drop)),
    ("i64", 8, |reader| reader.read_i64().map(drop)),
    ("f64", 8, |reader| reader.read_f64().map(drop)),
];

fn past_the_end() -> Verdict {
    for (name, _, read) in READERS {
        let mut reader = BytesReader::new(Vec::new());
        for _ in 0..2 {
            let outcome = read(&mut reader);
            ensure!(
                matches!(&outcome, Err(error) if error.kind() == ErrorKind::MessageEof),
                "{name} at the end: {outcome:?}"
            );
        }
    }
    for bad in [
        &[0, 1, 0x80][..],
        &[0, 2, 0xc3, 0x28],
        &[0, 1, 0xff],
        &[0, 2, 0xe2, 0x82],
    ] {
        expect_kind(BytesReader::new(bad.to_vec()).read_utf(), ErrorKind::MessageFormat)?;
    }
    let mut reader = BytesReader::new(vec![1, 2, 3, 4, 5]);
    let mut buffer = [0; 3];
    ensure_eq!(reader.read_bytes(&mut [])?, Some(0), "an empty buffer at the start");
    ensure_eq!(reader.read_bytes(&mut buffer)?, Some(3));
    ensure_eq!(buffer, [1, 2, 3]);
    ensure_eq!(reader.read_bytes(&mut buffer)?, Some(2));
    ensure_eq!(buffer, [4, 5, 3], "what is past the count stays");
    for _ in 0..2 {
        ensure_eq!(reader.read_bytes(&mut buffer)?, None, "at the end");
        ensure_eq!(reader.read_bytes(&mut [])?, Some(0), "an empty buffer at the end");
    }
    Ok(Passed::AsStated)
}

fn failed_reads_stay() -> Verdict {
    for (name, takes, read) in READERS.into_iter().filter(|(_, takes, _)| *takes > 1) {
        let mut reader = BytesReader::new(vec![0xff; takes]);
        for _ in 1..takes {
            reader.read_u8()?;
        }
        let outcome = read(&mut reader);
        ensure!(
            matches!(&outcome, Err(error) if error.kind() == ErrorKind::MessageEof),
            "{name} with one byte left: {outcome:?}"
        );
        ensure_eq!(reader.position(), takes - 1, "position after {name}");
        ensure_eq!(reader.read_u8()?, 0xff, "the byte that was left");
    }
    // A text whose length reaches past the end, and one that is none.
    for (body, kind) in [
        (vec![0, 9, b'a'], ErrorKind::MessageEof),
        (vec![0, 1, 0xff], ErrorKind::MessageFormat),
    ] {
        let mut reader = BytesReader::new(body.clone());
        expect_kind(reader.read_utf(), kind)?;
        ensure_eq!(reader.position(), 0, "position after {kind}");
        ensure_eq!(
            reader.read_u16().ok(),
            body.first_chunk().copied().map(u16::from_be_bytes)
        );
    }
    Ok(Passed::AsStated)
}

fn impossible_lengths() -> Verdict {
    let mut reader = BytesReader::new(vec![1, 2, 3]);
    reader.read_u8()?;
    let mut buffer = [9; 2];
    for length in [3, 4, usize::MAX] {
        expect_kind(reader.read_up_to(&mut buffer, length), ErrorKind::InvalidArgument)?;
    }
    expect_kind(reader.read_up_to(&mut [], 1), ErrorKind::InvalidArgument)?;
    ensure_eq!(buffer, [9, 9], "the buffer after refusals");
    ensure_eq!(reader.position(), 1, "position after refusals");
    ensure_eq!(reader.read_up_to(&mut buffer, 1)?, Some(1));
    ensure_eq!(buffer, [2, 9]);
    ensure_eq!(reader.read_up_to(&mut buffer, 0)?, Some(0));
    ensure_eq!(reader.read_up_to(&mut buffer, 2)?, Some(1));
    ensure_eq!(buffer, [3, 9]);
    ensure_eq!(reader.read_up_to(&mut buffer, 2)?, None);
    Ok(Passed::AsStated)
}

fn untyped_writer() -> Verdict {
    let mut untyped = BytesWriter::new();
    let mut typed = BytesWriter::new();
    for value in [
        Value::Bool(true),
        Value::I8(-1),
        Value::I16(-2),
        Value::Char('€'),
        Value::I32(-3),
        Value::I64(-4),
        Value::F32(0.5),
        Value::F64(-0.5),
        "größe".into(),
        b"bytes".into(),
    ] {
        untyped.write_value(&value)?;
    }
    typed.write_bool(true);
    typed.write_i8(-1);
    typed.write_i16(-2);
    typed.write_char('€')?;
    typed.write_i32(-3);
    typed.write_i64(-4);
    typed.write_f32(0.5);
    typed.write_f64(-0.5);
    typed.write_utf("größe")?;
    typed.write_bytes(b"bytes");
    let length = untyped.len();
    expect_kind(untyped.write_value(&Value::Null), ErrorKind::InvalidArgument)?;
    ensure_eq!(untyped.len(), length, "length after a refusal");
    ensure_eq!(untyped.finish(), typed.finish());
    Ok(Passed::AsStated)
}

fn body_length() -> Verdict {
    let mut reader = BytesReader::new(vec![7; 5]);
    for position in 0..5 {
        ensure_eq!(reader.body_length(), 5, "at {position}");
        reader.read_u8()?;
    }
    ensure_eq!(reader.body_length(), 5, "at the end");
    expect_kind(reader.read_u8(), ErrorKind::MessageEof)?;
    ensure_eq!(reader.body_length(), 5, "past the end");
    reader.reset();
    ensure_eq!(reader.body_length(), 5, "after a reset");
    ensure_eq!(BytesReader::new(Vec::new()).body_length(), 0);
    Ok(Passed::AsStated)
}

/// Bytes without a pattern, the same in every run.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

async fn unaltered(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let mut all = vec![(0..=u8::MAX).collect(), noise(1024 * 1024)];
    // Of these nobody can tell that they are no text, unless the message says so.
    if context.supports(Capability::TypedBodies) {
        all.push(Vec::new());
    }
    for bytes in all {
        let received = travel(context, &pair, Message::bytes(bytes.clone())).await?;
        let got = received.as_bytes().map(|got| &**got);
        // Too long to be shown.
        ensure!(
            got == Some(bytes.as_slice()),
            "{} bytes come as {:?}, {:?} of them",
            bytes.len(),
            received.kind(),
            got.map(<[u8]>::len)
        );
        ensure_eq!(received.bytes_reader()?.body_length(), bytes.len());
    }
    Ok(Passed::AsStated)
}
