//! What a `RabbitMQ` refuses is a typed error that names what it is about; the connection stays usable, and nothing is
//! lost or in doubt.
#![cfg(target_os = "linux")]

#[path = "common/client.rs"]
mod client;
mod common;

use std::{num::NonZeroUsize, sync::Arc};

use anymq::prelude::ProducerExt as _;
use anymq::{
    AckMode, Address, ConnectOptions, Connection, Destination as _, DestinationKind, Error, ErrorKind, Event, Message,
    Queue, Retry, SendOptions, Session, Topic,
};
use anymq_conformance::broker::{RabbitMq, RabbitMqOptions};
use anymq_conformance::poll;
use client::{LIMIT, PAUSE, at, connect, connect_to, consume, expect_refusal, receive_all, send, session};

const LARGEST: usize = 100_000;

#[tokio::test]
async fn bad_input_is_refused_by_name_and_costs_nothing_else() {
    let options = RabbitMqOptions::default().with_max_message_size(NonZeroUsize::new(LARGEST).unwrap());
    let Some(rabbit) = common::rabbit_with("rabbitmq_bad_input", options).await else {
        return;
    };
    a_login_that_fails_names_the_broker(&rabbit).await;
    let connection = connect(&rabbit).await;
    let open = session(&connection).await;
    a_queue_with_other_arguments(&open).await;
    a_queue_of_another_connection(&rabbit, &open).await;
    a_queue_deleted_under_a_consumer(&rabbit, &connection).await;
    a_queue_deleted_under_a_listener(&rabbit, &connection).await;
    a_queue_deleted_under_a_producer(&rabbit, &open).await;
    a_queue_deleted_under_a_pipeline(&rabbit, &open).await;
    an_oversize_message(&open).await;
    an_oversize_message_among_others(&open).await;
    names_that_are_too_long(&rabbit, &open).await;
    a_property_s_name_that_is_too_long(&open).await;
    headers_that_are_too_long(&open).await;
    options_that_make_no_sense(&open).await;
    // After all of that.
    still_works(&open, "queue:after-all").await;
    connection.close().await.unwrap();
}

/// On the session that was refused something.
async fn still_works(session: &Arc<dyn Session>, queue: &str) {
    send(session, queue, "usable").await.unwrap();
    let consumer = consume(session, queue).await;
    assert_eq!(receive_all(&consumer).await, ["usable"]);
    consumer.close().await.unwrap();
}

async fn a_login_that_fails_names_the_broker(rabbit: &RabbitMq) {
    rabbit.ctl(&["add_user", "stranger", "hunter2"]).await.unwrap();
    let good = rabbit.amqp_url();
    let place = format!("127.0.0.1:{}", rabbit.port());
    for (user, vhost, kind) in [
        ("guest:hunter2", "%2f", ErrorKind::Security),
        ("nobody:hunter2", "%2f", ErrorKind::Security),
        ("stranger:hunter2", "%2f", ErrorKind::Security),
        ("guest:guest", "missing", ErrorKind::Configuration),
    ] {
        let url = good.replace("guest:guest", user).replace("%2f", vhost);
        let refused = expect_refusal(connect_to(&url, ConnectOptions::new()).await, kind, &place);
        let vhost = vhost.replace("%2f", "/");
        assert!(refused.resource().unwrap().contains(&vhost), "{refused}");
        let shown = format!("{refused} {refused:?} {refused:#?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert_eq!(refused.retry(), Retry::Never, "{refused}");
    }
    let connection = connect(rabbit).await;
    still_works(&session(&connection).await, "queue:at-last").await;
    connection.close().await.unwrap();
}

async fn a_queue_with_other_arguments(session: &Arc<dyn Session>) {
    send(session, "queue:plain", "before").await.unwrap();
    send(session, "queue:asked?kind=quorum", "a").await.unwrap();
    for other in [
        "queue:plain?kind=quorum",
        "queue:plain?max-length=1",
        "queue:plain?max-priority=9",
        "queue:plain?dead-letter-exchange=amq.fanout",
        "queue:asked?kind=classic",
    ] {
        let refused = expect_refusal(send(session, other, "b").await, ErrorKind::InvalidDestination, other);
        assert_eq!(refused.code(), Some("406"));
        let made = session.create_consumer(&at(other)).await;
        expect_refusal(made, ErrorKind::InvalidDestination, other);
    }
    send(session, "queue:plain?kind=classic", "after").await.unwrap();
    let consumer = consume(session, "queue:plain").await;
    assert_eq!(receive_all(&consumer).await, ["before", "after"]);
    let missing = send(session, "queue:missing?passive=true", "a").await;
    expect_refusal(missing, ErrorKind::InvalidDestination, "queue:missing");
}

async fn a_queue_of_another_connection(rabbit: &RabbitMq, open: &Arc<dyn Session>) {
    let other = connect(rabbit).await;
    let foreign = session(&other).await;
    let own = foreign.create_temporary_queue().await.unwrap();
    let name = own.address().name().to_owned();
    let alien = format!("queue:{name}");
    for address in [
        alien.clone(),
        format!("{alien}?max-length=1"),
        format!("{alien}?passive=true"),
    ] {
        let made = open.create_consumer(&at(&address)).await;
        expect_refusal(made, ErrorKind::InvalidDestination, &name);
        let browser = open.create_browser(&at(&address), None).await;
        expect_refusal(browser, ErrorKind::InvalidDestination, &name);
    }
    // Everybody may send to it.
    send(open, &alien, "reply").await.unwrap();
    let replies = foreign.create_consumer(&own).await.unwrap();
    assert_eq!(receive_all(&replies).await, ["reply"]);
    other.close().await.unwrap();
    // It went with its connection; the queue that takes its name is nobody's.
    let gone = open.create_producer(&at(&format!("temp-queue:{name}"))).await;
    let sent = match gone {
        Ok(producer) => producer.send(Message::text("late")).await.map(drop),
        Err(refused) => Err(refused),
    };
    expect_refusal(sent, ErrorKind::InvalidDestination, &name);
}

async fn delete(rabbit: &RabbitMq, queue: &str) {
    rabbit.ctl(&["delete_queue", queue]).await.unwrap();
}

async fn a_queue_deleted_under_a_consumer(rabbit: &RabbitMq, connection: &Arc<dyn Connection>) {
    let session = connection.create_session(AckMode::Client).await.unwrap();
    let gone = consume(&session, "queue:gone").await;
    let stays = consume(&session, "queue:stays").await;
    send(&session, "queue:gone", "handed over").await.unwrap();
    send(&session, "queue:stays", "before").await.unwrap();
    let held = gone.receive_timeout(LIMIT).await.unwrap().unwrap();
    delete(rabbit, "gone").await;
    let ended = async || gone.receive_timeout(PAUSE).await.err();
    let error = poll::until(LIMIT, PAUSE, ended).await.unwrap();
    expect_refusal::<()>(Err(error), ErrorKind::InvalidDestination, "queue:gone");
    // What is acknowledged is gone with its queue; that harms nobody.
    held.acknowledge().await.unwrap();
    send(&session, "queue:stays", "after").await.unwrap();
    assert_eq!(receive_all(&stays).await, ["before", "after"]);
    gone.close().await.unwrap();
    still_works(&session, "queue:gone").await;
    session.close().await.unwrap();
}

async fn a_queue_deleted_under_a_listener(rabbit: &RabbitMq, connection: &Arc<dyn Connection>) {
    use anymq::prelude::ConsumerExt as _;
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let mut events = connection.events().unwrap();
    let (heard, mut inbox) = tokio::sync::mpsc::unbounded_channel();
    let gone = consume(&session, "queue:listened").await;
    let listener = move |message: anymq::Received| {
        let heard = heard.clone();
        async move {
            heard.send(message.as_text().unwrap_or_default().to_owned()).unwrap();
            Ok(())
        }
    };
    gone.listen(listener).await.unwrap();
    let sender = client::session(connection).await;
    send(&sender, "queue:listened", "before").await.unwrap();
    let first = tokio::time::timeout(LIMIT, inbox.recv()).await.unwrap();
    assert_eq!(first.as_deref(), Some("before"));
    delete(rabbit, "listened").await;
    let event = tokio::time::timeout(LIMIT, events.next()).await.unwrap();
    let Some(Event::ConsumerEnded { destination, error }) = event else {
        panic!("{event:?}");
    };
    assert_eq!(destination, at("queue:listened"));
    expect_refusal::<()>(Err(error), ErrorKind::InvalidDestination, "queue:listened");
    session.close().await.unwrap();
    still_works(&sender, "queue:listened").await;
}

async fn a_queue_deleted_under_a_producer(rabbit: &RabbitMq, session: &Arc<dyn Session>) {
    let producer = session.create_producer(&at("queue:removed")).await.unwrap();
    producer.send(Message::text("goes with it")).await.unwrap();
    delete(rabbit, "removed").await;
    let refused = producer.send(Message::text("refused")).await;
    let refused = expect_refusal(refused, ErrorKind::InvalidDestination, "queue:removed");
    assert_eq!((refused.code(), refused.retry()), (Some("312"), Retry::Never));
    // The next one finds that it must be made again.
    producer.send(Message::text("after")).await.unwrap();
    assert_eq!(receive_all(&consume(session, "queue:removed").await).await, ["after"]);
}

/// Those that failed did not arrive; those that were taken after the last failure did.
async fn a_queue_deleted_under_a_pipeline(rabbit: &RabbitMq, session: &Arc<dyn Session>) {
    const AT_ONCE: usize = 100;
    let producer = session.create_producer(&at("queue:piped")).await.unwrap();
    let (mut failed, mut taken) = (0, Vec::new());
    let mut deleting = std::pin::pin!(delete(rabbit, "piped"));
    let mut deleted = false;
    let until = std::time::Instant::now() + LIMIT;
    for round in 0.. {
        let mut pending = Vec::new();
        for number in 0..AT_ONCE {
            let text = format!("{round}/{number}");
            let sent = producer.submit(Message::text(text.as_str()), None).await.unwrap();
            pending.push((text, sent));
        }
        for (text, sent) in pending {
            if let Err(error) = sent.await {
                expect_refusal::<()>(Err(error), ErrorKind::InvalidDestination, "queue:piped");
                failed += 1;
                taken.clear();
            } else {
                taken.push(text);
            }
        }
        deleted = deleted || futures_util::poll!(&mut deleting).is_ready();
        if deleted && failed > 0 && !taken.is_empty() {
            break;
        }
        assert!(std::time::Instant::now() < until, "{round} rounds, {failed} refused");
    }
    let arrived = receive_all(&consume(session, "queue:piped").await).await;
    assert_eq!(arrived, taken);
}

fn oversize() -> Message {
    Message::bytes(vec![0; 2 * LARGEST])
}

async fn an_oversize_message(session: &Arc<dyn Session>) {
    let consumer = consume(session, "queue:sizes").await;
    let producer = session.create_producer(&at("queue:sizes")).await.unwrap();
    producer.send(Message::text("before")).await.unwrap();
    let refused = producer.send(oversize()).await;
    let refused = expect_refusal(refused, ErrorKind::ResourceAllocation, "queue:sizes");
    assert_eq!(refused.retry(), Retry::Never, "{refused}");
    assert!(refused.message_id().is_some(), "{refused:#?}");
    producer.send(Message::text("after")).await.unwrap();
    assert_eq!(receive_all(&consumer).await, ["before", "after"]);
    consumer.close().await.unwrap();
}

/// Only of those before it nobody knows: the broker had them, and what it said of them is lost.
async fn an_oversize_message_among_others(session: &Arc<dyn Session>) {
    let producer = session.create_producer(&at("queue:mixed")).await.unwrap();
    producer.send(Message::text("first")).await.unwrap();
    let mut pending = Vec::new();
    for text in ["before", "", "after", "long after"] {
        let message = if text.is_empty() {
            oversize()
        } else {
            Message::text(text)
        };
        pending.push((text, producer.submit(message, None).await.unwrap()));
    }
    let (mut expected, mut possible) = (vec!["first"], Vec::new());
    for (text, sent) in pending {
        match sent.await {
            Ok(_) => expected.push(text),
            Err(error) => {
                assert_eq!(error.resource(), Some("queue:mixed"), "{error:#?}");
                assert!(error.message_id().is_some(), "{error:#?}");
                match (text, error.retry()) {
                    ("", retry) => {
                        assert_eq!((error.kind(), retry), (ErrorKind::ResourceAllocation, Retry::Never));
                    }
                    ("before", Retry::MayDuplicate) => possible.push(text),
                    (_, retry) => assert_eq!(retry, Retry::Safe, "{text}: {error:#?}"),
                }
            }
        }
    }
    let arrived = receive_all(&consume(session, "queue:mixed").await).await;
    let certain: Vec<_> = arrived
        .iter()
        .filter(|text| !possible.contains(&text.as_str()))
        .collect();
    assert_eq!(certain, expected);
}

async fn names_that_are_too_long(rabbit: &RabbitMq, open: &Arc<dyn Session>) {
    let long = "x".repeat(300);
    for kind in ["queue", "topic"] {
        let refused = format!("{kind}:{long}").parse::<Address>();
        expect_refusal(refused, ErrorKind::InvalidDestination, "xxxx");
    }
    expect_refusal(Queue::new(long.clone()), ErrorKind::InvalidDestination, "xxxx");
    expect_refusal(Topic::new(long.clone()), ErrorKind::InvalidDestination, "xxxx");
    // 200 bytes, of which each becomes three.
    let encoded = Address::new(DestinationKind::Topic, "%".repeat(200)).unwrap();
    refused_by_all(open, &encoded, "topic:%").await;
    for option in [
        "exchange=",
        "exchange=amq.topic&routing-key=",
        "exchange=amq.headers&header.",
    ] {
        let value = if option.ends_with('.') { "=1" } else { "" };
        let address = at(&format!("topic:named?{option}{long}{value}"));
        refused_by_all(open, &address, "topic:named").await;
    }
    for option in ["dead-letter-exchange=", "exchange="] {
        let address = at(&format!("queue:named?{option}{long}"));
        refused_by_all(open, &address, "queue:named").await;
    }
    for part in [
        format!("%2f?dead-letters={long}"),
        long.clone(),
        format!("%2f?client-id={long}"),
    ] {
        let refused = connect_to(&rabbit.amqp_url().replace("%2f", &part), ConnectOptions::new()).await;
        let error = refused.unwrap_err();
        assert!(
            [ErrorKind::Configuration, ErrorKind::InvalidClientId].contains(&error.kind()),
            "{error:#?}"
        );
    }
    still_works(open, &format!("queue:{}", "x".repeat(255))).await;
}

async fn refused_by_all(session: &Arc<dyn Session>, address: &Address, resource: &str) {
    let kind = ErrorKind::InvalidDestination;
    expect_refusal(session.create_producer(address).await, kind, resource);
    expect_refusal(session.create_consumer(address).await, kind, resource);
    let anonymous = session.create_anonymous_producer().await.unwrap();
    expect_refusal(anonymous.send_to(address, Message::text("a")).await, kind, resource);
}

async fn a_property_s_name_that_is_too_long(session: &Arc<dyn Session>) {
    let named = |length: usize| Message::text("a").with_property("p".repeat(length), 1).unwrap();
    let producer = session.create_producer(&at("queue:properties")).await.unwrap();
    let refused = expect_refusal(
        producer.send(named(300)).await,
        ErrorKind::MessageFormat,
        "queue:properties",
    );
    assert!(refused.detail().contains("`pppp"), "{refused}");
    producer.send(named(255)).await.unwrap();
    assert_eq!(receive_all(&consume(session, "queue:properties").await).await, ["a"]);
}

/// They must fit into one frame.
async fn headers_that_are_too_long(session: &Arc<dyn Session>) {
    let producer = session.create_producer(&at("queue:headers")).await.unwrap();
    let message = Message::text("a").with_property("p", "x".repeat(200_000)).unwrap();
    expect_refusal(producer.send(message).await, ErrorKind::MessageFormat, "queue:headers");
    producer.send(Message::text("b")).await.unwrap();
    assert_eq!(receive_all(&consume(session, "queue:headers").await).await, ["b"]);
}

async fn options_that_make_no_sense(session: &Arc<dyn Session>) {
    for wrong in [
        "queue:a?max-lenght=1",
        "queue:a?max-length=x",
        "temp-queue:a?kind=quorum",
    ] {
        let refused: Result<_, Error> = session.create_producer(&at(wrong)).await;
        expect_refusal(refused, ErrorKind::InvalidDestination, wrong.split_once('?').unwrap().0);
    }
    let far = SendOptions::new().with_delay(std::time::Duration::from_secs(50 * 24 * 3600));
    let producer = session.create_producer(&at("queue:far")).await.unwrap();
    let refused = producer.send_with(Message::text("far off"), far).await;
    expect_refusal(refused, ErrorKind::InvalidArgument, "queue:far");
}
