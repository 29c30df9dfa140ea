//! A broker that says nothing more, over a link that stays: everything ends, in time and with a typed error.
#![cfg(target_os = "linux")]

mod common;

use std::{process::Stdio, sync::Arc, time::Duration};

use anymq::{AckMode, Connection, ErrorKind, Event, Message, Queue, Result, Retry, Session};
use anymq_conformance::{
    broker::RabbitMq,
    link::{Direction, Link as _, TcpProxy},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::Command,
    time::{Instant, timeout},
};

/// What must happen happens within this.
const WAIT: Duration = Duration::from_secs(30);

/// What the child process is told.
const URL: &str = "ANYMQ_TEST_BLACK_HOLE";

struct Hole {
    proxy: TcpProxy,
    connection: Arc<dyn Connection>,
    queue: Queue,
}

impl Hole {
    async fn before(rabbit: &RabbitMq, name: &str, options: &str) -> Result<Self> {
        let proxy = TcpProxy::before(([127, 0, 0, 1], rabbit.port()).into()).expect("a port");
        let url = format!("amqp://guest:guest@{}?{options}", proxy.address());
        let connection = anymq::connection_factory(&url)?.create_connection().await?;
        connection.start().await?;
        let queue = Queue::new(format!("black-hole.{name}"))?;
        Ok(Self {
            proxy,
            connection,
            queue,
        })
    }

    fn swallow(&self) {
        self.proxy.stall(Direction::ToBroker);
        self.proxy.stall(Direction::ToClient);
    }
}

fn kind<T>(outcome: Result<T>) -> Result<(), ErrorKind> {
    outcome.map(drop).map_err(|error| error.kind())
}

#[tokio::test]
async fn nothing_waits_for_a_black_hole_for_ever() -> Result<()> {
    let Some(rabbit) = common::rabbit("rabbitmq_black_hole").await else {
        return Ok(());
    };
    requests_have_their_time(&rabbit).await?;
    heart_beats_find_it(&rabbit).await?;
    a_new_link_is_made(&rabbit).await?;
    closing_has_its_deadline(&rabbit).await?;
    a_process_ends(&rabbit).await;
    Ok(())
}

/// Without heart-beats there are the time-outs.
async fn requests_have_their_time(rabbit: &RabbitMq) -> Result<()> {
    let hole = Hole::before(
        rabbit,
        "requests",
        "heartbeat=0s&request-timeout=500ms&close-timeout=500ms",
    )
    .await?;
    let session = hole.connection.create_session(AckMode::Auto).await?;
    let producer = session.create_producer(&hole.queue).await?;
    let transacted = hole.connection.create_session(AckMode::Transacted).await?;
    transacted
        .create_producer(&hole.queue)
        .await?
        .send(Message::text("open"))
        .await?;
    hole.swallow();
    let error = timeout(WAIT, producer.send(Message::text("lost")))
        .await
        .expect("in time");
    let error = error.expect_err("nobody confirmed it");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Timeout, Retry::MayDuplicate));
    assert!(error.message_id().is_some());
    let committed = timeout(WAIT, transacted.commit()).await.expect("in time");
    assert_eq!(kind(committed), Err(ErrorKind::TransactionInDoubt));
    let opened = timeout(WAIT, hole.connection.create_session(AckMode::Auto)).await;
    assert_eq!(kind(opened.expect("in time")), Err(ErrorKind::Timeout));
    timeout(WAIT, hole.connection.close()).await.expect("in time")
}

async fn heart_beats_find_it(rabbit: &RabbitMq) -> Result<()> {
    let hole = Hole::before(rabbit, "heart-beats", "heartbeat=1s").await?;
    let mut events = hole.connection.events()?;
    let session = hole.connection.create_session(AckMode::Client).await?;
    let consumer = session.create_consumer(&hole.queue).await?;
    let producer = session.create_producer(&hole.queue).await?;
    producer.send(Message::text("unsettled")).await?;
    let received = timeout(WAIT, consumer.receive())
        .await
        .expect("in time")?
        .expect("a message");
    hole.swallow();
    let (received_next, sent) = tokio::join!(
        timeout(WAIT, consumer.receive()),
        timeout(WAIT, producer.send(Message::text("lost")))
    );
    assert_eq!(kind(received_next.expect("in time")), Err(ErrorKind::ConnectionLost));
    let error = sent.expect("in time").expect_err("nobody confirmed it");
    assert_eq!(
        (error.kind(), error.retry()),
        (ErrorKind::ConnectionLost, Retry::MayDuplicate)
    );
    assert!(matches!(events.next().await, Some(Event::ConnectionLost { .. })));
    assert_eq!(kind(received.acknowledge().await), Err(ErrorKind::ConnectionLost));
    timeout(WAIT, hole.connection.close()).await.expect("in time")
}

async fn a_new_link_is_made(rabbit: &RabbitMq) -> Result<()> {
    let options = "heartbeat=1s&reconnect=forever&reconnect-delay=10ms";
    let hole = Hole::before(rabbit, "new-link", options).await?;
    let session = hole.connection.create_session(AckMode::Auto).await?;
    let consumer = session.create_consumer(&hole.queue).await?;
    let producer = session.create_producer(&hole.queue).await?;
    let mut events = hole.connection.events()?;
    hole.swallow();
    let next = timeout(WAIT, events.next()).await.expect("in time");
    assert!(matches!(next, Some(Event::Interrupted { .. })), "{next:?}");
    // What is made from now on is whole.
    hole.proxy.cut();
    timeout(WAIT, producer.send(Message::text("next")))
        .await
        .expect("in time")?;
    let received = timeout(WAIT, consumer.receive())
        .await
        .expect("in time")?
        .expect("a message");
    assert_eq!(received.as_text(), Some("next"));
    timeout(WAIT, hole.connection.close()).await.expect("in time")
}

/// Whatever is under way.
async fn closing_has_its_deadline(rabbit: &RabbitMq) -> Result<()> {
    let hole = Hole::before(rabbit, "closing", "heartbeat=0s").await?;
    let session = hole.connection.create_session(AckMode::Client).await?;
    let consumer = session.create_consumer(&hole.queue).await?;
    let producer = session.create_producer(&hole.queue).await?;
    producer.send(Message::text("unsettled")).await?;
    let received = timeout(WAIT, consumer.receive())
        .await
        .expect("in time")?
        .expect("a message");
    hole.swallow();
    let sending = {
        let producer = Arc::clone(&producer);
        tokio::spawn(async move { producer.send(Message::text("under way")).await })
    };
    let receiving = tokio::spawn(async move { consumer.receive().await });
    let began = Instant::now();
    let deadline = Duration::from_secs(1);
    let report = timeout(WAIT, hole.connection.close_with_deadline(deadline)).await;
    let report = report.expect("in time")?;
    // Not the thirty seconds of a request, on however slow a machine.
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(!report.complete, "{report:?}");
    assert!(
        timeout(WAIT, sending)
            .await
            .expect("in time")
            .expect("the sender")
            .is_err()
    );
    let received_next = timeout(WAIT, receiving).await.expect("in time").expect("the receiver");
    // It may not have begun when the connection was closed.
    assert!(matches!(kind(received_next), Ok(()) | Err(ErrorKind::IllegalState)));
    assert!(received.acknowledge().await.is_err());
    Ok(())
}

/// It connects, is swallowed, and ends by itself.
async fn a_process_ends(rabbit: &RabbitMq) {
    let proxy = TcpProxy::before(([127, 0, 0, 1], rabbit.port()).into()).expect("a port");
    let url = format!("amqp://guest:guest@{}?heartbeat=0s", proxy.address());
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "as_a_process_of_its_own", "--nocapture"])
        .env(URL, url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("a process");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let connected = async {
        while let Some(line) = lines.next_line().await.expect("a text") {
            if line.contains("connected") {
                return;
            }
        }
        panic!("the process did not connect");
    };
    timeout(WAIT, connected).await.expect("in time");
    proxy.stall(Direction::ToBroker);
    proxy.stall(Direction::ToClient);
    let mut input = child.stdin.take().expect("its input");
    input.write_all(b"go on\n").await.expect("somebody who reads");
    let status = timeout(WAIT, child.wait()).await.expect("in time").expect("its end");
    assert!(status.success(), "{status}");
}

/// What [`a_process_ends`] starts; alone it has nothing to do.
#[test]
fn as_a_process_of_its_own() {
    let Ok(url) = std::env::var(URL) else { return };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let outcome: Result<()> = runtime.block_on(async {
        let connection = anymq::connection_factory(&url)?.create_connection().await?;
        connection.start().await?;
        let session: Arc<dyn Session> = connection.create_session(AckMode::Auto).await?;
        let queue = Queue::new("black-hole.process")?;
        let consumer = session.create_consumer(&queue).await?;
        let producer = session.create_producer(&queue).await?;
        producer.send(Message::text("there")).await?;
        println!("connected");
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).expect("a line");
        // All of it is left as it is: a send under way, a consumer, a connection that is not closed.
        let sent = timeout(Duration::from_millis(200), producer.send(Message::text("swallowed"))).await;
        assert!(sent.is_err(), "it was confirmed");
        drop(consumer);
        Ok(())
    });
    outcome.expect("a connection");
}
