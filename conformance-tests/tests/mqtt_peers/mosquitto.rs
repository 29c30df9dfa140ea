//! `mosquitto_pub` and `mosquitto_sub`.

use anymq::{AckMode, Message};
use anymq_conformance::broker::Mosquitto;

use crate::common::{hex, mosquitto_client, unhex};
use crate::envelope;
use crate::paho::Version;
use crate::stage::{IN, OUT, broker, connect, consumer, next, topic};

const TEXT: &str = "größe: 日本 😀";

/// Runs one of the two, and gives what it says.
async fn run(program: &str, broker: &Mosquitto, version: Version, options: &[&str]) -> String {
    let version = match version {
        Version::Five => "5",
        Version::Three => "311",
    };
    let mut command = mosquitto_client(program, broker, ("guest", "guest"));
    command.args(["-V", version]).args(options);
    let output = command.output().await.unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {options:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) async fn publishes(version: Version) {
    let Some(broker) = broker().await else { return };
    let connection = connect(&broker, version, "").await;
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let inbox = consumer(&session, &topic(IN)).await;
    let properties = "-D publish content-type text/plain -D publish user-property table 7 \
        -D publish response-topic interop/out -D publish correlation-data question";
    let properties: Vec<_> = match version {
        Version::Five => properties.split_whitespace().collect(),
        Version::Three => Vec::new(),
    };
    for qos in ["0", "1", "2"] {
        let message = ["-t", IN, "-q", qos, "-m", TEXT];
        run("mosquitto_pub", &broker, version, &[&message[..], &properties].concat()).await;
        let received = next(&inbox).await;
        assert_eq!(received.as_text(), Some(TEXT));
        if version == Version::Five {
            assert_eq!(received.properties().string("table").as_deref(), Some("7"));
            assert_eq!(received.reply_to(), Some(&topic(OUT)));
            assert_eq!(received.correlation_id(), Some("question"));
        }
    }
    connection.close().await.unwrap();
}

pub(crate) async fn subscribes(version: Version) {
    let Some(broker) = broker().await else { return };
    let connection = connect(&broker, version, "").await;
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let producer = session.create_producer(&topic(OUT)).await.unwrap();
    // Its session is kept between the two.
    let subscriber = ["-i", "subscriber", "-c", "-q", "1", "-t", OUT];
    run("mosquitto_sub", &broker, version, &[&subscriber[..], &["-E"]].concat()).await;
    let message = Message::text(TEXT).with_property("table", 7).unwrap();
    let message = message.with_reply_to(&topic(IN)).with_correlation_id("question");
    producer.send(message).await.unwrap();
    let format = match version {
        Version::Five => "%t|%q|%x|%C|%R|%D|%P",
        Version::Three => "%t|%q|%x",
    };
    let taking = ["-C", "1", "-W", "20", "-F", format];
    let line = run("mosquitto_sub", &broker, version, &[&subscriber[..], &taking].concat()).await;
    let parts: Vec<_> = line.trim_end().split('|').collect();
    assert_eq!(&parts[..2], [OUT, "1"], "{line}");
    let payload = unhex(parts[2]);
    match version {
        Version::Five => {
            assert_eq!(payload, TEXT.as_bytes());
            assert_eq!(&parts[3..6], ["text/plain", IN, "question"], "{line}");
            assert!(parts[6].contains("table:7"), "{line}");
        }
        Version::Three => {
            let (head, payload) = envelope::open(&payload);
            assert_eq!(payload, TEXT.as_bytes());
            assert_eq!(head["reply-to"], IN);
            assert_eq!(head["correlation"], hex(b"question"));
        }
    }
    connection.close().await.unwrap();
}
