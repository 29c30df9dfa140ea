//! TMP: what temporary destinations are good for.

use std::collections::BTreeSet;

use anymq_api::{AckMode, Destination, DestinationKind, ErrorKind, Message};

use crate::case::{
    Context, Failure, Passed, Verdict, expect_list, expect_set,
    flow::{gather, numbered, send_all},
    text_of, texts_of,
};
use crate::temporary::Temporary;

pub(super) async fn unique(context: &Context) -> Verdict {
    let (one, two) = (context.started().await?, context.started().await?);
    let sessions = [
        one.create_session(AckMode::Auto).await?,
        one.create_session(AckMode::Auto).await?,
        two.create_session(AckMode::Auto).await?,
    ];
    let mut all = Vec::new();
    for session in &sessions {
        for kind in [Temporary::KINDS, Temporary::KINDS].concat() {
            let temporary = Temporary::create(session, kind).await?;
            ensure_eq!(temporary.address().kind(), kind);
            let consumer = session.create_consumer(&temporary).await?;
            let producer = session.create_producer(&temporary).await?;
            producer.send(Message::text(temporary.address().to_string())).await?;
            all.push((temporary, consumer));
        }
    }
    let names: BTreeSet<_> = all
        .iter()
        .map(|(temporary, _)| temporary.address().name().to_owned())
        .collect();
    ensure_eq!(names.len(), all.len(), "different names");
    let each: Vec<_> = all.iter().map(|(_, consumer)| consumer).collect();
    let got = gather(context, &each, all.len()).await?;
    for ((temporary, _), got) in all.iter().zip(&got) {
        expect_list(&texts_of(got), &[temporary.address().to_string()])?;
    }
    Ok(Passed::With(format!("{} destinations", all.len())))
}

pub(super) async fn owner_consumes(context: &Context) -> Verdict {
    for kind in Temporary::KINDS {
        let owner = context.started().await?;
        let creator = owner.create_session(AckMode::Auto).await?;
        let temporary = Temporary::create(&creator, kind).await?;
        let session = owner.create_session(AckMode::Auto).await?;
        let consumer = session.create_consumer(&temporary).await?;

        let stranger = context.started().await?.create_session(AckMode::Auto).await?;
        let refused = match stranger.create_consumer(&temporary).await {
            Ok(_) => return Err(Failure::new(format!("another connection consumes from {temporary:?}"))),
            Err(error) => error.kind(),
        };
        let allowed = [ErrorKind::InvalidDestination, ErrorKind::Other];
        ensure!(
            allowed.contains(&refused),
            "another connection is refused with: {refused}"
        );

        // A consumer that was made in secret would take its share.
        let texts = numbered("", 10);
        send_all(&creator.create_producer(&temporary).await?, &texts).await?;
        let got = gather(context, &[&consumer], texts.len()).await?;
        expect_list(&texts_of(&got.concat()), &texts)?;
    }
    Ok(Passed::AsStated)
}

pub(super) async fn everybody_sends(context: &Context) -> Verdict {
    let asking = context.destination();
    for kind in Temporary::KINDS {
        let session = context.started().await?.create_session(AckMode::Auto).await?;
        let temporary = Temporary::create(&session, kind).await?;
        let consumer = session.create_consumer(&temporary).await?;

        // The other connection knows it by a message's reply-to only.
        let other = context.started().await?.create_session(AckMode::Auto).await?;
        let requests = other.create_consumer(&asking).await?;
        let request = Message::text("where to").with_reply_to(&temporary);
        session.create_producer(&asking).await?.send(request).await?;
        let request = context.receive(&requests).await?;
        ensure_eq!(request.reply_to(), Some(temporary.address()), "the reply-to");
        let reply_to = request.reply_to().ok_or_else(|| Failure::new("no reply-to"))?;
        let producer = other.create_producer(reply_to).await?;
        producer.send(Message::text("identified")).await?;
        let anonymous = other.create_anonymous_producer().await?;
        anonymous.send_to(reply_to, Message::text("anonymous")).await?;
        let got = gather(context, &[&consumer], 2).await?.concat();
        let texts = ["identified", "anonymous"].map(str::to_owned);
        expect_list(&texts_of(&got), &texts)?;
        requests.close().await?;
    }
    Ok(Passed::AsStated)
}

pub(super) async fn like_lasting_ones(context: &Context) -> Verdict {
    let mut second = Vec::new();
    for kind in Temporary::KINDS {
        let connection = context.started().await?;
        let session = connection.create_session(AckMode::Auto).await?;
        let temporary = Temporary::create(&session, kind).await?;
        shared_or_copied(context, &connection, &temporary).await?;
        temporary.delete().await?;
        second.push(match temporary.delete().await {
            Ok(()) => "harmless",
            Err(error) if error.kind() == ErrorKind::InvalidDestination => "invalid destination",
            Err(error) => return Err(error.into()),
        });
    }
    Ok(Passed::With(format!("second delete: {}", second.join(", "))))
}

async fn shared_or_copied(
    context: &Context,
    connection: &std::sync::Arc<dyn anymq_api::Connection>,
    temporary: &Temporary,
) -> Result<(), Failure> {
    let (one, two) = (
        connection.create_session(AckMode::Auto).await?,
        connection.create_session(AckMode::Auto).await?,
    );
    let producer = one.create_producer(temporary).await?;
    producer.send(Message::text("early")).await?;
    let (first, second) = (
        one.create_consumer(temporary).await?,
        two.create_consumer(temporary).await?,
    );
    let texts = numbered("", 20);
    if temporary.address().kind() == DestinationKind::TemporaryQueue {
        // It waited for its consumer.
        send_all(&producer, &texts).await?;
        let got = gather(context, &[&first, &second], texts.len() + 1).await?;
        let expected = [&texts[..], &["early".to_owned()]].concat();
        expect_set(&texts_of(&got.concat()), &expected)?;
    } else {
        context.nothing(&first).await?;
        send_all(&producer, &texts).await?;
        for got in gather(context, &[&first, &second], 2 * texts.len()).await? {
            expect_list(&texts_of(&got), &texts)?;
        }
    }
    first.close().await?;
    producer.send(Message::text("late")).await?;
    ensure_eq!(text_of(&context.receive(&second).await?), "late");
    Ok(second.close().await?)
}
