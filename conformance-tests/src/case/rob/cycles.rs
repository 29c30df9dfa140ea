//! Opening and closing again and again.

use std::{fs, sync::Arc};

use anymq_api::{AckMode, Capability, Connection};

use super::{Context, Failure, Passed, Verdict};

const CONNECTIONS: usize = 200;
const SESSIONS: usize = 1000;
const TEMPORARIES: usize = 1000;

/// Of the whole process, whose other cases come and go meanwhile: what every cycle leaves behind shows all the same.
#[derive(Clone, Copy, Debug)]
struct Held {
    tasks: usize,
    /// Where the system tells.
    files: Option<usize>,
    threads: Option<usize>,
}

impl Held {
    fn now() -> Self {
        let entries = |directory: &str| fs::read_dir(directory).ok().map(Iterator::count);
        Self {
            tasks: tokio::runtime::Handle::current().metrics().num_alive_tasks(),
            files: entries("/proc/self/fd"),
            threads: entries("/proc/self/task"),
        }
    }

    /// Whether it is more by less than a leak of every other cycle would make it.
    fn is_like(&self, before: &Self) -> bool {
        const SLACK: usize = CONNECTIONS / 2;
        let like = |now: Option<usize>, before: Option<usize>| now.zip(before).is_none_or(|(n, b)| n < b + SLACK);
        self.tasks < before.tasks + SLACK && like(self.files, before.files) && like(self.threads, before.threads)
    }
}

pub(super) async fn leave_nothing(context: &Context) -> Verdict {
    let connection = context.started().await?;
    let mut before = Held::now();
    connections(context).await?;
    nothing_is_left(context, before, "connections").await?;
    before = Held::now();
    sessions(context, &connection).await?;
    nothing_is_left(context, before, "sessions and consumers").await?;
    let mut done = vec![format!("{CONNECTIONS} connections"), format!("{SESSIONS} sessions")];
    if context.supports(Capability::TemporaryDestinations) {
        before = Held::now();
        temporaries(&connection).await?;
        nothing_is_left(context, before, "temporary destinations").await?;
        done.push(format!("{TEMPORARIES} temporary destinations"));
    }
    // After all that the connection still serves.
    let pair = context.pair_on(connection, AckMode::Auto).await?;
    pair.send(&["last"]).await?;
    ensure_eq!(context.receive(&pair.consumer).await?.as_text(), Some("last"));
    Ok(Passed::With(done.join(", ")))
}

async fn nothing_is_left(context: &Context, before: Held, of: &str) -> Result<(), Failure> {
    let gone = context
        .eventually("it is let go", || Held::now().is_like(&before))
        .await;
    gone.map_err(|_| {
        let now = Held::now();
        Failure::new(format!("{of} leave something behind: {before:?} before, {now:?} now"))
    })
}

async fn connections(context: &Context) -> Result<(), Failure> {
    let factory = context.factory();
    for number in 0..CONNECTIONS {
        let connection = factory.create_connection_with(context.connect_options()).await?;
        if number % 2 == 0 {
            connection.start().await?;
        }
        connection.close().await?;
    }
    Ok(())
}

/// Every third pair is let go without being closed.
async fn sessions(context: &Context, connection: &Arc<dyn Connection>) -> Result<(), Failure> {
    let destination = context.destination();
    for number in 0..SESSIONS {
        let session = connection.create_session(AckMode::Auto).await?;
        let consumer = session.create_consumer(&destination).await?;
        match number % 3 {
            0 => consumer.close().await?,
            1 => session.close().await?,
            _ => {}
        }
    }
    let health = connection.health()?;
    ensure_eq!(health.consumers, 0, "consumers of the connection");
    Ok(())
}

async fn temporaries(connection: &Arc<dyn Connection>) -> Result<(), Failure> {
    let session = connection.create_session(AckMode::Auto).await?;
    for number in 0..TEMPORARIES {
        if number % 2 == 0 {
            session.create_temporary_queue().await?.delete().await?;
        } else {
            session.create_temporary_topic().await?.delete().await?;
        }
    }
    session.close().await?;
    Ok(())
}
