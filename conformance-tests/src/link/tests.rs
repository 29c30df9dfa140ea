use std::{sync::Arc, time::Duration};

use anymq_api::{
    AckMode, ConnectOptions, Connection, Consumer, ErrorKind, Event, Message, Producer, Queue, Result, Retry, Session,
};
use anymq_in_vm::InVmDriver;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;
use crate::fault::{Damage, Fault, Manner, Moment, Plan, Point, Script};

struct Ends {
    connection: Arc<dyn Connection>,
    _session: Arc<dyn Session>,
    producer: Arc<dyn Producer>,
    consumer: Arc<dyn Consumer>,
}

async fn ends(factory: &Arc<dyn ConnectionFactory>) -> Result<Ends> {
    let queue = Queue::new("queue")?;
    let connection = factory.create_connection().await?;
    connection.start().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    Ok(Ends {
        producer: session.create_producer(&queue).await?,
        consumer: session.create_consumer(&queue).await?,
        connection,
        _session: session,
    })
}

fn linked(name: &str) -> Linked {
    CuttableDriver::new(InVmDriver::new(format!("link-tests-{name}"))).linked(ConnectOptions::new())
}

/// Polled once, so that it is submitted; then the link is cut under it.
async fn cut_under<T>(linked: &Linked, call: impl Future<Output = T>) -> T {
    let mut call = std::pin::pin!(call);
    assert!(futures_util::poll!(&mut call).is_pending());
    linked.link.cut();
    call.await
}

#[tokio::test]
async fn whole_links_change_nothing() -> Result<()> {
    let ends = ends(&linked("whole").factory).await?;
    ends.producer.send(Message::text("text")).await?;
    let received = ends.consumer.receive().await?;
    assert_eq!(received.as_ref().and_then(|message| message.as_text()), Some("text"));
    ends.connection.close().await
}

#[tokio::test]
async fn a_stalled_request_never_happens() -> Result<()> {
    let linked = linked("request");
    let lost = ends(&linked.factory).await?;
    linked.link.stall(Direction::ToBroker);
    let outcome = cut_under(&linked, lost.producer.send(Message::text("text"))).await;
    let error = outcome.map(drop).map_err(|error| (error.kind(), error.retry()));
    assert_eq!(error, Err((ErrorKind::ConnectionLost, Retry::MayDuplicate)));
    let next = ends(&linked.factory).await?;
    assert!(next.consumer.try_receive()?.is_none());
    Ok(())
}

#[tokio::test]
async fn a_request_whose_answer_is_stalled_happens() -> Result<()> {
    let linked = linked("answer");
    let lost = ends(&linked.factory).await?;
    lost.consumer.close().await?;
    linked.link.stall(Direction::ToClient);
    let outcome = cut_under(&linked, lost.producer.send(Message::text("text"))).await;
    let error = outcome.map(drop).map_err(|error| (error.kind(), error.retry()));
    assert_eq!(error, Err((ErrorKind::ConnectionLost, Retry::MayDuplicate)));
    let next = ends(&linked.factory).await?;
    assert!(next.consumer.receive_timeout(Duration::from_secs(5)).await?.is_some());
    Ok(())
}

#[tokio::test]
async fn a_cut_is_reported_once_and_ends_everything() -> Result<()> {
    let linked = linked("cut");
    let lost = ends(&linked.factory).await?;
    let mut events = lost.connection.events()?;
    linked.link.cut();
    linked.link.cut();
    assert!(matches!(events.try_next(), Some(Event::ConnectionLost { .. })));
    assert!(events.try_next().is_none());
    let outcome = lost.producer.send(Message::text("text")).await.map(drop);
    let error = outcome.map_err(|error| (error.kind(), error.retry()));
    assert_eq!(error, Err((ErrorKind::ConnectionLost, Retry::Safe)));
    lost.connection.close().await
}

/// A server that answers each byte with the same, and the proxy before it.
async fn echo() -> std::io::Result<TcpProxy> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut reader, mut writer) = stream.split();
                tokio::io::copy(&mut reader, &mut writer).await
            });
        }
    });
    TcpProxy::before(address)
}

#[tokio::test]
async fn a_proxy_carries_stalls_and_cuts() -> std::io::Result<()> {
    let proxy = echo().await?;
    let mut stream = TcpStream::connect(proxy.address()).await?;
    stream.write_all(b"a").await?;
    assert_eq!(stream.read_u8().await?, b'a');
    proxy.stall(Direction::ToClient);
    stream.write_all(b"b").await?;
    let waited = tokio::time::timeout(Duration::from_millis(50), stream.read_u8()).await;
    assert!(waited.is_err());
    proxy.cut();
    assert!(stream.read_u8().await.is_err());
    let mut next = TcpStream::connect(proxy.address()).await?;
    next.write_all(b"c").await?;
    assert_eq!(next.read_u8().await?, b'c');
    Ok(())
}

#[tokio::test]
async fn a_proxy_speaks_in_the_brokers_place() -> std::io::Result<()> {
    let proxy = echo().await?;
    for then in [Then::Silence, Then::Close, Then::Flood] {
        let mut stream = TcpStream::connect(proxy.address()).await?;
        stream.write_all(b"a").await?;
        assert_eq!(stream.read_u8().await?, b'a');
        proxy.say(&Utterance::new("nonsense", b"xyz".to_vec()).then(then));
        let mut heard = [0; 3];
        stream.read_exact(&mut heard).await?;
        assert_eq!(&heard, b"xyz");
        // The broker answers this, and nobody hears it.
        stream.write_all(b"b").await?;
        let next = tokio::time::timeout(Duration::from_millis(50), stream.read_u8()).await;
        match then {
            Then::Silence => assert!(next.is_err()),
            Then::Close => assert!(next.is_ok_and(|read| read.is_err())),
            Then::Flood => assert!(next.is_ok_and(|read| read.is_ok_and(|byte| byte == 0))),
        }
        proxy.cut();
    }
    Ok(())
}

/// Sends until the script cuts the link, and gives how the last send ended and what a later connection finds.
async fn struck(name: &str, point: Point, moment: Moment) -> Result<(Option<Retry>, Vec<String>)> {
    let fault = Fault {
        point,
        moment,
        nth: 2,
        at_latest: 100,
        damage: Damage::Cut,
        down: Duration::ZERO,
        then: Manner::Whole,
    };
    let plan = Plan {
        manner: Manner::Whole,
        faults: vec![fault],
    };
    let script = Script::new(plan, Duration::from_secs(1));
    let driver = CuttableDriver::new(InVmDriver::new(format!("link-tests-{name}"))).with_script(script);
    let linked = driver.linked(ConnectOptions::new());
    let first = ends(&linked.factory).await?;
    first.consumer.close().await?;
    let mut ended = None;
    for text in ["1", "2", "3"] {
        if let Err(error) = first.producer.send(Message::text(text)).await {
            ended = Some(error.retry());
            break;
        }
    }
    let next = ends(&linked.factory).await?;
    let mut found = Vec::new();
    while let Some(received) = next.consumer.receive_timeout(Duration::from_millis(100)).await? {
        found.push(received.as_text().unwrap_or_default().to_owned());
    }
    Ok((ended, found))
}

#[tokio::test]
async fn a_script_cuts_before_and_after_what_passes() -> Result<()> {
    let unknown = Some(Retry::MayDuplicate);
    let cases = [
        ("before-send", Point::Send, Moment::Before, unknown, &["1"][..]),
        ("after-send", Point::Send, Moment::After, unknown, &["1", "2"]),
        ("before-confirm", Point::Confirm, Moment::Before, unknown, &["1", "2"]),
        // The third finds no link and says so.
        (
            "after-confirm",
            Point::Confirm,
            Moment::After,
            Some(Retry::Safe),
            &["1", "2"],
        ),
    ];
    for (name, point, moment, ended, found) in cases {
        let (retry, texts) = struck(name, point, moment).await?;
        assert_eq!(
            (retry, &*texts),
            (ended, &*found.iter().map(ToString::to_string).collect::<Vec<_>>()),
            "{name}"
        );
    }
    Ok(())
}
