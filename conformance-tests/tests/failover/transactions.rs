use anymq_api::{AckMode, ErrorKind, Result};
use anymq_conformance::link::Direction;

use crate::kit::{Ends, ends, kind, text};

/// A transaction that has received one message and sent another.
async fn begun(name: &str) -> Result<Ends> {
    let ends = ends(name, AckMode::Transacted).await?;
    ends.send("first").await?;
    ends.session.commit().await?;
    assert_eq!(text(&ends.receive().await), "first");
    ends.send("second").await?;
    Ok(ends)
}

#[tokio::test]
async fn a_transaction_ends_with_its_link() -> Result<()> {
    let mut ends = begun("open").await?;
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

#[tokio::test]
async fn what_was_only_received_is_rolled_back_too() -> Result<()> {
    let mut ends = ends("received", AckMode::Transacted).await?;
    ends.send("first").await?;
    ends.session.commit().await?;
    ends.receive().await;
    ends.cut().await;
    assert_eq!(kind(ends.session.commit().await), Err(ErrorKind::TransactionRolledBack));
    assert!(ends.receive().await.redelivered());
    ends.session.commit().await?;
    ends.connection.close().await
}

#[tokio::test]
async fn a_rollback_is_at_home_on_either_link() -> Result<()> {
    let mut ends = begun("rollback").await?;
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

#[tokio::test]
async fn a_commit_without_a_link_is_rolled_back() -> Result<()> {
    let mut ends = begun("no-link").await?;
    ends.cut_off().await;
    assert_eq!(kind(ends.send("third").await), Err(ErrorKind::TransactionRolledBack));
    assert_eq!(kind(ends.session.commit().await), Err(ErrorKind::TransactionRolledBack));
    ends.world.reach.allow();
    assert_eq!(text(&ends.receive().await), "first");
    ends.session.commit().await?;
    assert!(ends.consumer.try_receive()?.is_none());
    ends.connection.close().await
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_in_doubt() -> Result<()> {
    for direction in [Direction::ToBroker, Direction::ToClient] {
        let mut ends = begun(&format!("doubt-{direction:?}")).await?;
        ends.world.link.stall(direction);
        let session = std::sync::Arc::clone(&ends.session);
        let committing = tokio::spawn(async move { session.commit().await });
        // Submitted when it is polled first, and never answered.
        tokio::task::yield_now().await;
        ends.cut().await;
        let outcome = kind(committing.await.expect("the committer"));
        assert_eq!(outcome, Err(ErrorKind::TransactionInDoubt));
        let expected = match direction {
            Direction::ToBroker => "first",
            Direction::ToClient => "second",
        };
        assert_eq!(text(&ends.receive().await), expected);
        ends.session.commit().await?;
        ends.connection.close().await?;
    }
    Ok(())
}
