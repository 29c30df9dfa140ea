//! RabbitMQ's tutorial 2: tasks in a lasting queue, each for one worker, none lost when a worker leaves it undone.

use anymq::{AckMode, Message};

use crate::peer::Publish;
use crate::stage::{Stage, consumer, next, producer, queue};

const TASKS: &str = "interop.tasks";

pub(crate) async fn is_shared(stage: &mut Stage) {
    stage.peer.declare(TASKS).await;
    what_we_leave_goes_to_pika(stage).await;
    what_pika_leaves_comes_to_us(stage).await;
    assert_eq!(stage.peer.count(TASKS).await, 0);
}

async fn what_we_leave_goes_to_pika(stage: &mut Stage) {
    for task in ["one", "two"] {
        stage.peer.publish(Publish::to(TASKS, task.as_bytes())).await;
    }
    let session = stage.connection.create_session(AckMode::Individual).await.unwrap();
    let worker = consumer(&session, &queue(TASKS)).await;
    let done = next(&worker).await;
    assert_eq!(done.as_bytes().unwrap(), &b"one"[..]);
    done.acknowledge().await.unwrap();
    let left = next(&worker).await;
    assert_eq!(
        (left.as_bytes().unwrap().as_ref(), left.redelivered()),
        (&b"two"[..], false)
    );
    session.close().await.unwrap();

    let task = stage.peer.take(TASKS).await;
    assert_eq!((task.body.as_slice(), task.redelivered), (&b"two"[..], true));
}

async fn what_pika_leaves_comes_to_us(stage: &mut Stage) {
    let sender = producer(&stage.session, &queue(TASKS)).await;
    for task in ["three", "four"] {
        sender.send(Message::text(task)).await.unwrap();
    }
    let done = stage.peer.get(TASKS).await;
    let left = stage.peer.get(TASKS).await;
    assert_eq!((done.body.as_slice(), done.redelivered), (&b"three"[..], false));
    stage.peer.ack(&done).await;
    stage.peer.give_back(&left).await;

    let session = stage.connection.create_session(AckMode::Client).await.unwrap();
    let task = next(&consumer(&session, &queue(TASKS)).await).await;
    assert_eq!((task.as_text(), task.redelivered()), (Some("four"), true));
    task.acknowledge().await.unwrap();
    session.close().await.unwrap();
}
