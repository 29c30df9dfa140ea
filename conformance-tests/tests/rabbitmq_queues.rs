//! What the AMQP driver does with `RabbitMQ`'s own kinds of queues and exchanges.
#![cfg(target_os = "linux")]

mod common;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use anymq::{
    AckMode, Address, Capability, ConnectOptions, Connection, Consumer, Error, ErrorKind, Message, Priority,
    RedeliveryPolicy, Result, SendOptions, Session,
};
use anymq_conformance::broker::RabbitMq;
use anymq_conformance::poll;

const LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);
const SHORT: Duration = Duration::from_millis(500);

async fn start() -> Option<RabbitMq> {
    common::rabbit("rabbitmq_queues").await
}

async fn connect_with(rabbit: &RabbitMq, options: ConnectOptions) -> Arc<dyn Connection> {
    let factory = anymq::connection_factory(&rabbit.amqp_url()).unwrap();
    let connection = factory.create_connection_with(options).await.unwrap();
    connection.start().await.unwrap();
    connection
}

async fn connect(rabbit: &RabbitMq) -> Arc<dyn Connection> {
    connect_with(rabbit, ConnectOptions::new()).await
}

fn at(text: &str) -> Address {
    text.parse().unwrap()
}

async fn send(session: &Arc<dyn Session>, to: &str, text: &str) -> Result<()> {
    let producer = session.create_producer(&at(to)).await?;
    producer.send(Message::text(text)).await.map(drop)
}

async fn consume(session: &Arc<dyn Session>, from: &str) -> Arc<dyn Consumer> {
    session.create_consumer(&at(from)).await.unwrap()
}

async fn receive(consumer: &Arc<dyn Consumer>) -> Option<String> {
    let received = consumer.receive_timeout(SHORT).await.unwrap();
    received.map(|message| message.as_text().unwrap_or_default().to_owned())
}

/// What a consumer gets until there is nothing more for it.
async fn receive_all(consumer: &Arc<dyn Consumer>) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(text) = receive(consumer).await {
        all.push(text);
    }
    all
}

#[track_caller]
fn expect_refusal<T>(outcome: Result<T>, kind: ErrorKind, resource: &str) -> Error {
    let Err(error) = outcome else {
        panic!("{resource} is not refused");
    };
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.resource().is_some_and(|told| told.contains(resource)), "{error}");
    error
}

#[tokio::test]
async fn queues_and_exchanges_are_what_their_addresses_ask_for() {
    let Some(mut rabbit) = start().await else {
        return;
    };
    let connection = connect(&rabbit).await;
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    a_queue_has_what_was_asked_for(&rabbit, &session).await;
    what_a_queue_is_not_is_refused(&session).await;
    a_full_queue_says_so(&session).await;
    priorities_come_first(&session).await;
    one_consumer_is_active(&rabbit, &session).await;
    a_quorum_queue_cannot_be_looked_at(&session).await;
    a_scan_of_a_long_queue_gives_it_back(&session).await;
    what_is_rejected_goes_where_the_queue_says(&rabbit).await;
    a_limit_ends_in_the_dead_letters(&rabbit).await;
    exchanges_of_others_can_be_joined(&rabbit, &connection).await;
    bad_input_leaves_the_connection_usable(&rabbit, &connection).await;
    connection.close().await.unwrap();
    a_delayed_message_survives_a_restart(&mut rabbit).await;
}

async fn a_queue_has_what_was_asked_for(rabbit: &RabbitMq, session: &Arc<dyn Session>) {
    let asked = "queue:asked?kind=quorum&max-length=7&overflow=reject-publish&delivery-limit=2";
    send(session, asked, "a").await.unwrap();
    assert_eq!(receive(&consume(session, asked).await).await.as_deref(), Some("a"));
    // Of one that exists, nothing is asked.
    assert_eq!(receive(&consume(session, "queue:asked").await).await, None);
    assert_eq!(receive(&consume(session, "queue:asked?passive=true").await).await, None);
    let listed = rabbit.ctl(&["list_queues", "name", "type", "arguments"]).await.unwrap();
    let line = listed.lines().find(|line| line.starts_with("asked\t")).unwrap();
    for told in ["quorum", "x-max-length", "7", "reject-publish", "x-delivery-limit"] {
        assert!(line.contains(told), "{line}");
    }
}

async fn what_a_queue_is_not_is_refused(session: &Arc<dyn Session>) {
    send(session, "queue:plain", "a").await.unwrap();
    for other in [
        "queue:plain?kind=quorum",
        "queue:plain?max-length=1",
        "queue:plain?max-priority=9",
        "queue:plain?dead-letter-exchange=amq.fanout",
        "queue:asked?kind=classic",
    ] {
        let refusal = expect_refusal(send(session, other, "b").await, ErrorKind::InvalidDestination, other);
        assert_eq!(refusal.code(), Some("406"));
        let made = session.create_consumer(&at(other)).await;
        expect_refusal(made, ErrorKind::InvalidDestination, other);
    }
    send(session, "queue:plain?kind=classic", "b").await.unwrap();
    let consumer = consume(session, "queue:plain").await;
    assert_eq!(receive_all(&consumer).await, ["a", "b"]);
    let missing = send(session, "queue:missing?passive=true", "a").await;
    expect_refusal(missing, ErrorKind::InvalidDestination, "queue:missing");
}

async fn a_full_queue_says_so(session: &Arc<dyn Session>) {
    let full = "queue:full?max-length=1&overflow=reject-publish";
    send(session, full, "a").await.unwrap();
    expect_refusal(
        send(session, full, "b").await,
        ErrorKind::ResourceAllocation,
        "queue:full",
    );
    let dropping = "queue:dropping?max-length=1&overflow=drop-head";
    for text in ["a", "b"] {
        send(session, dropping, text).await.unwrap();
    }
    assert_eq!(receive_all(&consume(session, full).await).await, ["a"]);
    assert_eq!(receive_all(&consume(session, dropping).await).await, ["b"]);
}

async fn priorities_come_first(session: &Arc<dyn Session>) {
    let address = at("queue:ranked?max-priority=9");
    let producer = session.create_producer(&address).await.unwrap();
    for level in [4, 0, 9, 5, 9] {
        let options = SendOptions::new().with_priority(Priority::new(level).unwrap());
        producer
            .send_with(Message::text(level.to_string()), options)
            .await
            .unwrap();
    }
    let expected = ["9", "9", "5", "4", "0"];
    let browser = session.create_browser(&address, None).await.unwrap();
    let mut shown = Vec::new();
    while let Some(message) = browser.next().await.unwrap() {
        shown.push(message.as_text().unwrap_or_default().to_owned());
    }
    assert_eq!(shown, expected);
    assert_eq!(receive_all(&consume(session, "queue:ranked").await).await, expected);
}

async fn one_consumer_is_active(rabbit: &RabbitMq, session: &Arc<dyn Session>) {
    let single = "queue:single?single-active-consumer=true";
    let first = consume(session, single).await;
    send(session, single, "a").await.unwrap();
    assert_eq!(receive(&first).await.as_deref(), Some("a"));
    let other = connect(rabbit).await;
    let session_2 = other.create_session(AckMode::Auto).await.unwrap();
    let second = consume(&session_2, single).await;
    send(session, single, "b").await.unwrap();
    assert_eq!(receive(&second).await, None);
    first.close().await.unwrap();
    assert_eq!(receive(&second).await.as_deref(), Some("b"));
    other.close().await.unwrap();
}

async fn a_quorum_queue_cannot_be_looked_at(session: &Arc<dyn Session>) {
    let refused = ErrorKind::Unsupported {
        capability: Capability::Browser,
    };
    let quorum = "queue:counting?kind=quorum";
    send(session, quorum, "a").await.unwrap();
    for address in [quorum, "queue:counting"] {
        let browser = session.create_browser(&at(address), None).await;
        expect_refusal(browser.map(drop), refused, "queue:counting");
    }
    assert_eq!(receive_all(&consume(session, quorum).await).await, ["a"]);
}

/// More than a browser reads ahead: it holds what it has read until it ends, here in the midst of its scan.
async fn a_scan_of_a_long_queue_gives_it_back(session: &Arc<dyn Session>) {
    const LONG: usize = 1_001;
    let address = at("queue:long");
    let producer = session.create_producer(&address).await.unwrap();
    for number in 0..LONG {
        producer.send(Message::text(number.to_string())).await.unwrap();
    }
    let whole = session.create_browser(&address, None).await.unwrap();
    let mut count = 0;
    while whole.next().await.unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, LONG);
    let broken_off = session.create_browser(&address, None).await.unwrap();
    let first = broken_off.next().await.unwrap().unwrap();
    assert_eq!(first.as_text(), Some("0"));
    drop((first, broken_off));
    let consumer = consume(session, "queue:long").await;
    let mut got = Vec::new();
    while got.len() < LONG {
        let received = consumer.receive_timeout(LIMIT).await.unwrap().unwrap();
        got.push(received.as_text().unwrap_or_default().parse::<usize>().unwrap());
    }
    // The one that was not fetched may have come before the others were back.
    got.sort_unstable();
    assert!(got.into_iter().eq(0..LONG));
    assert_eq!(receive(&consumer).await, None);
}

async fn what_is_rejected_goes_where_the_queue_says(rabbit: &RabbitMq) {
    let connection = connect(rabbit).await;
    let session = connection.create_session(AckMode::Individual).await.unwrap();
    let own = "queue:own?dead-letter-exchange=&dead-letter-routing-key=own.dead";
    let dead = consume(&session, "queue:own.dead").await;
    for (address, letters) in [(own, dead), ("queue:common", consume(&session, "queue:DLQ").await)] {
        send(&session, address, "poison").await.unwrap();
        let consumer = consume(&session, address).await;
        let poison = consumer.receive_timeout(LIMIT).await.unwrap().unwrap();
        poison.reject().await.unwrap();
        let letter = letters.receive_timeout(LIMIT).await.unwrap().unwrap();
        assert_eq!(letter.as_text(), Some("poison"));
        let reason = letter.properties().string("JMS_anymq_dead_letter_reason");
        assert_eq!(reason.as_deref(), (address != own).then_some("rejected"));
        if address == own {
            letter.acknowledge().await.unwrap();
        } else {
            // What is rejected there is dropped.
            letter.reject().await.unwrap();
        }
        assert_eq!(receive(&letters).await, None);
    }
    connection.close().await.unwrap();
}

async fn a_limit_ends_in_the_dead_letters(rabbit: &RabbitMq) {
    let policy = RedeliveryPolicy::new().with_max_deliveries(NonZeroU32::new(2).unwrap());
    let connection = connect_with(rabbit, ConnectOptions::new().with_redelivery(policy)).await;
    let session = connection.create_session(AckMode::Client).await.unwrap();
    let consumer = consume(&session, "queue:limited").await;
    send(&session, "queue:limited", "poison").await.unwrap();
    send(&session, "queue:limited", "next").await.unwrap();
    for _ in 0..2 {
        assert_eq!(receive(&consumer).await.as_deref(), Some("poison"));
        session.recover().await.unwrap();
    }
    assert_eq!(receive(&consumer).await.as_deref(), Some("next"));
    let letters = consume(&session, "queue:DLQ").await;
    let letter = letters.receive_timeout(LIMIT).await.unwrap().unwrap();
    let told = |name: &str| letter.properties().string(name).unwrap().into_owned();
    assert_eq!(told("JMS_anymq_dead_letter_reason"), "max-deliveries");
    assert_eq!(told("JMS_anymq_dead_letter_attempts"), "2");
    assert_eq!(told("JMS_anymq_dead_letter_origin"), "queue:limited");
    letter.acknowledge().await.unwrap();
    connection.close().await.unwrap();
}

/// The tutorials of `RabbitMQ` about publish/subscribe, routing and topics, and headers.
async fn exchanges_of_others_can_be_joined(rabbit: &RabbitMq, connection: &Arc<dyn Connection>) {
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let logs = "topic:logs?exchange=logs&declare=fanout";
    let all = consume(&session, logs).await;
    send(&session, logs, "to all").await.unwrap();
    assert_eq!(receive_all(&all).await, ["to all"]);

    let errors = consume(&session, "topic:error?exchange=direct_logs&declare=direct").await;
    for severity in ["info", "error"] {
        let address = format!("topic:{severity}?exchange=direct_logs");
        send(&session, &address, severity).await.unwrap();
    }
    assert_eq!(receive_all(&errors).await, ["error"]);

    // A queue that lasts, and a subscription.
    let kept = consume(&session, "queue:kept?exchange=amq.topic&routing-key=eu.%23").await;
    let words = consume(&session, "topic:x?exchange=amq.topic&routing-key=*.paris").await;
    for key in ["eu.paris", "eu.fr.lyon", "us.paris"] {
        let address = format!("topic:{key}?exchange=amq.topic");
        send(&session, &address, key).await.unwrap();
    }
    assert_eq!(receive_all(&kept).await, ["eu.paris", "eu.fr.lyon"]);
    assert_eq!(receive_all(&words).await, ["eu.paris", "us.paris"]);

    let reports = consume(
        &session,
        "topic:x?exchange=amq.headers&header.kind=report&header.urgent=yes",
    )
    .await;
    let producer = session
        .create_producer(&at("topic:x?exchange=amq.headers"))
        .await
        .unwrap();
    for urgent in ["no", "yes"] {
        let report = Message::text(urgent).with_property("kind", "report").unwrap();
        producer
            .send(report.with_property("urgent", urgent).unwrap())
            .await
            .unwrap();
    }
    assert_eq!(receive_all(&reports).await, ["yes"]);

    let later = SendOptions::new().with_delay(Duration::from_millis(200));
    let producer = session
        .create_producer(&at("topic:eu.nice?exchange=amq.topic"))
        .await
        .unwrap();
    producer.send_with(Message::text("later"), later).await.unwrap();
    let delayed = kept.receive_timeout(LIMIT).await.unwrap().unwrap();
    assert_eq!(delayed.as_text(), Some("later"));

    let missing = "topic:x?exchange=missing";
    let sent = send(&session, missing, "a").await;
    expect_refusal(sent, ErrorKind::InvalidDestination, "exchange=missing");
    let made = session.create_consumer(&at(missing)).await;
    expect_refusal(made, ErrorKind::InvalidDestination, "exchange=missing");
    let other = "topic:x?exchange=amq.topic&declare=fanout";
    let fresh = connect(rabbit).await;
    let session = fresh.create_session(AckMode::Auto).await.unwrap();
    let made = session.create_consumer(&at(other)).await;
    expect_refusal(made, ErrorKind::InvalidDestination, "declare=fanout");
    send(&session, "queue:still", "a").await.unwrap();
    fresh.close().await.unwrap();
}

async fn bad_input_leaves_the_connection_usable(rabbit: &RabbitMq, connection: &Arc<dyn Connection>) {
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    // Another connection's own queue.
    let other = connect(rabbit).await;
    let foreign = other.create_session(AckMode::Auto).await.unwrap();
    let own = foreign.create_temporary_queue().await.unwrap();
    let name = anymq::Destination::address(&own).name().to_owned();
    let alien = format!("queue:{name}");
    for address in [
        alien.clone(),
        format!("{alien}?max-length=1"),
        format!("{alien}?passive=true"),
    ] {
        let made = session.create_consumer(&at(&address)).await;
        expect_refusal(made, ErrorKind::InvalidDestination, &name);
        let browser = session.create_browser(&at(&address), None).await;
        expect_refusal(browser, ErrorKind::InvalidDestination, &name);
    }
    other.close().await.unwrap();

    // A deleted queue.
    let gone = consume(&session, "queue:gone").await;
    send(&session, "queue:gone", "a").await.unwrap();
    rabbit.ctl(&["delete_queue", "gone"]).await.unwrap();
    let ended = async || gone.receive_timeout(PAUSE).await.err();
    let error = poll::until(LIMIT, PAUSE, ended).await.unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidDestination);
    assert!(error.to_string().contains("queue:gone"), "{error}");

    let long = format!("queue:{}", "x".repeat(300));
    let refused = long.parse::<Address>().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidDestination);
    for wrong in [
        "queue:a?max-lenght=1",
        "queue:a?max-length=x",
        "temp-queue:a?kind=quorum",
    ] {
        let refused = session.create_producer(&at(wrong)).await;
        expect_refusal(refused, ErrorKind::InvalidDestination, wrong.split_once('?').unwrap().0);
    }
    let far = SendOptions::new().with_delay(Duration::from_secs(50 * 24 * 3600));
    let producer = session.create_producer(&at("queue:usable")).await.unwrap();
    let refused = producer.send_with(Message::text("far off"), far).await;
    expect_refusal(refused, ErrorKind::InvalidArgument, "queue:usable");

    producer.send(Message::text("usable")).await.unwrap();
    assert_eq!(receive_all(&consume(&session, "queue:usable").await).await, ["usable"]);
}

async fn a_delayed_message_survives_a_restart(rabbit: &mut RabbitMq) {
    const DELAY: Duration = Duration::from_secs(12);
    let connection = connect(rabbit).await;
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let producer = session.create_producer(&at("queue:patient")).await.unwrap();
    let options = SendOptions::new().with_delay(DELAY).with_ttl(DELAY * 10);
    let receipt = producer.send_with(Message::text("patient"), options).await.unwrap();
    rabbit.stop().await.unwrap();
    rabbit.restart().await.unwrap();

    let connection = connect(rabbit).await;
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let consumer = consume(&session, "queue:patient").await;
    let received = consumer.receive_timeout(LIMIT).await.unwrap().unwrap();
    let now = anymq::Timestamp::now();
    assert_eq!(received.as_text(), Some("patient"));
    assert_eq!(received.expiration(), receipt.expiration());
    assert!(Some(now) >= receipt.delivery_time(), "{now:?} {receipt:?}");
    connection.close().await.unwrap();
}
