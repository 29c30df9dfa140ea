//! The example `orders` tells the same story on every broker.
#![cfg(target_os = "linux")]

mod common;

use std::time::Duration;

use anymq::Capability;
use anymq_conformance::broker::{ActiveMqOptions, MosquittoOptions, Plugin, RabbitMqOptions};
use tokio::process::Command;
use tokio::time::timeout;

/// Building it may take long on a busy machine.
const LIMIT: Duration = Duration::from_secs(900);

const STORY: &str = include_str!("../../examples/orders/story.txt");

/// The parts that only some providers can tell, and what those have.
const PARTS: [(&str, &[Capability]); 5] = [
    (
        "\nAn order is taken when somebody has time\n",
        &[Capability::Queues, Capability::ClientAck, Capability::Properties],
    ),
    ("\nThe kitchen listens\n", &[Capability::Queues]),
    (
        "\nAn order becomes a bill, or nothing happens\n",
        &[Capability::Queues, Capability::Transactions],
    ),
    ("\nA display is off for a while\n", &[Capability::DurableSubscriptions]),
    (
        "\nA question is answered\n",
        &[
            Capability::Queues,
            Capability::TemporaryDestinations,
            Capability::Headers,
        ],
    ),
];

/// Runs the example with this in its environment and gives what it prints below the broker's name.
async fn told(variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::var_os("CARGO").expect("cargo runs this test"));
    command
        .args([
            "run",
            "--quiet",
            "--locked",
            "--package=anymq-examples",
            "--example=orders",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .kill_on_drop(true);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ANYMQ_")) {
        command.env_remove(name);
    }
    let running = command.envs(variables.iter().copied()).output();
    let output = timeout(LIMIT, running).await.expect("in time").unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{variables:?}: {errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    let (first, story) = text.split_once('\n').unwrap();
    assert!(first.starts_with("connected to "), "{first}");
    story.to_owned()
}

/// The story as this provider tells it.
async fn expected(url: &str) -> String {
    let factory = anymq::connection_factory(url).unwrap();
    let connection = factory.create_connection().await.unwrap();
    let capabilities = connection.capabilities().unwrap();
    connection.close().await.unwrap();
    let lacking = PARTS.iter().filter_map(|(part, needs)| {
        let lacks = needs.iter().find(|need| !capabilities.supports(**need));
        lacks.map(|need| (part, *need))
    });
    lacking.fold(STORY.to_owned(), |story, (part, need)| without(&story, part, need))
}

/// With the reason in the place of a part.
fn without(story: &str, part: &str, needs: Capability) -> String {
    let (before, rest) = story.split_once(part).expect("the part");
    let (_, after) = rest.split_once("\n\n").expect("what follows it");
    let missing = needs.describe();
    format!("{before}{part}  left out: this provider does not have {missing}\n\n{after}")
}

#[tokio::test]
async fn the_file_beside_it_names_a_broker_that_can_tell_all() {
    assert_eq!(told(&[]).await, STORY);
}

#[tokio::test]
async fn rabbitmq_tells_the_same_again_and_again() {
    let Some(rabbit) = common::rabbit("example orders on RabbitMQ").await else {
        return;
    };
    is_told_twice(&rabbit.amqp_url(), &rabbit.amqp_url()).await;
}

#[tokio::test]
async fn a_cluster_tells_the_same_wherever_it_is_asked() {
    let Some(cluster) = common::cluster("example orders on a cluster of RabbitMQ", 3).await else {
        return;
    };
    let [first, _, third] = cluster.nodes() else {
        panic!("{} nodes", cluster.nodes().len());
    };
    is_told_twice(&first.amqp_url(), &third.amqp_url()).await;
}

#[tokio::test]
async fn rabbitmq_tells_by_stomp_what_it_can() {
    let options = RabbitMqOptions::default().with_plugin(Plugin::Stomp);
    let Some(rabbit) = common::rabbit_with("example orders by STOMP on RabbitMQ", options).await else {
        return;
    };
    let port = rabbit.plugin_port(Plugin::Stomp).expect("a port");
    let url = format!("stomp://guest:guest@127.0.0.1:{port}");
    is_told_twice(&url, &url).await;
}

#[tokio::test]
async fn activemq_tells_the_same_by_stomp() {
    let Some(active) = common::active_with("example orders on ActiveMQ", ActiveMqOptions::default()).await else {
        return;
    };
    let url = active.stomp_url();
    assert_eq!(expected(&url).await, STORY);
    is_told_twice(&url, &url).await;
}

/// Topics only, with headers and properties or without.
#[tokio::test]
async fn mqtt_tells_of_the_display() {
    let Some(mosquitto) = common::mosquitto_with("example orders by MQTT", MosquittoOptions::default()).await else {
        return;
    };
    for options in ["", "?version=3.1.1&envelope=jms", "?version=3.1.1"] {
        let url = mosquitto.mqtt_url() + options;
        assert!(expected(&url).await.contains("on again: cake 3.40"));
        is_told_twice(&url, &url).await;
    }
}

#[tokio::test]
async fn rabbitmq_and_activemq_tell_of_it_by_mqtt() {
    let options = RabbitMqOptions::default().with_plugin(Plugin::Mqtt);
    let Some(rabbit) = common::rabbit_with("example orders by MQTT on RabbitMQ", options).await else {
        return;
    };
    let options = ActiveMqOptions::default().with_mqtt();
    let Some(active) = common::active_with("example orders by MQTT on ActiveMQ", options).await else {
        return;
    };
    for port in [rabbit.plugin_port(Plugin::Mqtt), active.mqtt_port()] {
        let port = port.expect("a port");
        let url = format!("mqtt://guest:guest@127.0.0.1:{port}?envelope=jms");
        assert!(expected(&url).await.contains("on again: cake 3.40"));
        is_told_twice(&url, &url).await;
    }
}

/// What the first run had left behind would show in the second.
async fn is_told_twice(first: &str, second: &str) {
    let expected = expected(first).await;
    assert_eq!(told(&[("ANYMQ_URL", first)]).await, expected);
    assert_eq!(told(&[("ANYMQ_CONNECTION_SHOP_URL", second)]).await, expected);
}
