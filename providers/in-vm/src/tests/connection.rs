use std::num::NonZeroUsize;

use anymq_api::{Limits, spi::*};

use super::*;

#[test]
fn a_name_is_one_broker_that_keeps_its_messages() {
    let driver = InVmDriver::new("names-share");
    let first = connect_as(&driver, None).unwrap();
    send(&session(&first), "queue:q", &["a"]);
    now(first.close(DEADLINE)).unwrap();
    let url = BrokerUrl::parse("vm://names-share").unwrap();
    let setup = crate::InVmProvider.setup(&url).unwrap();
    let spec = ConnectSpec::new(1);
    let second = now(setup.driver.connect(spec, Arc::new(EventLog::default()))).unwrap();
    let receiver = session(&second);
    assert_eq!(texts(&subscribe(&receiver, 1, "queue:q", 1).inbox.take()), ["a"]);
    InVmBroker::named("names-share").shutdown();
}

#[test]
fn another_name_and_an_embedded_broker_are_others() {
    let one = InVmBroker::named("names-one");
    let connection = connect(&one);
    send(&session(&connection), "queue:q", &["a"]);
    assert_eq!(InVmBroker::named("names-two").stats().ready, 0);
    assert_eq!(InVmBroker::new().stats().ready, 0);
    assert_eq!(InVmBroker::named("names-one").stats().ready, 1);
}

#[test]
fn a_client_id_has_one_user_at_a_time() {
    let broker = InVmBroker::new();
    let driver = broker.driver();
    let invalid = Some(ErrorKind::InvalidClientId);
    let first = connect_as(&driver, Some("till")).unwrap();
    assert_eq!(kind(connect_as(&driver, Some("till"))), invalid);
    assert_eq!(kind(connect_as(&driver, Some(""))), invalid);
    assert!(connect_as(&driver, Some("other")).is_ok());
    now(first.close(DEADLINE)).unwrap();
    let second = connect_as(&driver, Some("till")).unwrap();
    first.abandon();
    assert_eq!(kind(connect_as(&driver, Some("till"))), invalid);
    second.abandon();
    drop(connect_as(&driver, Some("till")).unwrap());
    assert!(connect_as(&driver, Some("till")).is_ok());
}

type Busy = (Arc<dyn DriverConnection>, Vec<Arc<dyn DriverSession>>, Vec<Subscribed>);

fn busy_connection(broker: &InVmBroker) -> Busy {
    let connection = connect_as(&broker.driver(), Some("busy")).unwrap();
    now(connection.create_temporary(&address("temp-queue:x"))).unwrap();
    now(connection.create_temporary(&address("temp-topic:x"))).unwrap();
    let sessions = vec![session(&connection), transacted(&connection)];
    let mut subscribed = Vec::new();
    for session in &sessions {
        for (id, name) in (1..).zip(["queue:q", "topic:t", "temp-queue:x", "temp-topic:x"]) {
            subscribed.push(subscribe(session, id, name, 1));
            send(session, name, &["a"]);
        }
        send(session, "temp-queue:x", &["a", "b"]);
    }
    now(subscribed[0].subscription.close()).unwrap();
    let tokens: Vec<_> = subscribed[0].inbox.take().iter().map(|it| it.token).collect();
    let settlements = tokens.iter().map(|&token| Settlement {
        token,
        outcome: Outcome::Accept,
    });
    now(sessions[0].settle(&settlements.collect::<Vec<_>>())).unwrap();
    (connection, sessions, subscribed)
}

#[test]
fn nothing_is_left_after_close_abandon_or_drop() {
    let broker = InVmBroker::new();
    let (connection, ..) = busy_connection(&broker);
    now(connection.close(DEADLINE)).unwrap();
    assert_nothing_left(&broker);
    let (connection, sessions, _subscribed) = busy_connection(&broker);
    connection.abandon();
    connection.abandon();
    assert_nothing_left(&broker);
    assert_eq!(
        kind(now(sessions[0].send(envelope("queue:q", "z")))),
        Some(ErrorKind::IllegalState)
    );
    assert_eq!(
        kind(try_subscribe(&sessions[0], 9, "queue:q")),
        Some(ErrorKind::IllegalState)
    );
    assert_eq!(
        kind(now(connection.open_session(SessionSpec::new(false)))),
        Some(ErrorKind::IllegalState)
    );
    drop(busy_connection(&broker));
    assert_nothing_left(&broker);
}

#[test]
fn sessions_and_subscriptions_end_when_dropped() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    drop(subscribe(&session, 1, "queue:q", 1));
    assert_eq!((broker.stats().consumers, broker.stats().queues), (0, 0));
    drop(session);
    assert_eq!(broker.stats().sessions, 0);
}

#[test]
fn shutting_down_loses_every_link() {
    let broker = InVmBroker::named("shut-down");
    let events = Arc::new(EventLog::default());
    let driver = InVmDriver::new("shut-down");
    let connection = now(driver.connect(ConnectSpec::new(1), events.clone())).unwrap();
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 1);
    send(&session, "queue:q", &["a", "b"]);
    broker.shutdown();
    broker.shutdown();
    assert_nothing_left(&broker);
    assert!(matches!(events.0.lock()[..], [DriverEvent::LinkLost { .. }]));
    assert_eq!((Arc::strong_count(&events), Arc::strong_count(&it.inbox)), (1, 1));
    let lost = Some(ErrorKind::ConnectionLost);
    assert_eq!(kind(now(session.send(envelope("queue:q", "c")))), lost);
    assert_eq!(kind(now(connection.open_session(SessionSpec::new(false)))), lost);
    assert_eq!(kind(connect_as(&broker.driver(), None)), lost);
    let again = connect_as(&driver, None).unwrap();
    assert_eq!(InVmBroker::named("shut-down").stats().connections, 1);
    again.abandon();
    InVmBroker::named("shut-down").shutdown();
}

#[test]
fn destinations_have_no_options() {
    let connection = connect(&InVmBroker::new());
    connection.check_destination(&address("queue:any name at all")).unwrap();
    let error = connection
        .check_destination(&address("queue:q?kind=quorum"))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidDestination);
    assert!(error.to_string().contains("`kind`"), "{error}");
}

#[test]
fn a_limit_of_messages_is_declared_where_there_is_one() {
    assert_eq!(connect(&InVmBroker::new()).limits(), Limits::none());
    let size = NonZeroUsize::new(1000).unwrap();
    let broker = InVmBroker::builder().with_max_message_size(size).build();
    assert_eq!(connect(&broker).limits().max_message_size, Some(1000));
}
