//! The example `orders` tells the same story on every broker.
#![cfg(target_os = "linux")]

mod common;

use std::time::Duration;

use anymq::Capability;
use anymq_conformance::broker::RabbitMq;
use tokio::process::Command;
use tokio::time::timeout;

/// Building it may take long on a busy machine.
const LIMIT: Duration = Duration::from_secs(900);

const STORY: &str = include_str!("../../examples/orders/story.txt");

/// The part that only some providers can tell.
const DURABLE: &str = "\nA display is off for a while\n";

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

/// The story as a provider tells it that may or may not have durable subscriptions.
fn expected(durable: bool) -> String {
    if durable {
        return STORY.to_owned();
    }
    let (before, rest) = STORY.split_once(DURABLE).expect("the part");
    let (_, after) = rest.split_once("\n\n").expect("the next part");
    let missing = Capability::DurableSubscriptions.describe();
    format!("{before}{DURABLE}  left out: this provider does not have {missing}\n\n{after}")
}

async fn is_durable(url: &str) -> bool {
    let factory = anymq::connection_factory(url).unwrap();
    let connection = factory.create_connection().await.unwrap();
    let capabilities = connection.capabilities().unwrap();
    connection.close().await.unwrap();
    capabilities.supports(Capability::DurableSubscriptions)
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
    is_told_twice(&rabbit, &rabbit).await;
}

#[tokio::test]
async fn a_cluster_tells_the_same_wherever_it_is_asked() {
    let Some(cluster) = common::cluster("example orders on a cluster of RabbitMQ", 3).await else {
        return;
    };
    let [first, _, third] = cluster.nodes() else {
        panic!("{} nodes", cluster.nodes().len());
    };
    is_told_twice(first, third).await;
}

/// What the first run had left behind would show in the second.
async fn is_told_twice(first: &RabbitMq, second: &RabbitMq) {
    let (first, second) = (first.amqp_url(), second.amqp_url());
    let expected = expected(is_durable(&first).await);
    assert_eq!(told(&[("ANYMQ_URL", &first)]).await, expected);
    assert_eq!(told(&[("ANYMQ_CONNECTION_SHOP_URL", &second)]).await, expected);
}
