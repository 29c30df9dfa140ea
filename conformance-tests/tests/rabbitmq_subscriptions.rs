//! Named subscriptions on `RabbitMQ`: clients that decide at the same time, come back at once, crash, or may not.
#![cfg(target_os = "linux")]

mod common;

use std::{sync::Arc, time::Duration};

use anymq::{
    AckMode, ConnectOptions, Connection, Consumer, ConsumerOptions, ErrorKind, Message, Result, Session, Topic,
};
use anymq_conformance::broker::RabbitMq;
use anymq_conformance::poll;
use futures_util::future::join_all;

const LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);
const SHORT: Duration = Duration::from_millis(500);
const NAME: &str = "news";

async fn start() -> Option<RabbitMq> {
    common::rabbit("rabbitmq_subscriptions").await
}

async fn connect(rabbit: &RabbitMq, client_id: &str) -> Arc<dyn Connection> {
    let factory = anymq::connection_factory(&rabbit.amqp_url()).unwrap();
    let options = ConnectOptions::new().with_client_id(client_id);
    let connection = factory.create_connection_with(options).await.unwrap();
    connection.start().await.unwrap();
    connection
}

async fn sessions(rabbit: &RabbitMq, client_id: &str, count: usize) -> Vec<Arc<dyn Session>> {
    let mut sessions = Vec::new();
    for _ in 0..count {
        let connection = connect(rabbit, client_id).await;
        sessions.push(connection.create_session(AckMode::Auto).await.unwrap());
    }
    sessions
}

fn topic(name: &str) -> Topic {
    Topic::new(name).unwrap()
}

async fn durable(session: &Arc<dyn Session>, topic: &Topic) -> Result<Arc<dyn Consumer>> {
    session
        .create_durable_consumer(topic, NAME, ConsumerOptions::new())
        .await
}

async fn shared(session: &Arc<dyn Session>, topic: &Topic) -> Result<Arc<dyn Consumer>> {
    session
        .create_shared_consumer(topic, NAME, ConsumerOptions::new())
        .await
}

async fn send(session: &Arc<dyn Session>, topic: &Topic, text: &str) {
    let producer = session.create_producer(topic).await.unwrap();
    producer.send(Message::text(text)).await.unwrap();
}

async fn receive(consumer: &Arc<dyn Consumer>) -> Option<String> {
    let received = consumer.receive_timeout(SHORT).await.unwrap();
    received.map(|message| message.as_text().unwrap().to_owned())
}

fn kinds<T>(outcomes: &[Result<T>]) -> Vec<ErrorKind> {
    let errors = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
    errors.map(anymq::Error::kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn named_subscriptions_stand_what_clients_do() {
    let Some(rabbit) = start().await else {
        return;
    };
    one_of_many_becomes_the_consumer(&rabbit).await;
    all_that_join_agree(&rabbit).await;
    joining_and_unsubscribing_do_not_meet(&rabbit).await;
    a_dropped_consumer_is_in_nobody_s_way(&rabbit).await;
    a_client_that_gives_up_leaves_nothing(&rabbit).await;
    nothing_is_left_of_shared_ones(&rabbit).await;
    a_crash_leaves_nothing_to_the_next(&rabbit).await;
    who_may_not_learns_with_what(&rabbit).await;
    a_queue_that_somebody_changed_is_not_deleted(&rabbit).await;
}

async fn one_of_many_becomes_the_consumer(rabbit: &RabbitMq) {
    let sessions = sessions(rabbit, "many", 6).await;
    for round in 0..5 {
        let topic = topic(&format!("many-{round}"));
        let outcomes = join_all(sessions.iter().map(|session| durable(session, &topic))).await;
        assert_eq!(
            kinds(&outcomes),
            vec![ErrorKind::Other; sessions.len() - 1],
            "round {round}"
        );
        let consumer = outcomes.into_iter().find_map(Result::ok).unwrap();
        send(&sessions[0], &topic, "once").await;
        assert_eq!(receive(&consumer).await.as_deref(), Some("once"));
        consumer.close().await.unwrap();
    }
    sessions[0].unsubscribe(NAME).await.unwrap();
}

/// Those that want another selector fail; which ones is up to who comes first.
async fn all_that_join_agree(rabbit: &RabbitMq) {
    let sessions = sessions(rabbit, "agree", 6).await;
    let topic = topic("agree");
    for _ in 0..5 {
        let joining = sessions.iter().enumerate().map(async |(index, session)| {
            let options = ConsumerOptions::new().with_selector(format!("n = {}", index % 2));
            session.create_shared_durable_consumer(&topic, NAME, options).await
        });
        let outcomes = join_all(joining).await;
        let joined: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        let selectors: Vec<_> = joined.iter().map(|consumer| consumer.selector().unwrap()).collect();
        assert_eq!(selectors, vec![selectors[0].clone(); 3]);
        assert_eq!(kinds(&outcomes), [ErrorKind::Other; 3]);
        join_all(joined.iter().map(|consumer| consumer.close())).await;
    }
    sessions[0].unsubscribe(NAME).await.unwrap();
}

/// Either it is gone before the consumer makes another, or it stays: a consumer that was made always works.
async fn joining_and_unsubscribing_do_not_meet(rabbit: &RabbitMq) {
    let sessions = sessions(rabbit, "meet", 2).await;
    let topic = topic("meet");
    durable(&sessions[0], &topic).await.unwrap().close().await.unwrap();
    for round in 0..10 {
        let both = futures_util::future::join(durable(&sessions[0], &topic), sessions[1].unsubscribe(NAME));
        let (consumer, unsubscribed) = both.await;
        let consumer = consumer.unwrap();
        if let Err(error) = unsubscribed {
            assert_eq!(error.kind(), ErrorKind::IllegalState, "{error}");
        }
        let text = format!("round {round}");
        send(&sessions[1], &topic, &text).await;
        assert_eq!(receive(&consumer).await, Some(text));
        consumer.close().await.unwrap();
    }
    sessions[1].unsubscribe(NAME).await.unwrap();
}

async fn a_dropped_consumer_is_in_nobody_s_way(rabbit: &RabbitMq) {
    let session = sessions(rabbit, "dropped", 1).await.remove(0);
    let topic = topic("dropped");
    for round in 0..10 {
        let consumer = durable(&session, &topic).await.unwrap();
        let text = format!("round {round}");
        send(&session, &topic, &text).await;
        assert_eq!(receive(&consumer).await, Some(text));
        drop(consumer);
    }
    session.unsubscribe(NAME).await.unwrap();
}

async fn a_client_that_gives_up_leaves_nothing(rabbit: &RabbitMq) {
    let session = sessions(rabbit, "gives-up", 1).await.remove(0);
    let topic = topic("gives-up");
    for microseconds in [0, 100, 1000, 5000, 20_000] {
        let limit = Duration::from_micros(microseconds);
        let _ = tokio::time::timeout(limit, shared(&session, &topic)).await;
    }
    let consumer = shared(&session, &topic).await.unwrap();
    send(&session, &topic, "to the last").await;
    assert_eq!(receive(&consumer).await.as_deref(), Some("to the last"));
    consumer.close().await.unwrap();
}

/// After the above, once their connections are closed.
async fn nothing_is_left_of_shared_ones(rabbit: &RabbitMq) {
    let cleared = async || {
        let objects = objects(rabbit).await;
        let left = objects
            .iter()
            .find(|name| name.starts_with("anymq.") && *name != "anymq.topic");
        left.is_none().then_some(())
    };
    let outcome = poll::until(LIMIT, PAUSE, cleared).await;
    assert!(outcome.is_ok(), "{:?}", objects(rabbit).await);
}

async fn objects(rabbit: &RabbitMq) -> Vec<String> {
    let mut objects = Vec::new();
    for list in ["list_queues", "list_exchanges"] {
        let listed = rabbit.ctl(&[list, "name"]).await.unwrap();
        objects.extend(listed.lines().map(str::to_owned));
    }
    objects
}

async fn a_crash_leaves_nothing_to_the_next(rabbit: &RabbitMq) {
    let topic = topic("crash");
    let first = connect(rabbit, "crash").await;
    let session = first.create_session(AckMode::Auto).await.unwrap();
    let consumer = shared(&session, &topic).await.unwrap();
    let kept = connect(rabbit, "crash-durable").await;
    let keeping = kept.create_session(AckMode::Auto).await.unwrap();
    let durable_one = durable(&keeping, &topic).await.unwrap();
    first.stop().await.unwrap();
    kept.stop().await.unwrap();
    send(&session, &topic, "before the crash").await;
    rabbit.ctl(&["close_all_connections", "crash"]).await.unwrap();
    let lost = async || (!first.health().unwrap().connected && !kept.health().unwrap().connected).then_some(());
    poll::until(LIMIT, PAUSE, lost).await.unwrap();
    drop((consumer, durable_one));

    let session = connect(rabbit, "crash")
        .await
        .create_session(AckMode::Auto)
        .await
        .unwrap();
    let consumer = shared(&session, &topic).await.unwrap();
    let keeping = connect(rabbit, "crash-durable").await;
    let keeping = keeping.create_session(AckMode::Auto).await.unwrap();
    let durable_one = durable(&keeping, &topic).await.unwrap();
    send(&session, &topic, "after it").await;
    assert_eq!(receive(&consumer).await.as_deref(), Some("after it"));
    assert_eq!(receive(&durable_one).await.as_deref(), Some("before the crash"));
    assert_eq!(receive(&durable_one).await.as_deref(), Some("after it"));
    durable_one.close().await.unwrap();
    keeping.unsubscribe(NAME).await.unwrap();
}

async fn who_may_not_learns_with_what(rabbit: &RabbitMq) {
    rabbit.ctl(&["add_user", "guarded", "secret"]).await.unwrap();
    let permissions = ["set_permissions", "guarded", r"^anymq\.(topic|lock\..*)$", ".*", ".*"];
    rabbit.ctl(&permissions).await.unwrap();
    let url = rabbit.amqp_url().replace("guest:guest", "guarded:secret");
    let options = ConnectOptions::new().with_client_id("guarded");
    let factory = anymq::connection_factory(&url).unwrap();
    let connection = factory.create_connection_with(options).await.unwrap();
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let refused = durable(&session, &topic("guarded")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Security, "{refused}");
    assert!(
        refused
            .resource()
            .is_some_and(|resource| resource.starts_with("anymq.")),
        "{refused}"
    );
    // Nobody is locked out by it.
    let session = connect(rabbit, "guarded")
        .await
        .create_session(AckMode::Auto)
        .await
        .unwrap();
    durable(&session, &topic("guarded"))
        .await
        .unwrap()
        .close()
        .await
        .unwrap();
    session.unsubscribe(NAME).await.unwrap();
}

/// It may hold what nobody may lose, and it is not this provider's to judge.
async fn a_queue_that_somebody_changed_is_not_deleted(rabbit: &RabbitMq) {
    let queue = "anymq.sub.durable/foreign/news";
    let declare = format!(
        "rabbit_amqqueue:declare(rabbit_misc:r(<<\"/\">>, queue, <<\"{queue}\">>), true, false, \
         [{{<<\"x-dead-letter-exchange\">>, longstr, <<\"other\">>}}], none, <<\"guest\">>)."
    );
    rabbit.ctl(&["eval", &declare]).await.unwrap();
    let session = sessions(rabbit, "foreign", 1).await.remove(0);
    let refused = durable(&session, &topic("foreign")).await.map(drop).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidDestination, "{refused}");
    assert!(objects(rabbit).await.iter().any(|name| name == queue));
    session.unsubscribe(NAME).await.unwrap();
}
