//! Objects in the hands of many tasks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anymq_api::{
    AckMode, Address, ConnectOptions, Connection, ConnectionFactory, Consumer, ErrorKind, Message, Producer, Session,
};
use futures_util::future::{try_join, try_join_all};
use parking_lot::Mutex;
use tokio::task::JoinHandle;

use crate::case::{
    Context, Failure, Passed, Verdict, expect_list, expect_set,
    flow::numbered,
    setup::{drain, send_texts},
    text_of, texts_of,
};

const TASKS: usize = 16;

/// Waits for tasks that begin together and must all succeed.
async fn join<T: Send>(context: &Context, tasks: Vec<JoinHandle<anymq_api::Result<T>>>) -> Result<Vec<T>, Failure> {
    let mut results = Vec::new();
    for task in tasks {
        results.push(context.in_time("a task of many", task).await???);
    }
    Ok(results)
}

pub(super) async fn everything_at_once(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let mut expected = Vec::new();
    let mut tasks = Vec::new();
    for number in 0..TASKS {
        let text = format!("through the connection {number}");
        tasks.push(tokio::spawn(use_connection(
            Arc::clone(&pair.connection),
            pair.destination.clone(),
            text.clone(),
        )));
        expected.push(text);
        let text = format!("through the factory {number}");
        tasks.push(tokio::spawn(use_factory(
            context.factory(),
            context.connect_options(),
            pair.destination.clone(),
            text.clone(),
        )));
        expected.push(text);
    }
    join(context, tasks).await?;
    let received = drain(context, &pair.consumer, expected.len()).await?;
    expect_set(&received, &expected)?;
    Ok(Passed::With(format!("{} tasks", 2 * TASKS)))
}

async fn use_connection(connection: Arc<dyn Connection>, destination: Address, text: String) -> anymq_api::Result<()> {
    let metadata = connection.metadata()?;
    for _ in 0..10 {
        connection.start().await?;
        connection.client_id()?;
        connection.capabilities()?;
        connection.capabilities_of(&destination)?;
        connection.health()?;
        connection.limits()?;
        let _events = connection.events()?;
        tokio::task::yield_now().await;
        let again = connection.metadata()?;
        if again != metadata {
            return Err(anymq_api::Error::new(ErrorKind::Other, "the metadata changed"));
        }
    }
    let session = connection.create_session(AckMode::Auto).await?;
    session
        .create_producer(&destination)
        .await?
        .send(Message::text(text))
        .await?;
    session.close().await
}

async fn use_factory(
    factory: Arc<dyn ConnectionFactory>,
    options: ConnectOptions,
    destination: Address,
    text: String,
) -> anymq_api::Result<()> {
    let connection = factory.create_connection_with(options).await?;
    let session = connection.create_session(AckMode::Auto).await?;
    session
        .create_producer(&destination)
        .await?
        .send(Message::text(text))
        .await?;
    connection.close().await
}

pub(super) async fn one_session_many_tasks(context: &Context) -> Verdict {
    const EACH: usize = 25;
    let pair = context.pair(AckMode::Auto).await?;
    let sending: Vec<_> = (0..TASKS)
        .map(|task| {
            let texts = numbered(&format!("task {task}:"), EACH);
            tokio::spawn(send_from_a_task(
                Arc::clone(&pair.session),
                Arc::clone(&pair.producer),
                pair.destination.clone(),
                texts,
            ))
        })
        .collect();
    let gathering = Arc::new(Gathering {
        texts: Mutex::default(),
        expected: AtomicUsize::new(usize::MAX),
        patience: context.timing().wait,
    });
    let receiving: Vec<_> = (0..4)
        .map(|_| {
            let (consumer, gathering) = (Arc::clone(&pair.consumer), Arc::clone(&gathering));
            tokio::spawn(async move { gathering.receive_from(&consumer).await })
        })
        .collect();
    let sent: Vec<_> = join(context, sending).await?.concat();
    gathering.expected.store(sent.len(), Ordering::Release);
    for task in receiving {
        // It has a limit of its own, from one message to the next.
        task.await??;
    }
    context.nothing(&pair.consumer).await?;
    expect_set(&gathering.texts.lock(), &sent)?;
    Ok(Passed::With(format!("{} of {} sends", sent.len(), TASKS * EACH)))
}

/// Half through a shared producer, half through one of its own; what is refused as an illegal state does not count.
async fn send_from_a_task(
    session: Arc<dyn Session>,
    shared: Arc<dyn Producer>,
    destination: Address,
    texts: Vec<String>,
) -> anymq_api::Result<Vec<String>> {
    let own = session.create_producer(&destination).await?;
    let mut sent = Vec::new();
    for (number, text) in texts.into_iter().enumerate() {
        let producer = if number % 2 == 0 { &shared } else { &own };
        match producer.send(Message::text(text.as_str())).await {
            Ok(_) => sent.push(text),
            Err(error) if error.kind() == ErrorKind::IllegalState => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}

/// What several tasks receive from one consumer.
struct Gathering {
    texts: Mutex<Vec<String>>,
    expected: AtomicUsize,
    /// From one message to the next.
    patience: Duration,
}

impl Gathering {
    async fn receive_from(&self, consumer: &Arc<dyn Consumer>) -> anymq_api::Result<()> {
        let mut seen = 0;
        let mut until = Instant::now() + self.patience;
        loop {
            let received = self.texts.lock().len();
            if received > seen {
                seen = received;
                until = Instant::now() + self.patience;
            }
            if received >= self.expected.load(Ordering::Acquire) || Instant::now() >= until {
                return Ok(());
            }
            match consumer.receive_timeout(Duration::from_millis(20)).await {
                Ok(Some(received)) => self.texts.lock().push(text_of(&received)),
                Ok(None) => {}
                Err(error) if error.kind() == ErrorKind::IllegalState => tokio::task::yield_now().await,
                Err(error) => return Err(error),
            }
        }
    }
}

pub(super) async fn fifty_sessions(context: &Context) -> Verdict {
    const SESSIONS: usize = 50;
    const EACH: usize = 200;
    let connection = context.started().await?;
    let pairs = (0..SESSIONS).map(|_| context.pair_on(Arc::clone(&connection), AckMode::Auto));
    let pairs = try_join_all(pairs).await?;
    // Every session sends to the next one.
    let mut working = Vec::new();
    for (number, pair) in pairs.iter().enumerate() {
        let next = &pairs[(number + 1) % SESSIONS];
        let producer = pair.session.create_producer(&next.destination).await?;
        let texts = numbered(&format!("session {number}:"), EACH);
        let expected = numbered(&format!("session {}:", (number + SESSIONS - 1) % SESSIONS), EACH);
        let sending = tokio::spawn(async move { send_texts(&producer, &texts).await });
        working.push(async move {
            let receiving = context.receive_many(&pair.consumer, EACH);
            let sending = async { sending.await?.map_err(Failure::from) };
            let ((), received) = try_join(sending, receiving).await?;
            expect_list(&texts_of(&received), &expected)
        });
    }
    try_join_all(working).await?;
    let quiet = pairs.iter().map(|pair| context.nothing(&pair.consumer));
    try_join_all(quiet).await?;
    Ok(Passed::With(format!("{} messages", SESSIONS * EACH)))
}
