//! What others publish without a thought of JMS.

use anymq::BodyKind;
use serde_json::json;

use crate::paho::{Paper, Version};
use crate::stage::{self, IN, Stage};

pub(crate) async fn is_read_as_what_fits_best(stage: &mut Stage) {
    match stage.version {
        Version::Five => by_what_is_said_of_it(stage).await,
        Version::Three => by_what_it_is(stage).await,
    }
}

async fn by_what_is_said_of_it(stage: &mut Stage) {
    for (properties, body, kind) in [
        (json!({}), "größe".as_bytes(), BodyKind::Bytes),
        (json!({"indicator": 0}), b"espresso", BodyKind::Bytes),
        (json!({"indicator": 1}), "größe".as_bytes(), BodyKind::Text),
        (json!({"content-type": "text/markdown"}), b"# espresso", BodyKind::Text),
        (json!({"content-type": "text/plain"}), b"gr\xf6\xdfe", BodyKind::Bytes),
        (json!({"content-type": "application/json"}), b"[7]", BodyKind::Object),
    ] {
        let received = stage
            .send_plain_to_us(Paper::new(IN, body).properties(properties.clone()))
            .await;
        assert_eq!(received.kind(), kind, "{properties}");
        assert_eq!(stage::body(&received), body);
        assert_eq!((received.message_id(), received.correlation_id()), (None, None));
        assert_eq!(received.properties().len(), 0);
    }
}

/// Without an envelope, or with a line that is none.
async fn by_what_it_is(stage: &mut Stage) {
    for (body, kind) in [
        (&b"espresso"[..], BodyKind::Text),
        ("größe: a\\b\r\n日本 😀".as_bytes(), BodyKind::Text),
        (b"anymq-jms no JSON\nespresso", BodyKind::Text),
        (b"anymq-jms {\"user\":7}\nespresso", BodyKind::Text),
        (b"gr\xf6\xdfe", BodyKind::Bytes),
        (b"\x00\xff", BodyKind::Bytes),
    ] {
        let received = stage.send_plain_to_us(Paper::new(IN, body)).await;
        assert_eq!(received.kind(), kind, "{received:?}");
        assert_eq!(stage::body(&received), body);
        assert_eq!((received.message_id(), received.correlation_id()), (None, None));
        assert_eq!(received.properties().len(), 0);
    }
}
