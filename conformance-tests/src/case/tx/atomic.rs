//! Several destinations in one transaction, several transactions at once.

use std::sync::Arc;

use anymq_api::{AckMode, Address, Capability, Connection, Consumer, DestinationKind, Message, Producer, Session};
use futures_util::{future::try_join_all, try_join};

use super::{Context, Failure, Passed, Verdict, expect_only, expect_texts, fed, later};
use crate::case::{
    later::fed_on,
    setup::{send_texts, sender},
};

/// Destinations that a transaction receives from and sends to, two of each kind.
struct Scene {
    connection: Arc<dyn Connection>,
    session: Arc<dyn Session>,
    sources: Vec<Address>,
    /// Of the transacted session, on the sources.
    consumers: Vec<Arc<dyn Consumer>>,
    producer: Arc<dyn Producer>,
    targets: Vec<Address>,
    /// Of a plain session, on the targets.
    watchers: Vec<Arc<dyn Consumer>>,
}

pub(super) async fn as_one(context: &Context) -> Verdict {
    let kinds: Vec<_> = [
        (Capability::Queues, DestinationKind::Queue),
        (Capability::Topics, DestinationKind::Topic),
    ]
    .into_iter()
    .filter(|(capability, _)| context.supports(*capability))
    .flat_map(|(_, kind)| [kind; 2])
    .collect();
    let scene = scene(context, &kinds).await?;

    work(context, &scene, "first").await?;
    scene.session.rollback().await?;
    try_join_all(scene.watchers.iter().map(|watcher| context.nothing(watcher))).await?;

    // All that was received comes again, which shows that the rollback covered it.
    work(context, &scene, "second").await?;
    scene.session.commit().await?;
    let arrived = scene
        .watchers
        .iter()
        .map(|watcher| expect_only(context, watcher, &["second"]));
    try_join_all(arrived).await?;
    scene.session.close().await?;
    let plain = scene.connection.create_session(AckMode::Auto).await?;
    let mut consumers = Vec::new();
    for source in &scene.sources {
        consumers.push(plain.create_consumer(source).await?);
    }
    try_join_all(consumers.iter().map(|consumer| context.nothing(consumer))).await?;
    Ok(Passed::With(format!("{} destinations each way", kinds.len())))
}

async fn scene(context: &Context, kinds: &[DestinationKind]) -> Result<Scene, Failure> {
    let connection = context.started().await?;
    let session = connection.create_session(AckMode::Transacted).await?;
    let plain = connection.create_session(AckMode::Auto).await?;
    let producer = session.create_anonymous_producer().await?;
    let (mut sources, mut consumers) = (Vec::new(), Vec::new());
    let (mut targets, mut watchers) = (Vec::new(), Vec::new());
    for &kind in kinds {
        let source = context.address(kind);
        consumers.push(session.create_consumer(&source).await?);
        send_texts(&sender(context, &source).await?, &["source"]).await?;
        sources.push(source);
        let target = context.address(kind);
        watchers.push(plain.create_consumer(&target).await?);
        targets.push(target);
    }
    Ok(Scene {
        connection,
        session,
        sources,
        consumers,
        producer,
        targets,
        watchers,
    })
}

/// Receives from every source and sends to every target.
async fn work(context: &Context, scene: &Scene, text: &str) -> Result<(), Failure> {
    for (consumer, target) in scene.consumers.iter().zip(&scene.targets) {
        let received = context.receive(consumer).await?;
        expect_texts(&[received], &["source"])?;
        scene.producer.send_to(target, Message::text(text.to_owned())).await?;
    }
    Ok(())
}

pub(super) async fn side_by_side(context: &Context) -> Verdict {
    let one = fed(context, AckMode::Transacted).await?;
    let other = fed_on(context, Arc::clone(&one.connection), AckMode::Transacted).await?;
    let target = context.destination();
    let watcher = later(context, &one.connection, &target).await?;
    one.send(&["1"]).await?;
    other.send(&["2"]).await?;

    let from_one = one.session.create_producer(&target).await?;
    let from_other = other.session.create_producer(&target).await?;
    let received = [
        context.receive(&one.consumer).await?,
        context.receive(&other.consumer).await?,
    ];
    expect_texts(&received, &["1", "2"])?;
    send_texts(&from_one, &["one a"]).await?;
    send_texts(&from_other, &["other a"]).await?;
    send_texts(&from_one, &["one b"]).await?;
    one.session.commit().await?;
    send_texts(&from_other, &["other b"]).await?;
    other.session.rollback().await?;

    one.session.close().await?;
    let after_one = later(context, &one.connection, &one.destination).await?;
    try_join!(
        expect_only(context, &watcher, &["one a", "one b"]),
        expect_only(context, &other.consumer, &["2"]),
        context.nothing(&after_one),
    )?;
    Ok(Passed::AsStated)
}
