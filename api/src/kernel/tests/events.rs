use super::fake::Fake;
use crate::{AckMode, ConnectOptions, ErrorKind};

#[tokio::test]
async fn a_link_that_is_lost_while_connecting_is_known_to_be_lost() {
    let fake = Fake::new();
    fake.lose_early(ErrorKind::ConnectionLost.into());
    let connection = fake.connect(ConnectOptions::new()).await.unwrap();
    assert!(!connection.health().unwrap().connected);
    let refused = connection.create_session(AckMode::Auto).await.map(drop);
    assert_eq!(refused.map_err(|error| error.kind()), Err(ErrorKind::ConnectionLost));
}
