//! Bodies that are JSON: read and written exactly when they are JSON within the limits.

use anymq_api::{BodyKind, ErrorKind, Message, OBJECT_CONTENT_TYPE, ObjectLimits, Result};
use serde_json::Value;

use super::{depth::Depth, error, input::Input};

/// Bodies may hold it, and no error shows it.
const SECRET: &str = "hunter2";

/// The first two bytes are the limits; the others are the body.
pub(super) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let (size, depth) = (input.byte(), input.byte());
    let limits = ObjectLimits::default()
        .with_max_bytes(if size < 128 { size.into() } else { 1 << 20 })
        .with_max_depth(depth.into());
    let body = input.take(usize::MAX);
    let message = Message::bytes(body.to_vec()).with_content_type(OBJECT_CONTENT_TYPE);
    assert_eq!(message.kind(), BodyKind::Object);
    read(&message, body, limits);
    refused(Message::bytes(body.to_vec()).object_as_with_limits::<Value>(limits));
    for result in [
        message.object_as_with_limits::<String>(limits).map(drop),
        message.object_as_with_limits::<Vec<i64>>(limits).map(drop),
        message
            .object_as_with_limits::<(Option<u8>, f32, char)>(limits)
            .map(drop),
        message.object_as_with_limits::<Depth>(limits).map(drop),
        message.object_as::<Value>().map(drop),
    ] {
        refusal(result);
    }
}

fn read(message: &Message, body: &[u8], limits: ObjectLimits) {
    // Two parsers without the limits; 127 levels are theirs.
    let value: Option<Value> = serde_json::from_slice(body).ok();
    let depth: Option<Depth> = serde_json::from_slice(body).ok();
    let fits = body.len() <= limits.max_bytes() && depth.is_some_and(|depth| depth.0 <= limits.max_depth());
    let expected = value.filter(|_| fits);
    let seen = refusal(message.object_as_with_limits::<Value>(limits)).flatten();
    assert_eq!(seen, expected);
    if let Some(value) = seen {
        written(&value, limits);
    }
}

fn written(value: &Value, limits: ObjectLimits) {
    let text = serde_json::to_vec(value).unwrap();
    let fits = text.len() <= limits.max_bytes();
    // As deep as what was read, at most: of two entries with one name the later is kept.
    let message = refusal(Message::object_with_limits(value, limits));
    assert_eq!(message.is_some(), fits, "{value}");
    let limits = ObjectLimits::default().with_max_depth(usize::MAX);
    let message = Message::object_with_limits(value, limits).unwrap();
    assert_eq!(message.as_bytes().map(|bytes| bytes.to_vec()), Some(text));
    assert_eq!(message.object_as_with_limits(limits).unwrap().as_ref(), Some(value));
}

fn refused<T>(result: Result<T>) {
    assert!(refusal(result).is_none());
}

fn refusal<T>(result: Result<T>) -> Option<T> {
    result
        .inspect_err(|refusal| {
            error::check(refusal, &[ErrorKind::MessageFormat]);
            assert!(!refusal.to_string().contains(SECRET), "{refusal}");
        })
        .ok()
}
