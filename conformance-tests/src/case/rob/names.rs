//! Odd destination names.

use std::sync::Arc;

use anymq_api::{AckMode, Address, Consumer, ConsumerOptions, Destination, ErrorKind, Message, Producer, Session};
use futures_util::future::try_join_all;

use super::{Context, Failure, Passed, Verdict, expect_only};
use crate::checklist::Place;

/// What follows a name of the case's own: separators, wildcards and escapes of some protocol.
const ODD: [&str; 28] = [
    " space", ".dot", "/slash", "#", ".#", "/#", "*", ".*", "+", "/+", ".>", "%", "%20", "$", "?query=1", "&",
    ":colon", "\\back", "\"", "'", "{}", "[1]", "größe", "名前", "😀", "..", "//", ".UPPER",
];

/// What a name that was taken for a pattern would match.
const DECOYS: [&str; 6] = ["x", ".x", "/x", ".x.y", "/x/y", ""];

/// A destination that was accepted, and what is sent to it.
struct Accepted {
    name: String,
    consumer: Arc<dyn Consumer>,
    producer: Arc<dyn Producer>,
}

pub(super) async fn literal(context: &Context) -> Verdict {
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let base = context.name();
    let mut names: Vec<_> = ODD.iter().map(|odd| format!("{base}{odd}")).collect();
    names.push(format!("{base}{}", "x".repeat(255 - base.len())));
    names.push(format!("{base}{}", "é".repeat((255 - base.len()) / 2)));
    if context.place() == Place::Topic {
        // Alone, each of them is everything there is in some protocol.
        names.extend(["#", "*", ">", "+"].map(str::to_owned));
    }
    let count = names.len();
    let mut accepted = Vec::new();
    for name in names {
        accepted.extend(open(context, &session, name).await?);
    }
    for one in &accepted {
        one.producer.send(Message::text(one.name.clone())).await?;
    }
    for decoy in DECOYS {
        let address = Address::new(context.destination().kind(), format!("{base}{decoy}"))?;
        session
            .create_producer(&address)
            .await?
            .send(Message::text("decoy"))
            .await?;
    }
    // Each gets what was sent by its own name, and no other.
    let at_broker = |name: &str| context.harness().name_at_broker(name);
    let sent_to = |name: &str| {
        let same = accepted.iter().filter(|one| at_broker(&one.name) == at_broker(name));
        let decoys = DECOYS
            .iter()
            .filter(|decoy| at_broker(&format!("{base}{decoy}")) == at_broker(name));
        let texts = same.map(|one| one.name.clone());
        texts.chain(decoys.map(|_| "decoy".to_owned())).collect::<Vec<_>>()
    };
    let texts: Vec<_> = accepted.iter().map(|one| sent_to(&one.name)).collect();
    let receives = accepted.iter().zip(&texts);
    try_join_all(receives.map(|(one, text)| expect_only(context, &one.consumer, text))).await?;
    Ok(Passed::With(format!(
        "{} work, {} are refused",
        accepted.len(),
        count - accepted.len()
    )))
}

/// Opens both ends, unless the name is refused as one.
async fn open(context: &Context, session: &Arc<dyn Session>, name: String) -> Result<Option<Accepted>, Failure> {
    let opened = async {
        let address = Address::new(context.destination().kind(), name.clone())?;
        let consumer = subscribe(context, session, &address).await?;
        let producer = session.create_producer(&address).await?;
        Ok::<_, anymq_api::Error>((consumer, producer))
    };
    match opened.await {
        Ok((consumer, producer)) => Ok(Some(Accepted {
            name,
            consumer,
            producer,
        })),
        Err(error) if error.kind() == ErrorKind::InvalidDestination => Ok(None),
        Err(error) => Err(Failure::new(format!("{name:?}: {:?}: {error}", error.kind()))),
    }
}

/// A durable subscription's own name is an ordinary one: it is not what this is about.
async fn subscribe(
    context: &Context,
    session: &Arc<dyn Session>,
    destination: &dyn Destination,
) -> anymq_api::Result<Arc<dyn Consumer>> {
    if context.place() == Place::Durable {
        let options = ConsumerOptions::new();
        return session
            .create_durable_consumer(destination, &context.name(), options)
            .await;
    }
    session.create_consumer(destination).await
}
