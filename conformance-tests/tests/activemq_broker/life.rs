//! From the start to the end.

use anymq_conformance::broker::{ActiveMq, ActiveMqOptions, BrokerError};

use crate::TEST;
use crate::common;
use crate::common::traces::{answers, assert_nothing_is_left, processes_of};
use crate::peer::{connect, receive, send, subscribe, within};

const QUEUE: &str = "/queue/life";

#[tokio::test]
async fn a_broker_lives_crashes_and_ends_without_a_trace() {
    let Some(mut broker) = common::active_with(TEST, ActiveMqOptions::default()).await else {
        return;
    };
    let directory = broker.directory().to_owned();
    let ports = (broker.port(), broker.openwire_port());
    assert!(answers(ports.0) && answers(ports.1));
    assert_eq!(broker.tls_port(), None);
    assert!(broker.version().starts_with(|c: char| c.is_ascii_digit()));
    assert_eq!(broker.stomp_url(), format!("stomp://guest:guest@127.0.0.1:{}", ports.0));
    assert_eq!(broker.openwire_url(), format!("tcp://127.0.0.1:{}", ports.1));
    assert!(!processes_of(&directory).is_empty());

    put(&broker, "before the crash").await;
    broker.kill().await.unwrap();
    assert_is_down(&mut broker).await;
    broker.restart().await.unwrap();
    put(&broker, "before the restart").await;
    broker.restart().await.unwrap();
    assert_eq!((broker.port(), broker.openwire_port()), ports);
    let mut client = connect(&broker).await;
    client.send(&subscribe(QUEUE)).await.unwrap();
    assert_eq!(receive(&mut client).await, "before the crash");
    assert_eq!(receive(&mut client).await, "before the restart");

    broker.stop().await.unwrap();
    assert_is_down(&mut broker).await;
    drop(broker);
    assert_nothing_is_left(&directory).await;
}

async fn put(broker: &ActiveMq, text: &str) {
    let mut client = connect(broker).await;
    within(client.confirmed(send(QUEUE, text))).await.unwrap();
}

async fn assert_is_down(broker: &mut ActiveMq) {
    assert!(!answers(broker.port()) && !answers(broker.openwire_port()));
    let holdings = broker.holdings().await.unwrap_err();
    assert!(matches!(holdings, BrokerError::Io { .. }), "{holdings}");
    let kill = broker.kill().await.unwrap_err();
    assert!(matches!(kill, BrokerError::NotRunning { .. }), "{kill}");
}

#[tokio::test]
async fn two_brokers_stand_side_by_side_and_end_with_their_values() {
    let Some(first) = common::active_with(TEST, ActiveMqOptions::default()).await else {
        return;
    };
    let second = ActiveMq::start(ActiveMqOptions::default()).await.unwrap();
    assert_ne!(first.port(), second.port());
    put(&first, "for the first alone").await;
    assert_eq!(second.holdings().await.unwrap().destination("queue://life"), None);

    let directories = [first.directory().to_owned(), second.directory().to_owned()];
    drop(first);
    assert!(answers(second.port()));
    drop(second);
    for directory in &directories {
        assert_nothing_is_left(directory).await;
    }
}

#[tokio::test]
async fn without_an_installation_none_is_started() {
    let mut options = ActiveMqOptions::default();
    options.home = "/nowhere".into();
    let error = ActiveMq::start(options).await.unwrap_err();
    assert!(matches!(error, BrokerError::NotInstalled { .. }), "{error}");
}
