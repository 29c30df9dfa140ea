use anymq_api::{AckMode, ErrorKind, Result};
use anymq_conformance::link::Direction;

use crate::kit::{Ends, Place, kind, text};

/// A transaction that has received one message and sent another.
async fn begun(place: &Place, name: &str) -> Result<Ends> {
    let ends = place.ends(name, AckMode::Transacted).await?;
    ends.send("first").await?;
    ends.session.commit().await?;
    assert_eq!(text(&ends.receive().await), "first");
    ends.send("second").await?;
    Ok(ends)
}

pub(crate) async fn a_transaction_ends_with_its_link(place: &Place) -> Result<()> {
    let mut ends = begun(place, "open").await?;
    ends.cut().await;
    assert_eq!(kind(ends.send("third").await), Err(ErrorKind::TransactionRolledBack));
    assert_eq!(kind(ends.session.commit().await), Err(ErrorKind::TransactionRolledBack));
    let again = ends.receive().await;
    assert_eq!((text(&again), again.redelivered()), ("first".to_owned(), true));
    ends.send("fourth").await?;
    ends.session.commit().await?;
    assert_eq!(text(&ends.receive().await), "fourth");
    ends.session.commit().await?;
    assert!(ends.consumer.try_receive()?.is_none());
    ends.connection.close().await
}

pub(crate) async fn what_was_only_received_is_rolled_back_too(place: &Place) -> Result<()> {
    let mut ends = place.ends("received", AckMode::Transacted).await?;
    ends.send("first").await?;
    ends.session.commit().await?;
    ends.receive().await;
    ends.cut().await;
    assert_eq!(kind(ends.session.commit().await), Err(ErrorKind::TransactionRolledBack));
    assert!(ends.receive().await.redelivered());
    ends.session.commit().await?;
    ends.connection.close().await
}

pub(crate) async fn a_rollback_is_at_home_on_either_link(place: &Place) -> Result<()> {
    let mut ends = begun(place, "rollback").await?;
    ends.cut().await;
    ends.session.rollback().await?;
    assert_eq!(text(&ends.receive().await), "first");
    ends.cut_off().await;
    ends.session.rollback().await?;
    ends.world.reach.allow();
    ends.restored().await;
    assert_eq!(text(&ends.receive().await), "first");
    ends.session.commit().await?;
    assert!(ends.consumer.try_receive()?.is_none());
    ends.connection.close().await
}

pub(crate) async fn a_commit_without_a_link_is_rolled_back(place: &Place) -> Result<()> {
    let mut ends = begun(place, "no-link").await?;
    ends.cut_off().await;
    assert_eq!(kind(ends.send("third").await), Err(ErrorKind::TransactionRolledBack));
    assert_eq!(kind(ends.session.commit().await), Err(ErrorKind::TransactionRolledBack));
    ends.world.reach.allow();
    assert_eq!(text(&ends.receive().await), "first");
    ends.session.commit().await?;
    assert!(ends.consumer.try_receive()?.is_none());
    ends.connection.close().await
}

pub(crate) async fn a_commit_whose_answer_is_lost_is_in_doubt(place: &Place) -> Result<()> {
    for direction in [Direction::ToBroker, Direction::ToClient] {
        let mut ends = begun(place, &format!("doubt-{direction:?}")).await?;
        ends.world.link.stall(direction);
        let session = std::sync::Arc::clone(&ends.session);
        let committing = tokio::spawn(async move { session.commit().await });
        // Submitted when it is polled first, and never answered.
        tokio::task::yield_now().await;
        ends.cut().await;
        let outcome = kind(committing.await.expect("the committer"));
        // Behind a socket the cut may overtake the commit on its way there.
        let undone = !place.is_exact() && outcome == Err(ErrorKind::TransactionRolledBack);
        assert!(undone || outcome == Err(ErrorKind::TransactionInDoubt), "{outcome:?}");
        let next = text(&ends.receive().await);
        match direction {
            Direction::ToBroker => assert_eq!(next, "first"),
            Direction::ToClient if place.is_exact() => assert_eq!(next, "second"),
            Direction::ToClient => assert!(["first", "second"].contains(&&*next), "{next}"),
        }
        ends.session.commit().await?;
        ends.connection.close().await?;
    }
    Ok(())
}
