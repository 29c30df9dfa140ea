//! What this provider's documentation says of MQTT 3.1.1 with `envelope=jms`, as another client would write and read it.

use serde_json::{Value as Json, json};

use crate::common::{hex, unhex};

const MAGIC: &str = "anymq-jms ";

/// The properties in a line before the payload.
pub(crate) fn seal(properties: &Json, body: &[u8]) -> Vec<u8> {
    let mut head = properties.clone();
    if let Some(correlation) = head.get_mut("correlation") {
        *correlation = json!(unhex(correlation.as_str().unwrap()));
    }
    if head.get("user").is_none() {
        head["user"] = json!([]);
    }
    [format!("{MAGIC}{head}\n").as_bytes(), body].concat()
}

/// The properties that stand before the payload, and the payload.
pub(crate) fn open(sealed: &[u8]) -> (Json, Vec<u8>) {
    let end = sealed.iter().position(|byte| *byte == b'\n').expect("a line");
    let line = std::str::from_utf8(&sealed[..end]).unwrap();
    let mut head: Json = serde_json::from_str(line.strip_prefix(MAGIC).expect("the mark")).unwrap();
    if let Some(correlation) = head.get_mut("correlation") {
        let bytes: Vec<u8> = serde_json::from_value(correlation.take()).unwrap();
        *correlation = hex(&bytes).into();
    }
    (head, sealed[end + 1..].to_vec())
}
