//! The values of map and stream bodies as JSON: `{"type":"i32","value":7}`.
//!
//! Numbers that JSON lacks are the texts `NaN`, `Infinity` and `-Infinity`; bytes are base64; null has no value.

use anymq_api::{Map, Stream, Value};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Number, Value as Json, json};

pub(crate) fn write_map(map: &Map) -> Vec<u8> {
    let entries: serde_json::Map<_, _> = map
        .iter()
        .map(|(name, value)| (name.to_owned(), write(value)))
        .collect();
    Json::Object(entries).to_string().into_bytes()
}

pub(crate) fn write_stream(stream: &Stream) -> Vec<u8> {
    let values = stream.values().iter().map(write).collect();
    Json::Array(values).to_string().into_bytes()
}

/// `None` when it is no map of this form.
pub(crate) fn read_map(bytes: &[u8]) -> Option<Map> {
    let Ok(Json::Object(entries)) = serde_json::from_slice(bytes) else {
        return None;
    };
    let mut map = Map::default();
    for (name, value) in entries {
        map.set_from_wire(name, read(&value)?);
    }
    Some(map)
}

/// `None` when it is no stream of this form.
pub(crate) fn read_stream(bytes: &[u8]) -> Option<Stream> {
    let Ok(Json::Array(values)) = serde_json::from_slice(bytes) else {
        return None;
    };
    values.iter().map(read).collect()
}

fn write(value: &Value) -> Json {
    match value {
        Value::Null => json!({"type": "null"}),
        Value::Bool(value) => json!({"type": "bool", "value": value}),
        Value::I8(value) => json!({"type": "i8", "value": value}),
        Value::I16(value) => json!({"type": "i16", "value": value}),
        Value::Char(value) => json!({"type": "char", "value": value}),
        Value::I32(value) => json!({"type": "i32", "value": value}),
        Value::I64(value) => json!({"type": "i64", "value": value}),
        Value::F32(value) => json!({"type": "f32", "value": write_float((*value).into())}),
        Value::F64(value) => json!({"type": "f64", "value": write_float(*value)}),
        Value::String(value) => json!({"type": "string", "value": &**value}),
        Value::Bytes(value) => json!({"type": "bytes", "value": STANDARD.encode(value)}),
    }
}

fn write_float(value: f64) -> Json {
    match Number::from_f64(value) {
        Some(number) => Json::Number(number),
        None if value.is_nan() => "NaN".into(),
        None if value > 0.0 => "Infinity".into(),
        None => "-Infinity".into(),
    }
}

fn read(json: &Json) -> Option<Value> {
    let kind = json.get("type")?.as_str()?;
    if kind == "null" {
        return Some(Value::Null);
    }
    let value = json.get("value")?;
    Some(match kind {
        "bool" => Value::Bool(value.as_bool()?),
        "i8" => Value::I8(value.as_i64()?.try_into().ok()?),
        "i16" => Value::I16(value.as_i64()?.try_into().ok()?),
        "i32" => Value::I32(value.as_i64()?.try_into().ok()?),
        "i64" => Value::I64(value.as_i64()?),
        "char" => Value::Char(read_char(value.as_str()?)?),
        "f32" => Value::F32(narrow(read_float(value)?)),
        "f64" => Value::F64(read_float(value)?),
        "string" => Value::String(value.as_str()?.to_owned().into()),
        "bytes" => Value::Bytes(STANDARD.decode(value.as_str()?).ok()?.into()),
        _ => return None,
    })
}

fn read_char(text: &str) -> Option<char> {
    let mut chars = text.chars();
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

fn read_float(json: &Json) -> Option<f64> {
    match json.as_str() {
        None => json.as_f64(),
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        Some(_) => None,
    }
}

/// What was an `f32` comes back exactly; anything else is rounded.
#[expect(clippy::cast_possible_truncation, reason = "rounding is what is wanted")]
fn narrow(value: f64) -> f32 {
    value as f32
}
