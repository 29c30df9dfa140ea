//! What answers where a broker is looked for, and does as it is told.

use std::sync::mpsc::{self, Receiver};

use anymq_api::{Retry, spi::BrokerUrl};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::*;

const GREETING: &str = "CONNECTED\nversion:1.2\nserver:ActiveMQ/5.17.2\n\n\0";
const LIMIT: Duration = Duration::from_secs(10);

struct Listening(parking_lot::Mutex<mpsc::Sender<DriverEvent>>);

impl EventSink for Listening {
    fn event(&self, event: DriverEvent) {
        let _ = self.0.lock().send(event);
    }
}

/// A broker that takes one connection.
struct Broker {
    listener: TcpListener,
    url: String,
}

impl Broker {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("stomp://ann:hunter2@127.0.0.1:{port}");
        Self { listener, url }
    }

    /// Connects, and gives the broker's end, which has said `greeting`.
    async fn connect(&self, options: &str, greeting: &str) -> (Result<Arc<Link>>, TcpStream, Receiver<DriverEvent>) {
        let (config, _) = Config::from_url(&BrokerUrl::parse(&format!("{}{options}", self.url)).unwrap()).unwrap();
        let (events, told) = mpsc::channel();
        let events = Arc::new(Listening(parking_lot::Mutex::new(events)));
        let spec = ConnectSpec::new(1);
        let serving = async {
            let (mut socket, _) = self.listener.accept().await.unwrap();
            let asked = heard(&mut socket).await;
            assert!(asked.starts_with("CONNECT\naccept-version:1.0,1.1,1.2\n"), "{asked}");
            socket.write_all(greeting.as_bytes()).await.unwrap();
            socket
        };
        let both = async {
            tokio::join!(
                Link::open(&config, &spec, 7, Arc::new(Origin::new(None)), events),
                serving
            )
        };
        let (link, socket) = tokio::time::timeout(LIMIT, both).await.unwrap();
        (link, socket, told)
    }
}

/// What comes until the next NUL, or the end.
async fn heard(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        match tokio::time::timeout(LIMIT, socket.read_u8()).await.unwrap() {
            Ok(0) | Err(_) => break,
            Ok(byte) => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn send(body: &'static str) -> Frame {
    Frame::new(Command::Send)
        .with_header("destination", "/queue/a")
        .with_body(body)
}

#[tokio::test]
async fn each_waiter_hears_its_own_answer() {
    let broker = Broker::new().await;
    let (link, mut socket, told) = broker.connect("", GREETING).await;
    let link = link.unwrap();
    let (first, second) = (link.ask(&send("a")), link.ask(&send("b")));
    for body in ["a", "b"] {
        assert!(heard(&mut socket).await.ends_with(body));
    }
    let answers = "ERROR\nmessage:User ann is not authorized\nreceipt-id:1\n\n\0RECEIPT\nreceipt-id:0\n\n\0";
    socket.write_all(answers.as_bytes()).await.unwrap();
    first.await.unwrap();
    let refused = second.await.unwrap_err();
    assert_eq!((refused.kind(), refused.retry()), (ErrorKind::Security, Retry::Never));
    assert!(link.is_up() && told.try_recv().is_err());
}

#[tokio::test]
async fn who_waits_when_the_broker_goes_is_told() {
    let broker = Broker::new().await;
    let (link, mut socket, told) = broker.connect("", GREETING).await;
    let link = link.unwrap();
    let waiting = link.ask(&send("a"));
    heard(&mut socket).await;
    drop(socket);
    let lost = tokio::time::timeout(LIMIT, waiting).await.unwrap().unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::ConnectionLost);
    let late = link.ask(&send("b")).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::ConnectionLost);
    let event = tokio::task::spawn_blocking(move || told.recv_timeout(LIMIT))
        .await
        .unwrap();
    assert!(matches!(event, Ok(DriverEvent::LinkLost { epoch: 7, .. })), "{event:?}");
}

#[tokio::test]
async fn a_refused_login_says_why_and_shows_no_password() {
    for (greeting, kind) in [
        (
            "ERROR\nmessage:User name [ann] or password is invalid.\n\n\0",
            ErrorKind::Security,
        ),
        (
            "ERROR\nmessage:Bad CONNECT\n\nAccess refused for user 'ann'\n\0",
            ErrorKind::Security,
        ),
        (
            "ERROR\nmessage:Broker: b - Client: c already connected from x\n\n\0",
            ErrorKind::InvalidClientId,
        ),
        ("CONNECTED\nversion:9.9\n\n\0", ErrorKind::ConnectionLost),
        ("MESSAGE\n\n\0", ErrorKind::ConnectionLost),
        ("HTTP/1.1 400 Bad Request\r\n\r\n", ErrorKind::ConnectionLost),
    ] {
        let (link, _socket, _) = Broker::new().await.connect("", greeting).await;
        let error = link.unwrap_err();
        assert_eq!(error.kind(), kind, "{greeting}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn a_broker_that_falls_silent_is_given_up() {
    let greeting = "CONNECTED\nversion:1.2\nheart-beat:100,100\n\n\0";
    let broker = Broker::new().await;
    let (link, mut socket, _) = broker.connect("?heart-beat=100ms", greeting).await;
    let lost = link.unwrap().ask(&send("a")).await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::ConnectionLost);
    // Heart-beats of ours came meanwhile.
    heard(&mut socket).await;
    assert_eq!(socket.read_u8().await.unwrap(), b'\n');
}

#[tokio::test]
async fn closing_says_good_bye_and_waits_for_what_was_submitted() {
    let broker = Broker::new().await;
    let (link, mut socket, told) = broker.connect("", GREETING).await;
    let link = link.unwrap();
    let sent = link.ask(&send("a"));
    let serving = async {
        assert!(heard(&mut socket).await.starts_with("SEND\n"));
        assert_eq!(heard(&mut socket).await, "DISCONNECT\nreceipt:1\n\n");
        let answers = b"RECEIPT\nreceipt-id:0\n\n\0\nRECEIPT\nreceipt-id:1\n\n\0";
        socket.write_all(answers).await.unwrap();
        assert_eq!(heard(&mut socket).await, "", "the socket is closed");
    };
    let (closed, ()) = tokio::join!(link.close(LIMIT), serving);
    closed.unwrap();
    sent.await.unwrap();
    link.close(LIMIT).await.unwrap();
    assert!(told.try_recv().is_err(), "no loss");
}

#[tokio::test]
async fn a_broker_that_does_not_say_good_bye_is_left() {
    let broker = Broker::new().await;
    let (link, mut socket, _) = broker.connect("", GREETING).await;
    let closed = link.unwrap().close(Duration::from_millis(50)).await;
    assert_eq!(closed.unwrap_err().kind(), ErrorKind::Timeout);
    assert!(heard(&mut socket).await.starts_with("DISCONNECT"));
    assert_eq!(heard(&mut socket).await, "");
}

#[tokio::test]
async fn abandoning_writes_what_was_submitted_and_tells_who_waits() {
    let broker = Broker::new().await;
    let (link, mut socket, told) = broker.connect("", GREETING).await;
    let link = link.unwrap();
    let waiting = link.ask(&send("a"));
    link.abandon();
    assert!(waiting.await.is_err());
    assert!(heard(&mut socket).await.ends_with('a'));
    assert!(heard(&mut socket).await.starts_with("DISCONNECT"));
    assert_eq!(heard(&mut socket).await, "");
    assert!(told.try_recv().is_err(), "no loss");
}

#[tokio::test]
async fn nonsense_ends_the_link() {
    for nonsense in ["SEND\n\n\0", "ERROR\ncontent-length:x\n\n\0", "\u{7}\n\n\0"] {
        let broker = Broker::new().await;
        let (link, mut socket, _) = broker.connect("", GREETING).await;
        let waiting = link.unwrap().ask(&send("a"));
        socket.write_all(nonsense.as_bytes()).await.unwrap();
        let lost = tokio::time::timeout(LIMIT, waiting).await.unwrap().unwrap_err();
        assert_eq!(lost.kind(), ErrorKind::ConnectionLost, "{nonsense}");
    }
}

struct Recorder(parking_lot::Mutex<Vec<Frame>>, tokio::sync::Notify);

impl Recipient for Recorder {
    fn message(&self, frame: Frame) {
        self.0.lock().push(frame);
        self.1.notify_one();
    }

    fn ended(&self, _error: &Error) {}
}

#[tokio::test]
async fn messages_go_to_their_subscription() {
    let broker = Broker::new().await;
    let (link, mut socket, _) = broker.connect("", GREETING).await;
    let link = link.unwrap();
    let id = link.new_id();
    let recorder = Arc::new(Recorder(parking_lot::Mutex::default(), tokio::sync::Notify::new()));
    link.register(id, Arc::clone(&recorder) as _);
    let wire = format!("MESSAGE\nsubscription:99\n\na\0MESSAGE\nsubscription:{id}\n\nb\0MESSAGE\n\nc\0");
    socket.write_all(wire.as_bytes()).await.unwrap();
    tokio::time::timeout(LIMIT, recorder.1.notified()).await.unwrap();
    let bodies: Vec<_> = recorder.0.lock().iter().map(|frame| frame.body.clone()).collect();
    assert_eq!(bodies, ["b"]);
    link.forget(id);
    assert_eq!(Arc::strong_count(&recorder), 1);
}
