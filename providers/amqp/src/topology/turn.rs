use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anymq_api::{ErrorKind, Result, Retry};
use lapin::{
    Channel,
    options::QueueDeleteOptions,
    types::{AMQPValue, FieldTable, ShortString},
};

use super::{Topology, durable, exclusive, short};
use crate::{
    error::{error, reply_code},
    link::Link,
};

/// How long others may take to declare the same queue.
const PATIENCE: Duration = Duration::from_secs(30);

/// After how long it is looked again whether they have.
const PAUSE: Duration = Duration::from_millis(10);

/// After how many ms the broker lets go of a turn that was never given back.
const FORGOTTEN: i64 = 60_000;

/// Declares a quorum queue while no other client of this provider does. `RabbitMQ` tells the second of two that it exists as
/// soon as the first has begun, and refuses the second's messages until it has a leader. The first hears of it only then.
pub(super) async fn declare_in_turn(link: &Arc<Link>, queue: &ShortString, arguments: &FieldTable) -> Result<()> {
    let turn = short(&format!("{queue}.turn"))?;
    let begun = Instant::now();
    loop {
        let Err(cause) = declare(link, turn.clone(), queue.clone(), arguments.clone()).await else {
            return Ok(());
        };
        if reply_code(&cause) != Some(405) {
            give_back(link, turn).await;
            return Err(link.error(cause));
        }
        if begun.elapsed() > PATIENCE {
            let detail = "another client takes too long to declare the same queue";
            return Err(error(ErrorKind::Timeout, detail).with_retry(Retry::Safe));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The turn is an exclusive queue: the broker refuses it, with 405, to others than who has it, and takes it back when his
/// connection ends.
async fn declare(link: &Arc<Link>, turn: ShortString, queue: ShortString, arguments: FieldTable) -> lapin::Result<()> {
    let declared = Topology::run(link, async move |channel: Channel| {
        let mut brief = FieldTable::default();
        brief.insert("x-expires".into(), AMQPValue::LongLongInt(FORGOTTEN));
        channel.queue_declare(turn.clone(), exclusive(), brief).await?;
        channel.queue_declare(queue, durable(), arguments).await?;
        channel.queue_delete(turn, QueueDeleteOptions::default()).await
    });
    declared.await.map(drop)
}

async fn give_back(link: &Arc<Link>, turn: ShortString) {
    let deleted = Topology::run(link, async move |channel: Channel| {
        channel.queue_delete(turn, QueueDeleteOptions::default()).await
    });
    // Otherwise the broker takes it back.
    let _ = deleted.await;
}
