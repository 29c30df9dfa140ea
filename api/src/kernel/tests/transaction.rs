use super::fake::{Fake, consumer, expired, told};
use crate::{AckMode, ConnectOptions, Error, ErrorKind, Retry, spi::Outcome};

/// What a commit says that the driver ended with `error`, and what is delivered after it.
async fn fail(fake: &Fake, error: Error) -> (ErrorKind, Option<(String, u32)>, Vec<Vec<u64>>) {
    let session = fake.session(AckMode::Transacted, ConnectOptions::new()).await;
    let consumer = consumer(&session).await;
    fake.push(0, "a", 1);
    told(consumer.try_receive());
    fake.fail_commit(error);
    let said = session.commit().await.unwrap_err().kind();
    let again = consumer.try_receive().unwrap();
    session.commit().await.unwrap();
    (said, again.map(|again| told(Ok(Some(again)))), fake.committed())
}

#[tokio::test]
async fn what_was_undone_comes_again() {
    let error = Error::new(ErrorKind::TransactionRolledBack, "undone");
    let (said, again, committed) = fail(&Fake::new(), error).await;
    assert_eq!(said, ErrorKind::TransactionRolledBack);
    assert_eq!(again, Some(("a".to_owned(), 2)));
    assert_eq!(committed, [[1]]);
}

#[tokio::test]
async fn a_commit_that_did_not_happen_can_be_repeated() {
    let safe = Error::new(ErrorKind::ResourceAllocation, "busy").with_retry(Retry::Safe);
    for error in [safe, Error::new(ErrorKind::IllegalState, "not now")] {
        let kind = error.kind();
        let (said, again, committed) = fail(&Fake::new(), error).await;
        assert_eq!((said, again), (kind, None));
        assert_eq!(committed, [[1]]);
    }
}

#[tokio::test]
async fn a_commit_in_doubt_is_not_delivered_again() {
    for kind in [ErrorKind::Timeout, ErrorKind::ConnectionLost, ErrorKind::Other] {
        let (said, again, committed) = fail(&Fake::new(), Error::new(kind, "oh")).await;
        assert_eq!((said, again), (ErrorKind::TransactionInDoubt, None));
        assert_eq!(committed, [Vec::<u64>::new()]);
    }
}

#[tokio::test]
async fn what_has_expired_is_no_part_of_the_transaction() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Transacted, ConnectOptions::new()).await;
    let consumer = consumer(&session).await;
    fake.push_envelope(0, expired("old"), 1);
    fake.push(0, "a", 1);
    assert_eq!(told(consumer.try_receive()), ("a".to_owned(), 1));
    assert_eq!(fake.settled(), [(1, Outcome::Accept)]);
    session.rollback().await.unwrap();
    assert_eq!(told(consumer.try_receive()), ("a".to_owned(), 2));
    assert!(fake.settled().is_empty());
}
