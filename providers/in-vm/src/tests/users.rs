//! Who may connect, and do what.

use anymq_api::{Credentials, Queue};

use super::*;
use crate::{Access, User};

fn log_in(broker: &InVmBroker, credentials: Option<(&str, &str)>) -> Result<Arc<dyn DriverConnection>> {
    let mut spec = ConnectSpec::new(1);
    spec.credentials = credentials.map(|(name, password)| Credentials::new(name, password));
    now(broker.driver().connect(spec, Arc::new(EventLog::default())))
}

fn shop() -> InVmBroker {
    let orders = Queue::new("orders").unwrap();
    InVmBroker::builder()
        .with_user(User::new("boss", "secret").with_full_access())
        .with_user(User::new("till", "hunter2").with_access(&orders, Access::Write))
        .with_user(User::new("kitchen", "pan").with_access(&orders, Access::Read))
        .build()
}

#[test]
fn only_known_users_with_the_right_password_connect() {
    let broker = shop();
    for credentials in [None, Some(("till", "wrong")), Some(("nobody", "hunter2"))] {
        let error = log_in(&broker, credentials).unwrap_err();
        assert_eq!(
            (error.kind(), error.retry()),
            (ErrorKind::Security, anymq_api::Retry::Never)
        );
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    log_in(&broker, Some(("till", "hunter2"))).unwrap();
    assert_eq!(broker.stats().connections, 0);
    assert!(!format!("{:?}", User::new("till", "hunter2")).contains("hunter2"));
}

#[test]
fn users_do_what_was_granted() {
    let broker = shop();
    let [boss, till, kitchen] =
        [("boss", "secret"), ("till", "hunter2"), ("kitchen", "pan")].map(|user| log_in(&broker, Some(user)).unwrap());
    let [boss, till_session, kitchen_session] = [&boss, &till, &kitchen].map(session);
    let refused = Some(ErrorKind::Security);
    let sent = |session: &Arc<dyn DriverSession>, to| kind(now(session.send(envelope(to, "a"))));
    assert_eq!(sent(&till_session, "queue:orders"), None);
    assert_eq!(sent(&till_session, "queue:other"), refused);
    assert_eq!(sent(&till_session, "topic:orders"), refused);
    assert_eq!(sent(&kitchen_session, "queue:orders"), refused);
    assert_eq!(sent(&transacted(&kitchen), "queue:orders"), refused);
    assert_eq!(sent(&boss, "queue:other"), None);
    assert_eq!(kind(try_subscribe(&till_session, 1, "queue:orders")), refused);
    assert_eq!(
        kind(now(till.browse(BrowseSpec::new(address("queue:orders"))))),
        refused
    );
    let it = subscribe(&kitchen_session, 1, "queue:orders", 5);
    assert_eq!(texts(&it.inbox.take()), ["a"]);
    // Temporary destinations are their makers'.
    let reply = address("temp-queue:reply");
    now(till.create_temporary(&reply)).unwrap();
    assert_eq!(sent(&kitchen_session, "temp-queue:reply"), None);
}

#[test]
fn a_name_is_given_once() {
    let broker = InVmBroker::builder().build_named("users-name").unwrap();
    let again = InVmBroker::builder().build_named("users-name");
    assert_eq!(kind(again), Some(ErrorKind::IllegalState));
    broker.shutdown();
    InVmBroker::builder().build_named("users-name").unwrap().shutdown();
}
