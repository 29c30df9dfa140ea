//! The task that writes.

use std::{future::pending, io, sync::Arc, time::Duration};

use tokio::io::AsyncWriteExt as _;

use super::{
    Link,
    heart_beat::HeartBeat,
    outbox::Batch,
    socket::{self, Writing},
};

/// How long the broker has to take what was submitted before the end.
const FAREWELL: Duration = Duration::from_secs(2);

/// How much room of a buffer is kept for the next frames.
const KEPT: usize = 256 << 10;

/// Writes until the link is over, and then what is left.
pub(super) async fn run(link: Arc<Link>, mut writing: Writing, heart_beat: HeartBeat) {
    let mut batch = Batch::default();
    let failed = tokio::select! {
        biased;
        failed = write_on(&link, &mut writing, &mut batch, heart_beat.send_after) => failed,
        () = farewell(&link) => Ok(()),
    };
    if let Err(error) = failed {
        link.lose(socket::lost(error).into());
    }
}

/// The time that there is after the end.
async fn farewell(link: &Link) {
    link.over().await;
    tokio::time::sleep(FAREWELL).await;
}

async fn write_on(
    link: &Link,
    writing: &mut Writing,
    batch: &mut Batch,
    send_after: Option<Duration>,
) -> io::Result<()> {
    loop {
        let goes_on = link.outbox.take(batch);
        if !batch.is_empty() {
            write(writing, batch).await?;
            continue;
        }
        if !goes_on {
            return writing.shutdown().await;
        }
        let silence = async {
            match send_after {
                Some(limit) => tokio::time::sleep(limit).await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            () = link.outbox.news() => {}
            () = silence => {
                writing.write_all(b"\n").await?;
                writing.flush().await?;
            }
        }
    }
}

async fn write(writing: &mut Writing, batch: &mut Batch) -> io::Result<()> {
    for piece in batch.pieces.drain(..) {
        writing.write_all(&piece).await?;
    }
    writing.write_all(&batch.tail).await?;
    writing.flush().await?;
    batch.tail.clear();
    if batch.tail.capacity() > KEPT {
        batch.tail = bytes::BytesMut::new();
    }
    Ok(())
}
