//! A real `RabbitMQ` is started, crashed, started again and stopped, and nothing of it is left.
#![cfg(target_os = "linux")]

mod common;

use anymq_conformance::broker::{BrokerError, Plugin, RabbitMq, RabbitMqOptions};
use common::traces::{answers, assert_nothing_is_left, processes_of};

const TEST: &str = "rabbitmq_broker";

#[tokio::test]
async fn a_broker_lives_crashes_and_ends_without_a_trace() {
    let Some(mut rabbit) = common::rabbit(TEST).await else {
        return;
    };
    let directory = rabbit.directory().to_owned();
    let port = rabbit.port();
    assert!(answers(port));
    assert!(rabbit.version().starts_with(|c: char| c.is_ascii_digit()));
    let url = format!("amqp://guest:guest@127.0.0.1:{port}/%2f");
    assert_eq!(rabbit.amqp_url(), url);
    assert!(!processes_of(&directory).is_empty());

    let add_user = ["add_user", "before-the-crash", "secret"];
    rabbit.ctl(&add_user).await.unwrap();
    rabbit.kill().await.unwrap();
    assert_is_down(&mut rabbit).await;

    rabbit.restart().await.unwrap();
    assert_eq!(rabbit.port(), port);
    assert!(answers(port));
    let users = rabbit.ctl(&["list_users"]).await.unwrap();
    assert!(users.contains("before-the-crash"), "{users}");

    rabbit.stop().await.unwrap();
    assert_is_down(&mut rabbit).await;
    drop(rabbit);
    assert_nothing_is_left(&directory).await;
}

async fn assert_is_down(rabbit: &mut RabbitMq) {
    assert!(!answers(rabbit.port()));
    let ctl = rabbit.ctl(&["list_users"]).await.unwrap_err();
    assert!(matches!(ctl, BrokerError::Control { .. }), "{ctl}");
    let kill = rabbit.kill().await.unwrap_err();
    assert!(matches!(kill, BrokerError::NotRunning { .. }), "{kill}");
}

#[tokio::test]
async fn two_brokers_stand_side_by_side_and_end_with_their_values() {
    let options = RabbitMqOptions::default().with_plugin(Plugin::Stomp);
    let Some(first) = common::rabbit_with(TEST, options).await else {
        return;
    };
    let second = common::rabbit(TEST).await.unwrap();
    assert!(answers(first.plugin_port(Plugin::Stomp).unwrap()));
    assert_eq!(second.plugin_port(Plugin::Stomp), None);
    assert_ne!(first.port(), second.port());

    let directories = [first.directory().to_owned(), second.directory().to_owned()];
    drop(first);
    assert!(answers(second.port()));
    drop(second);
    for directory in &directories {
        assert_nothing_is_left(directory).await;
    }
}

#[tokio::test]
async fn a_cluster_is_one_broker_and_ends_without_a_trace() {
    let Some(mut cluster) = common::cluster(TEST, 2).await else {
        return;
    };
    let [first, second] = cluster.nodes() else {
        panic!("{} nodes", cluster.nodes().len());
    };
    assert!(answers(first.port()) && answers(second.port()));
    second.ctl(&["add_user", "of-both", "secret"]).await.unwrap();
    let users = first.ctl(&["list_users"]).await.unwrap();
    assert!(users.contains("of-both"), "{users}");
    let directories = [first.directory().to_owned(), second.directory().to_owned()];

    cluster.stop().await.unwrap();
    assert!(cluster.nodes().iter().all(|node| !answers(node.port())));
    drop(cluster);
    for directory in &directories {
        assert_nothing_is_left(directory).await;
    }
}
