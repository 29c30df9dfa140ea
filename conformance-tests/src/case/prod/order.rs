//! Order and number of what is sent.

use anymq_api::{AckMode, DeliveryMode, Message, SendOptions};
use futures_util::future::try_join_all;

use super::{Context, Passed, Verdict};
use crate::case::{
    expect_list,
    later::{expect_only_set, numbers},
};

pub(super) async fn within_a_mode(context: &Context) -> Verdict {
    const EACH: usize = 40;
    let pair = context.pair(AckMode::Auto).await?;
    let modes = [(DeliveryMode::Persistent, "p"), (DeliveryMode::NonPersistent, "n")];
    let mut texts = Vec::new();
    for number in 1..=EACH {
        for (mode, name) in modes {
            let text = format!("{name}{number}");
            let options = SendOptions::new().with_delivery_mode(mode);
            pair.producer.send_with(Message::text(text.clone()), options).await?;
            texts.push(text);
        }
    }
    let received = expect_only_set(context, &pair.consumer, &texts).await?;
    for (_, name) in modes {
        let of_mode = |text: &String| text.starts_with(name);
        let got: Vec<_> = crate::case::texts_of(&received).into_iter().filter(of_mode).collect();
        let sent: Vec<_> = texts.iter().filter(|text| of_mode(text)).cloned().collect();
        expect_list(&got, &sent)?;
    }
    Ok(Passed::AsStated)
}

pub(super) async fn as_many_as_sent(context: &Context) -> Verdict {
    const COUNT: usize = 500;
    let pair = context.pair(AckMode::Auto).await?;
    // All at once: what is under way together is what gets lost or doubled.
    let sends = numbers(1..=COUNT)
        .into_iter()
        .map(|text| pair.producer.send(Message::text(text)));
    let receipts = try_join_all(sends).await?;
    ensure_eq!(receipts.len(), COUNT, "receipts");
    expect_only_set(context, &pair.consumer, &numbers(1..=COUNT)).await?;
    Ok(Passed::With(format!("{COUNT} messages")))
}
