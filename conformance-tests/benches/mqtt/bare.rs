//! rumqttc by itself, doing the same: with as little as a message can have beside its body, or with all that the provider
//! gives one, and acknowledging each message by a call.

use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use rumqttc::{
    NetworkOptions,
    v5::{
        AsyncClient, Event, EventLoop, Incoming, MqttOptions,
        mqttbytes::v5::{ConnectProperties, PublishProperties},
    },
};
use tokio::{
    sync::{Notify, Semaphore},
    task::AbortHandle,
};

use crate::{NOBODY, QoS, WINDOW};

/// As many as the provider lets be.
const IN_FLIGHT: u16 = 1000;
/// In bytes; rumqttc's own limit is less than the largest message here.
const MAX_PACKET: u32 = 1 << 20;

pub(crate) struct Bare {
    client: AsyncClient,
    topic: &'static str,
    properties: PublishProperties,
    seen: Arc<Seen>,
    polling: AbortHandle,
}

/// What the event loop saw.
#[derive(Debug)]
struct Seen {
    received: AtomicU64,
    confirmed: AtomicU64,
    more: Notify,
    /// How many messages may be published before others are received.
    window: Semaphore,
}

impl Bare {
    /// With a topic of its own, whose messages get these properties.
    pub(crate) async fn connect(port: u16, topic: &'static str, properties: Option<PublishProperties>) -> Self {
        let acknowledges = properties.is_some();
        let (client, mut event_loop) = client(port, topic, acknowledges);
        subscribe(&client, &mut event_loop, topic).await;
        let seen = Arc::new(Seen {
            received: AtomicU64::new(0),
            confirmed: AtomicU64::new(0),
            more: Notify::new(),
            window: Semaphore::new(WINDOW),
        });
        let acknowledging = acknowledges.then(|| client.clone());
        let polling = tokio::spawn(poll(event_loop, Arc::clone(&seen), acknowledging)).abort_handle();
        Self {
            client,
            topic,
            properties: properties.unwrap_or_default(),
            seen,
            polling,
        }
    }

    pub(crate) async fn confirm_each(&self, body: &[u8], messages: u32) {
        let body = Bytes::copy_from_slice(body);
        for _ in 0..messages {
            let target = self.seen.confirmed.load(Ordering::Acquire) + 1;
            self.publish(NOBODY, QoS::AtLeastOnce, body.clone()).await;
            self.seen
                .until(|seen| seen.confirmed.load(Ordering::Acquire) >= target)
                .await;
        }
    }

    pub(crate) async fn pipelined(&self, body: &[u8], qos: QoS, messages: u32) {
        let body = Bytes::copy_from_slice(body);
        let seen = &self.seen;
        let received = seen.received.load(Ordering::Acquire) + u64::from(messages);
        let confirmations = if qos == QoS::AtMostOnce { 0 } else { messages };
        let confirmed = seen.confirmed.load(Ordering::Acquire) + u64::from(confirmations);
        for _ in 0..messages {
            seen.window.acquire().await.expect("it is open").forget();
            self.publish(self.topic, qos, body.clone()).await;
        }
        let is_done = |seen: &Seen| {
            seen.received.load(Ordering::Acquire) >= received && seen.confirmed.load(Ordering::Acquire) >= confirmed
        };
        seen.until(is_done).await;
    }

    async fn publish(&self, topic: &str, qos: QoS, body: Bytes) {
        let properties = self.properties.clone();
        let published = self
            .client
            .publish_bytes_with_properties(topic, qos, false, body, properties);
        published.await.expect("publish");
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.polling.abort();
    }
}

impl Seen {
    async fn until(&self, is_done: impl Fn(&Self) -> bool) {
        while !is_done(self) {
            self.more.notified().await;
        }
    }
}

fn client(port: u16, name: &str, manual_acks: bool) -> (AsyncClient, EventLoop) {
    let mut options = MqttOptions::new(name, "127.0.0.1", port);
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    let mut properties = ConnectProperties::new();
    properties.max_packet_size = Some(MAX_PACKET);
    options
        .set_network_options(network)
        .set_keep_alive(Duration::from_secs(10))
        .set_manual_acks(manual_acks)
        .set_credentials("guest", "guest")
        .set_outgoing_inflight_upper_limit(IN_FLIGHT)
        .set_connect_properties(properties);
    // Never full: the event loop's own acknowledgements pass it.
    AsyncClient::new(options, 4 * WINDOW)
}

async fn subscribe(client: &AsyncClient, event_loop: &mut EventLoop, topic: &str) {
    client.subscribe(topic, QoS::AtLeastOnce).await.expect("subscribe");
    while !matches!(next(event_loop).await, Event::Incoming(Incoming::SubAck(_))) {}
}

async fn next(event_loop: &mut EventLoop) -> Event {
    event_loop.poll().await.expect("a link")
}

async fn poll(mut event_loop: EventLoop, seen: Arc<Seen>, acknowledging: Option<AsyncClient>) {
    loop {
        match next(&mut event_loop).await {
            Event::Incoming(Incoming::Publish(publish)) => {
                if let Some(client) = &acknowledging {
                    client.try_ack(&publish).expect("room");
                }
                black_box(publish);
                seen.received.fetch_add(1, Ordering::Release);
                seen.window.add_permits(1);
            }
            Event::Incoming(Incoming::PubAck(_)) => {
                seen.confirmed.fetch_add(1, Ordering::Release);
            }
            _ => continue,
        }
        seen.more.notify_one();
    }
}

/// The properties of the first message at a topic that somebody sends meanwhile.
pub(crate) async fn properties_of(port: u16, topic: &str, sending: impl Future<Output = ()>) -> PublishProperties {
    let (client, mut event_loop) = client(port, "observer", false);
    subscribe(&client, &mut event_loop, topic).await;
    let observing = async {
        loop {
            if let Event::Incoming(Incoming::Publish(publish)) = next(&mut event_loop).await {
                return publish.properties.unwrap_or_default();
            }
        }
    };
    tokio::join!(observing, sending).0
}
