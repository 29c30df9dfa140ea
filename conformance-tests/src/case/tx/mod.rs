//! TX: local transactions.

mod atomic;
mod close;
mod listener;
mod lost;
mod redelivery;
mod time;
mod visibility;

use anymq_api::{AckMode, ErrorKind};

use super::{
    Context, Failure, Passed, Verdict, expect_kind,
    later::{expect_only, expect_texts, fed, later, names, numbers, reconnect},
    setup::modes,
};

cases! {
    "TX-01" => visibility::unseen_by_all,
    "TX-02" => visibility::commit_shows_all,
    "TX-03" => visibility::rollback_discards,
    "TX-04" => redelivery::gone_after_commit,
    "TX-05" => redelivery::again_after_rollback,
    "TX-06" => atomic::as_one,
    "TX-07" => visibility::own_sends,
    "TX-08" => redelivery::nobody_else_meanwhile,
    "TX-09" => visibility::one_after_another,
    "TX-10" => without_work,
    "TX-11" => outside,
    "TX-12" => close::of_the_session,
    "TX-13" => close::of_the_consumer,
    "TX-15" => listener::failed,
    "TX-16" => listener::commits,
    "TX-17" => time::counts_from_the_send,
    "TX-19" => lost::rolled_back,
    "TX-20" => lost::all_or_nothing,
    "TX-21" => close::durable,
    "TX-22" => atomic::side_by_side,
}

async fn without_work(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Transacted).await?;
    for _ in 0..2 {
        pair.session.commit().await?;
        pair.session.rollback().await?;
    }
    let bare = pair.connection.create_session(AckMode::Transacted).await?;
    bare.rollback().await?;
    bare.commit().await?;
    // The session still works.
    pair.send(&["1"]).await?;
    pair.session.commit().await?;
    expect_only(context, &pair.consumer, &["1"]).await?;
    Ok(Passed::AsStated)
}

async fn outside(context: &Context) -> Verdict {
    let (mut modes, _) = modes(context);
    modes.retain(|mode| *mode != AckMode::Transacted);
    for &mode in &modes {
        let pair = context.pair(mode).await?;
        pair.send(&["1", "2"]).await?;
        let received = context.receive_many(&pair.consumer, 1).await?;
        expect_texts(&received, &["1"])?;
        expect_kind(pair.session.commit().await, ErrorKind::IllegalState)?;
        expect_kind(pair.session.rollback().await, ErrorKind::IllegalState)?;
        // And neither happened.
        expect_only(context, &pair.consumer, &["2"]).await?;
    }
    Ok(names(&modes))
}
