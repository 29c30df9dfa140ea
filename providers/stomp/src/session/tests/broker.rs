//! What answers where a broker is looked for, and does as it is told.

use std::{sync::Arc, time::Duration};

use anymq_api::{
    Address, Error,
    spi::{
        BrokerUrl, ConnectSpec, Delivery, DeliverySink, DriverConnection, DriverEvent, DriverSession, EventSink,
        Provider as _, SessionSpec, SubscribeSpec, SubscriptionId, Unsettled,
    },
};
use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use crate::StompProvider;

pub(super) const LIMIT: Duration = Duration::from_secs(10);

/// A connection to a broker that is played, and what is told of it.
pub(super) struct Stage {
    listener: TcpListener,
    server: &'static str,
    pub(super) connection: Arc<dyn DriverConnection>,
    /// The broker's end of its own socket.
    main: Option<Peer>,
    pub(super) told: Arc<Told>,
}

/// The broker's end of one socket.
pub(super) struct Peer(TcpStream);

/// Events and ends, as they come.
#[derive(Default)]
pub(super) struct Told {
    pub(super) events: Mutex<Vec<DriverEvent>>,
    pub(super) deliveries: Mutex<Vec<Delivery>>,
    pub(super) ends: Mutex<Vec<(Error, Unsettled)>>,
    news: Notify,
}

impl EventSink for Told {
    fn event(&self, event: DriverEvent) {
        self.events.lock().push(event);
        self.news.notify_one();
    }
}

impl DeliverySink for Told {
    fn push(&self, delivery: Delivery) {
        self.deliveries.lock().push(delivery);
        self.news.notify_one();
    }

    fn ended(&self, error: Error, unsettled: Unsettled) {
        self.ends.lock().push((error, unsettled));
        self.news.notify_one();
    }
}

impl Told {
    /// Waits until it is so.
    pub(super) async fn until(&self, is_so: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !is_so(self) {
                self.news.notified().await;
            }
        };
        tokio::time::timeout(LIMIT, waiting).await.expect("it is told");
    }
}

impl Stage {
    pub(super) async fn new(server: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("stomp://{}", listener.local_addr().unwrap());
        let driver = StompProvider.setup(&BrokerUrl::parse(&url).unwrap()).unwrap().driver;
        let told = Arc::<Told>::default();
        let events = Arc::clone(&told) as Arc<dyn EventSink>;
        let (connection, main) = tokio::join!(driver.connect(ConnectSpec::new(1), events), greet(&listener, server));
        Self {
            connection: connection.unwrap(),
            main: Some(main),
            listener,
            server,
            told,
        }
    }

    /// The next socket that is opened.
    pub(super) async fn accept(&self) -> Peer {
        greet(&self.listener, self.server).await
    }

    /// A session, and the broker's end of its own socket.
    pub(super) async fn session(&self, spec: SessionSpec) -> (Arc<dyn DriverSession>, Peer) {
        let (session, peer) = tokio::join!(self.connection.open_session(spec), self.accept());
        (session.unwrap(), peer)
    }

    /// The broker's end of the connection's own socket.
    pub(super) fn take_main(&mut self) -> Peer {
        self.main.take().expect("it is taken once")
    }

    pub(super) fn sink(&self) -> Arc<dyn DeliverySink> {
        Arc::clone(&self.told) as _
    }
}

async fn greet(listener: &TcpListener, server: &str) -> Peer {
    let accepted = tokio::time::timeout(LIMIT, listener.accept()).await;
    let (socket, _) = accepted.expect("somebody connects").unwrap();
    let mut peer = Peer(socket);
    assert!(peer.heard().await.starts_with("CONNECT\n"));
    peer.say(&format!("CONNECTED\nversion:1.2\nserver:{server}\n\n")).await;
    peer
}

impl Peer {
    /// The next frame, or nothing at the end.
    pub(super) async fn heard(&mut self) -> String {
        let mut bytes = Vec::new();
        loop {
            match tokio::time::timeout(LIMIT, self.0.read_u8())
                .await
                .expect("something comes")
            {
                Ok(0) | Err(_) => break,
                Ok(byte) => bytes.push(byte),
            }
        }
        String::from_utf8(bytes).unwrap()
    }

    /// The command of the next frame, and its receipt.
    pub(super) async fn asked(&mut self) -> (String, Option<String>) {
        let frame = self.heard().await;
        let mut lines = frame.lines();
        let command = lines.next().unwrap_or_default().to_owned();
        let receipt = lines.find_map(|line| line.strip_prefix("receipt:"));
        (command, receipt.map(str::to_owned))
    }

    /// The frames that come next have these commands; gives their receipts.
    pub(super) async fn expect<const N: usize>(&mut self, commands: [&str; N]) -> [Option<String>; N] {
        let mut receipts = [const { None }; N];
        for (expected, slot) in commands.into_iter().zip(&mut receipts) {
            let (command, receipt) = self.asked().await;
            assert_eq!(command, expected);
            *slot = receipt;
        }
        receipts
    }

    /// Says a frame.
    pub(super) async fn say(&mut self, frame: &str) {
        self.0.write_all(format!("{frame}\0").as_bytes()).await.unwrap();
    }

    pub(super) async fn confirm(&mut self, receipt: Option<&str>) {
        let receipt = receipt.expect("a receipt was asked for");
        self.say(&format!("RECEIPT\nreceipt-id:{receipt}\n\n")).await;
    }

    /// Hands out a message under this id.
    pub(super) async fn deliver(&mut self, subscription: u64, ack: &str) {
        let head = format!("MESSAGE\nsubscription:{subscription}\nack:{ack}\ndestination:/queue/a\n\n");
        self.say(&format!("{head}hello")).await;
    }
}

pub(super) fn queue() -> Address {
    "queue:a".parse().unwrap()
}

pub(super) fn spec() -> SubscribeSpec {
    SubscribeSpec::new(SubscriptionId(1), queue(), 10)
}
