//! Who may do what.

use std::io::ErrorKind;

use anymq_conformance::broker::{ActiveMq, ActiveMqOptions, ActiveMqUser};
use anymq_conformance::stomp::{StompClient, StompFrame};
use tokio::net::TcpStream;

use crate::TEST;
use crate::common;
use crate::peer::{address, connect, receive, send, subscribe, within};

/// Who needs escapes in XML, and may send orders alone.
fn clerk() -> ActiveMqUser {
    ActiveMqUser {
        name: "clerk".to_owned(),
        password: "<\"&'>".to_owned(),
        write: vec!["orders.>".to_owned()],
        admin: vec!["orders.>".to_owned()],
        ..ActiveMqUser::default()
    }
}

#[tokio::test]
async fn users_may_do_what_they_were_granted() {
    let Some(broker) = common::active_with(TEST, ActiveMqOptions::default().with_user(clerk())).await else {
        return;
    };
    for (user, password) in [("guest", "wrong"), ("nobody", "guest"), ("clerk", "guest")] {
        let refused = within(StompClient::connect(address(&broker), user, password)).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::ConnectionRefused, "{user}");
    }
    assert!(connect_without_a_name(&broker).await.is_err());

    as_clerk(&broker, send("/queue/orders.new", "an order")).await.unwrap();
    as_clerk(&broker, send("/topic/orders.new", "an order")).await.unwrap();
    as_clerk(&broker, send("/queue/bills", "a bill")).await.unwrap_err();
    as_clerk(&broker, subscribe("/queue/orders.new")).await.unwrap_err();
    let mut guest = connect(&broker).await;
    guest.send(&subscribe("/queue/orders.new")).await.unwrap();
    assert_eq!(receive(&mut guest).await, "an order");
}

/// On a connection of its own, as a refusal may end it.
async fn as_clerk(broker: &ActiveMq, frame: StompFrame) -> std::io::Result<()> {
    let clerk = clerk();
    let connecting = StompClient::connect(address(broker), &clerk.name, &clerk.password);
    let mut client = within(connecting).await.unwrap();
    within(client.confirmed(frame)).await
}

async fn connect_without_a_name(broker: &ActiveMq) -> std::io::Result<StompClient> {
    let frame = StompFrame::new("CONNECT")
        .with("accept-version", "1.2")
        .with("host", "localhost");
    let stream = TcpStream::connect(address(broker)).await?;
    within(StompClient::open(stream, &frame)).await
}

#[tokio::test]
async fn who_gives_no_name_is_let_in_when_that_is_asked_for() {
    let options = ActiveMqOptions::default().with_anonymous().with_user(clerk());
    let Some(broker) = common::active_with(TEST, options).await else {
        return;
    };
    let mut client = connect_without_a_name(&broker).await.unwrap();
    within(client.confirmed(send("/queue/bills", "a bill"))).await.unwrap();
}
