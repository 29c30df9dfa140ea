//! What identifies a durable subscription.

use anymq_api::{AckMode, DestinationKind};
use futures_util::try_join;

use super::{Client, Context, Kind, Passed, Subscription, Verdict};
use crate::case::{flow::gather, later::expect_only, setup::send_texts, texts_of};

pub(super) async fn of_two_clients(context: &Context) -> Verdict {
    let (one, two) = (Client::named(context), Client::named(context));
    let subscription = Subscription::fresh(context, Kind::Durable);
    let producer = subscription.producer(context).await?;
    let first_connection = one.connect().await?;
    let second_connection = two.connect().await?;
    let first_session = first_connection.create_session(AckMode::Auto).await?;
    let second_session = second_connection.create_session(AckMode::Auto).await?;
    let first = subscription.open(&first_session).await?;
    send_texts(&producer, &["1"]).await?;
    let second = subscription.open(&second_session).await?;
    send_texts(&producer, &["2", "3"]).await?;
    try_join!(
        expect_only(context, &first, &["1", "2", "3"]),
        expect_only(context, &second, &["2", "3"]),
    )?;

    // The end of one does not concern the other, active or not.
    first.close().await?;
    second.close().await?;
    send_texts(&producer, &["4"]).await?;
    first_session.unsubscribe(&subscription.name).await?;
    let second = subscription.open(&second_session).await?;
    send_texts(&producer, &["5"]).await?;
    let first = subscription.open(&first_session).await?;
    send_texts(&producer, &["6"]).await?;
    try_join!(
        expect_only(context, &second, &["4", "5", "6"]),
        expect_only(context, &first, &["6"]),
    )?;
    Ok(Passed::AsStated)
}

pub(super) async fn long(context: &Context) -> Verdict {
    let topic = context.address(DestinationKind::Topic);
    let named = |name| Subscription::named(context, Kind::Durable, topic.clone(), name);
    let subscriptions: Vec<_> = all_names().into_iter().map(named).collect();
    let producer = subscriptions[0].producer(context).await?;
    let client = Client::named(context);
    // Made and active, then inactive and active again.
    for round in 0..2 {
        let connection = client.connect().await?;
        let session = connection.create_session(AckMode::Auto).await?;
        let mut consumers = Vec::new();
        for subscription in &subscriptions {
            consumers.push(subscription.open(&session).await?);
        }
        let text = format!("round {round}");
        send_texts(&producer, &[&text]).await?;
        let expected = if round == 0 {
            vec![text]
        } else {
            vec!["between".to_owned(), text]
        };
        let each: Vec<_> = consumers.iter().collect();
        let got = gather(context, &each, expected.len() * each.len()).await?;
        for (subscription, got) in subscriptions.iter().zip(&got) {
            ensure_eq!(texts_of(got), expected, "what {:?} got", subscription.name);
        }
        connection.close().await?;
        send_texts(&producer, &["between"]).await?;
    }
    Ok(Passed::With(format!("{} names", subscriptions.len())))
}

/// All characters that a name may have, the longest names, and some that could be mistaken for one another.
fn all_names() -> Vec<String> {
    const LONGEST: usize = 128;
    let alphabet: String = ('a'..='z')
        .chain('A'..='Z')
        .chain('0'..='9')
        .chain("_.-".chars())
        .collect();
    let begin: String = alphabet.chars().cycle().take(LONGEST - 1).collect();
    let mut names = vec![alphabet, format!("{begin}_"), format!("{begin}-")];
    let short = ["a", "A", "0", "_", "-", ".", "a.b", "a_b", "a-b", "A.b", "a..b", "-.-"];
    names.extend(short.map(str::to_owned));
    names
}
