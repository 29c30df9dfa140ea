//! RabbitMQ's direct replies: pika asks with the reply-to `amq.rabbitmq.reply-to`, which is no queue, and we answer.

use std::{sync::Arc, time::Duration};

use anymq::prelude::ProducerExt as _;
use anymq::{
    AckMode, Address, Destination as _, DestinationKind, ErrorKind, Message, Producer, Queue, Received, Result,
    SendOptions, Session,
};
use serde_json::json;

use crate::peer::{LIMIT, Publish};
use crate::stage::{IN, OUT, Stage, producer, queue};

/// How long is waited for what must not come.
const SHORT: Duration = Duration::from_millis(300);

async fn replier(session: &Arc<dyn Session>) -> Arc<dyn Producer> {
    session.create_anonymous_producer().await.unwrap()
}

/// As any service answers: to where the request says, with its correlation id.
async fn answer(replier: &Arc<dyn Producer>, request: &Received) -> Result<()> {
    let reply = Message::text("1.20").with_correlation_id(request.correlation_id().unwrap());
    replier.send_to(request.reply_to().unwrap(), reply).await.map(drop)
}

async fn hears(stage: &mut Stage, id: &str) {
    let reply = stage.peer.reply(LIMIT).await.expect("a reply");
    assert_eq!(reply.body, b"1.20");
    assert_eq!(reply.fields["correlation_id"], id);
}

pub(crate) async fn pika_is_answered(stage: &mut Stage) {
    let replier = replier(&stage.session).await;
    for id in ["one", "two"] {
        let request = stage.ask_us(id).await;
        let reply_to = request.reply_to().unwrap();
        assert_eq!(reply_to.kind(), DestinationKind::TemporaryQueue);
        assert!(reply_to.name().starts_with("amq.rabbitmq.reply-to."), "{reply_to}");
        answer(&replier, &request).await.unwrap();
        hears(stage, id).await;
        // With a producer of its own, too.
        let own = producer(&stage.session, reply_to).await;
        let reply = Message::text("1.20").with_correlation_id(id);
        own.send(reply).await.unwrap();
        hears(stage, id).await;
    }
}

pub(crate) async fn many_answers_keep_their_order(stage: &mut Stage) {
    const MANY: usize = 30;
    let mut requests = Vec::new();
    for number in 0..MANY {
        requests.push(stage.ask_us(&number.to_string()).await);
    }
    let own = producer(&stage.session, requests[0].reply_to().unwrap()).await;
    let mut pending = Vec::new();
    for request in &requests {
        let reply = Message::text("1.20").with_correlation_id(request.correlation_id().unwrap());
        pending.push(own.submit(reply, None).await.unwrap());
    }
    for (number, sent) in pending.into_iter().enumerate() {
        sent.await.unwrap();
        hears(stage, &number.to_string()).await;
    }
}

/// The broker would deliver it at once, and a rollback would not take it back.
pub(crate) async fn a_transaction_answers_when_it_commits(stage: &mut Stage) {
    let session = stage.connection.create_session(AckMode::Transacted).await.unwrap();
    let (replier, out) = (replier(&session).await, producer(&session, &queue(OUT)).await);
    let request = stage.ask_us("undone").await;
    answer(&replier, &request).await.unwrap();
    session.rollback().await.unwrap();
    let request = stage.ask_us("committed").await;
    answer(&replier, &request).await.unwrap();
    out.send(Message::text("a sale")).await.unwrap();
    assert!(stage.peer.reply(SHORT).await.is_none());
    session.commit().await.unwrap();
    hears(stage, "committed").await;
    assert_eq!(stage.peer.take(OUT).await.body, b"a sale");

    // The next transaction is another one.
    out.send(Message::text("another")).await.unwrap();
    session.commit().await.unwrap();
    assert_eq!(stage.peer.take(OUT).await.body, b"another");
    assert!(stage.peer.reply(SHORT).await.is_none());
    session.close().await.unwrap();
}

/// The broker takes it and does not tell.
pub(crate) async fn nobody_hears_an_answer_that_comes_too_late(stage: &mut Stage) {
    let replier = replier(&stage.session).await;
    let request = stage.ask_us("gone").await;
    stage.peer.hang_up().await;
    answer(&replier, &request).await.unwrap();
    let request = stage.ask_us("there").await;
    answer(&replier, &request).await.unwrap();
    hears(stage, "there").await;
    assert!(stage.peer.reply(SHORT).await.is_none());
}

/// The broker would end the connection over it.
pub(crate) async fn an_address_that_is_none_is_refused(stage: &mut Stage) {
    let replier = replier(&stage.session).await;
    for made_up in ["a.b", "g2dk.b", "é.x", ""] {
        let name = format!("amq.rabbitmq.reply-to.{made_up}");
        let fields = json!({"reply_to": name, "correlation_id": "?", "content_type": "text/plain"});
        let request = stage.send_to_us(Publish::to(IN, b"espresso?").fields(fields)).await;
        let refused = answer(&replier, &request).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidDestination, "{refused}");
        assert!(refused.resource().is_some_and(|told| told.contains(&name)), "{refused}");
    }
    let request = stage.ask_us("after that").await;
    answer(&replier, &request).await.unwrap();
    hears(stage, "after that").await;
}

/// Our subscriptions have other channels than our sends.
pub(crate) async fn we_ask_with_a_temporary_queue(stage: &mut Stage) {
    let refused = Queue::new("amq.rabbitmq.reply-to").map(|queue| queue.address().clone());
    let pseudo: Address = refused.unwrap();
    let consumer = stage.session.create_consumer(&pseudo).await;
    assert_eq!(consumer.unwrap_err().kind(), ErrorKind::InvalidDestination);
    let out = producer(&stage.session, &queue(OUT)).await;
    let asked = out.send(Message::text("espresso?").with_reply_to(&pseudo)).await;
    assert_eq!(asked.unwrap_err().kind(), ErrorKind::InvalidDestination);
    let (_, request) = stage
        .send_to_pika(Message::text("still there"), SendOptions::new())
        .await;
    assert_eq!(request.body, b"still there");
}
