//! What is too large.

use std::io;
use std::num::NonZeroUsize;

use anymq_conformance::broker::{ActiveMq, ActiveMqOptions};

use crate::TEST;
use crate::common;
use crate::peer::{connect, send, within};

const LARGEST_BODY: usize = 10_000;
const LARGEST_FRAME: usize = 20_000;

#[tokio::test]
async fn bodies_and_frames_are_limited() {
    let options = ActiveMqOptions::default()
        .with_max_message_size(NonZeroUsize::new(LARGEST_BODY).unwrap())
        .with_max_frame_size(NonZeroUsize::new(LARGEST_FRAME).unwrap());
    let Some(broker) = common::active_with(TEST, options).await else {
        return;
    };
    put(&broker, LARGEST_BODY, 0).await.unwrap();
    put(&broker, LARGEST_BODY + 1, 0).await.unwrap_err();
    put(&broker, LARGEST_BODY, 9_000).await.unwrap();
    put(&broker, LARGEST_BODY, 10_000).await.unwrap_err();
}

/// A body and a header of so many bytes.
async fn put(broker: &ActiveMq, body: usize, header: usize) -> io::Result<()> {
    let frame = send("/queue/large", &"b".repeat(body))
        .with("content-length", &body.to_string())
        .with("long", &"h".repeat(header));
    let mut client = connect(broker).await;
    within(client.confirmed(frame)).await
}
