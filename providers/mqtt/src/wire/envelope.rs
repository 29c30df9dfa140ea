//! What MQTT 3.1.1 has no place for, before the payload: the properties that MQTT 5 has, as a line of JSON.
//!
//! ```text
//! anymq-jms {"content-type":"text/plain","reply-to":"replies/1","user":[["JMSType","order"],["table","7"]]}
//! one espresso
//! ```

use anymq_api::{ErrorKind, Result};
use bytes::{BufMut as _, Bytes, BytesMut};
use serde_json::{Map, Value, json};

use super::PublishProperties;
use crate::error::error;

const MAGIC: &[u8] = b"anymq-jms ";
/// The head's last byte; JSON on a line has none.
const END: u8 = b'\n';
/// In bytes. What has a longer head is no envelope.
const LONGEST_HEAD: usize = 8 << 20;

/// Joins the two.
///
/// # Errors
/// Nobody would read a head that is too long.
pub(super) fn seal(properties: &PublishProperties, payload: &Bytes) -> Result<Bytes> {
    let head = head(properties).to_string();
    if head.len() >= LONGEST_HEAD {
        let detail = format!(
            "headers and properties of {} bytes, and an envelope has 8 MiB",
            head.len()
        );
        return Err(error(ErrorKind::MessageFormat, detail));
    }
    let mut sealed = BytesMut::with_capacity(MAGIC.len() + head.len() + 1 + payload.len());
    sealed.put_slice(MAGIC);
    sealed.put_slice(head.as_bytes());
    sealed.put_u8(END);
    sealed.put_slice(payload);
    Ok(sealed.freeze())
}

fn head(properties: &PublishProperties) -> Value {
    let user = properties.user_properties.iter();
    let user: Vec<Value> = user.map(|(name, text)| json!([name, text])).collect();
    let mut head = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            head.insert(name.to_owned(), value);
        }
    };
    put("content-type", properties.content_type.as_deref().map(Value::from));
    put("reply-to", properties.response_topic.as_deref().map(Value::from));
    // Bytes, so not a text.
    put("correlation", properties.correlation_data.as_deref().map(Value::from));
    put("user", Some(Value::from(user)));
    Value::Object(head)
}

/// Takes them apart; nothing where it is no envelope. The payload is not copied.
pub(super) fn open(sealed: &Bytes) -> Option<(PublishProperties, Bytes)> {
    let inside = sealed.strip_prefix(MAGIC)?;
    let length = inside.iter().take(LONGEST_HEAD).position(|&byte| byte == END)?;
    let head: Value = serde_json::from_slice(&inside[..length]).ok()?;
    let text = |name: &str| head.get(name).and_then(Value::as_str).map(str::to_owned);
    let properties = PublishProperties {
        content_type: text("content-type"),
        response_topic: text("reply-to"),
        correlation_data: correlation(head.get("correlation")),
        user_properties: user(head.get("user")?)?,
        ..PublishProperties::default()
    };
    Some((properties, sealed.slice(MAGIC.len() + length + 1..)))
}

fn correlation(data: Option<&Value>) -> Option<Bytes> {
    let bytes = data?.as_array()?.iter();
    let bytes: Option<Vec<u8>> = bytes.map(|byte| u8::try_from(byte.as_u64()?).ok()).collect();
    bytes.map(Bytes::from)
}

fn user(pairs: &Value) -> Option<Vec<(String, String)>> {
    let pair = |pair: &Value| Some((pair.get(0)?.as_str()?.to_owned(), pair.get(1)?.as_str()?.to_owned()));
    pairs.as_array()?.iter().map(pair).collect()
}

/// What is said of a payload without an envelope: whether it is UTF-8.
pub(super) fn plain(payload: &[u8]) -> PublishProperties {
    PublishProperties {
        payload_format_indicator: std::str::from_utf8(payload).is_ok().then_some(1),
        ..PublishProperties::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_opened() {
        let properties = PublishProperties {
            content_type: Some("text/é".to_owned()),
            response_topic: Some(String::new()),
            correlation_data: Some(vec![0, 10, 255].into()),
            user_properties: vec![("a".to_owned(), "\n\0".to_owned()), ("a".to_owned(), String::new())],
            ..PublishProperties::default()
        };
        let payload = Bytes::from_static(b"\nbody\xff");
        let sealed = seal(&properties, &payload).unwrap();
        assert_eq!(open(&sealed), Some((properties, payload)));
        let sealed = seal(&PublishProperties::default(), &Bytes::new()).unwrap();
        assert_eq!(open(&sealed), Some((PublishProperties::default(), Bytes::new())));
    }

    #[test]
    fn a_head_that_nobody_would_read_is_refused() {
        let properties = PublishProperties {
            user_properties: vec![("a".to_owned(), "x".repeat(LONGEST_HEAD))],
            ..PublishProperties::default()
        };
        let refusal = seal(&properties, &Bytes::new()).unwrap_err();
        assert_eq!(refusal.kind(), ErrorKind::MessageFormat);
    }

    #[test]
    fn what_is_no_envelope_is_a_payload() {
        for payload in [
            &b""[..],
            b"anymq-jms ",
            b"anymq-jms {}\nx",
            b"anymq-jms {\"user\":[[1,2]]}\nx",
            b"anymq-jms [[[[\nx",
            b"anymq-jms {\"user\":[]}",
            b"plain",
        ] {
            assert_eq!(open(&Bytes::from_static(payload)), None, "{payload:?}");
        }
        assert_eq!(plain(b"x").payload_format_indicator, Some(1));
        assert_eq!(plain(b"\xff").payload_format_indicator, None);
    }
}
