//! Maps and streams of values: getters and readers against the conversion table and a model of the position.

use std::collections::BTreeMap;

use anymq_api::{ErrorKind, Map, Message, PropertyValue, Stream, StreamReader, StreamWriter, Value};
use bytes::Bytes;

use super::{
    conversion::{self, Cell, TARGETS, Target, of_value},
    error,
    input::Input,
    model::StreamModel,
};

pub(super) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let count = input.below(12);
    let values: Vec<_> = (0..count).map(|_| value(&mut input)).collect();
    for value in &values {
        converted(value);
    }
    map(&values, &mut input);
    stream(values, &mut input);
}

fn converted(value: &Value) {
    for target in TARGETS {
        assert_eq!(
            of_value(value, target),
            conversion::expected(value, target),
            "{value:?} {target:?}"
        );
    }
    conversion::check_float(value);
    let property = PropertyValue::try_from(value.clone());
    let none = matches!(value, Value::Null | Value::Char(_) | Value::Bytes(_));
    assert_eq!(property.is_err(), none, "{value:?}");
}

fn map(values: &[Value], input: &mut Input<'_>) {
    let (mut map, mut model) = (Map::new(), BTreeMap::new());
    for value in values {
        let name = input.text();
        let before = map.clone();
        let result = if input.bool() {
            map.set_from_wire(name.as_str(), value.clone());
            Ok(())
        } else {
            map.set(name.as_str(), value.clone())
        };
        if let Err(refusal) = result {
            assert!(name.is_empty());
            error::check(&refusal, &[ErrorKind::InvalidArgument]);
            assert!(same(&map, &before));
        } else {
            model.insert(name, value);
        }
    }
    assert!(map.names().eq(model.keys()) && map.len() == model.len());
    let message = Message::map(map.clone());
    assert!(!format!("{message:?}").contains("Value"), "{message:?}");
    for (name, value) in &model {
        assert!(map.contains(name) && same_value(map.get(name).unwrap(), value));
        for target in TARGETS {
            assert_eq!(
                of_entry(&map, name, target),
                conversion::expected(value, target),
                "{value:?} {target:?}"
            );
        }
    }
    if !model.contains_key("absent") {
        for target in TARGETS {
            assert_eq!(
                of_entry(&map, "absent", target),
                conversion::expected(&Value::Null, target)
            );
        }
    }
    if let Some((name, value)) = model.iter().next() {
        let shared = map.clone();
        assert!(map.remove(name).is_some_and(|it| same_value(&it, value)));
        assert!(!map.contains(name) && shared.contains(name));
    }
}

fn of_entry(map: &Map, name: &str, target: Target) -> Cell {
    match target {
        Target::Bool => map.bool(name).into(),
        Target::I8 => map.i8(name).into(),
        Target::I16 => map.i16(name).into(),
        Target::Char => map.char(name).into(),
        Target::I32 => map.i32(name).into(),
        Target::I64 => map.i64(name).into(),
        Target::F32 => map.f32(name).into(),
        Target::F64 => map.f64(name).into(),
        Target::Text => map.string(name).map(|text| text.map(String::from)).into(),
        Target::Bytes => map.bytes(name).into(),
    }
}

/// What is written is read back; and then as other types, in any order, with the model beside.
fn stream(values: Vec<Value>, input: &mut Input<'_>) {
    let mut writer = StreamWriter::new();
    for value in &values {
        write(&mut writer, value);
    }
    let stream: Stream = writer.finish();
    let mut reader = Message::stream(stream).stream_reader().unwrap();
    for value in &values {
        assert!(same_value(&reader.read_value().unwrap(), value), "{value:?}");
    }
    reader.reset();
    let mut model = StreamModel::new(values);
    while !input.is_empty() {
        step(&mut reader, &mut model, input);
        assert_eq!((reader.position(), reader.remaining()), model.place());
    }
}

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
        Value::String(text) => writer.write_string(text),
        Value::Bytes(bytes) => writer.write_bytes(bytes),
    }
}

fn step(reader: &mut StreamReader, model: &mut StreamModel, input: &mut Input<'_>) {
    let target = match input.below(14) {
        11 => {
            reader.reset();
            return model.reset();
        }
        12.. => {
            let seen = reader.read_value();
            let expected = model.read_whole();
            return match (seen, expected) {
                (Ok(seen), Ok(value)) => assert!(same_value(&seen, &value)),
                (seen, expected) => assert_eq!(seen.map_err(|refusal| refusal.kind()).err(), expected.err()),
            };
        }
        9 | 10 => {
            let mut buffer = vec![0; input.below(9).into()];
            let seen = reader.read_bytes(&mut buffer).map_err(|refusal| refusal.kind());
            let seen = seen.map(|count| count.map(|count| buffer[..count].to_vec()));
            return assert_eq!(seen, model.read_piece(buffer.len()));
        }
        index => TARGETS[usize::from(index)],
    };
    let seen = match target {
        Target::Bool => reader.read_bool().map(Cell::from),
        Target::I8 => reader.read_i8().map(Into::into),
        Target::I16 => reader.read_i16().map(Into::into),
        Target::Char => reader.read_char().map(Into::into),
        Target::I32 => reader.read_i32().map(Into::into),
        Target::I64 => reader.read_i64().map(Into::into),
        Target::F32 => reader.read_f32().map(Into::into),
        Target::F64 => reader.read_f64().map(Into::into),
        _ => reader
            .read_string()
            .map(|text| text.map(|text| text.to_string()).into()),
    };
    assert_eq!(
        seen.unwrap_or_else(|refusal| Cell::Refused(refusal.kind())),
        model.read_as(target),
        "{target:?}"
    );
}

/// As `==`, but for floats that are no number.
fn same_value(one: &Value, other: &Value) -> bool {
    format!("{one:?}") == format!("{other:?}")
}

fn same(one: &Map, other: &Map) -> bool {
    format!("{one:?}") == format!("{other:?}")
}

/// A value of any type.
pub(super) fn value(input: &mut Input<'_>) -> Value {
    match input.below(13) {
        0 => Value::Null,
        1 => input.bool().into(),
        2 => i8::from_le_bytes(input.array()).into(),
        3 => i16::from_le_bytes(input.array()).into(),
        4 => char::from_u32(u32::from_le_bytes(input.array()) & 0x1f_ffff)
            .unwrap_or('é')
            .into(),
        5 => i32::from_le_bytes(input.array()).into(),
        6 => i64::from_le_bytes(input.array()).into(),
        7 => f32::from_le_bytes(input.array()).into(),
        8 => f64::from_le_bytes(input.array()).into(),
        9 => Bytes::copy_from_slice(input.bytes()).into(),
        _ => input.text().into(),
    }
}
