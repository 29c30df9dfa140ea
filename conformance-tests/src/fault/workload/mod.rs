//! An application with much to do, which goes on whatever happens to its links.

mod asking;
mod cast;
mod receiver;
mod replier;
mod requester;
mod scene;
mod sender;

use std::{sync::Arc, time::Duration};

use anymq_api::{
    Address, ConnectOptions, Connection, ConnectionFactory, Consumer, ConsumerOptions, DestinationKind, Result, Session,
};
use futures_util::future::join_all;
use tokio::{task::JoinSet, time::Instant};

use crate::poll;
pub use asking::Asking;
pub use cast::{Cast, Lane, Promises, Receiving, ReceivingStyle, Sending, SendingStyle, Stream};
use receiver::Receiver;
pub use scene::Scene;
use sender::Sender;

use super::oracle::Settled;

/// A cast on a scene, under names of its own.
#[derive(Debug)]
pub struct Workload {
    /// What all share.
    pub scene: Arc<Scene>,
    /// Who takes part.
    pub cast: Cast,
    /// Of all names at the broker.
    pub prefix: String,
    /// How long nothing must have come for everything to have come.
    pub quiet: Duration,
}

/// The consumer that takes what is left at the end.
const LAST: u16 = u16::MAX;

impl Workload {
    fn address(&self, lane: usize) -> Result<Address> {
        let topic = self.cast.lanes.get(lane).is_some_and(|lane| lane.topic);
        let kind = if topic {
            DestinationKind::Topic
        } else {
            DestinationKind::Queue
        };
        Address::new(kind, format!("{}-{lane}", self.prefix))
    }

    fn client(&self) -> ConnectOptions {
        // Durable subscriptions are the first connection's.
        if self.cast.lanes.iter().any(|lane| lane.topic) {
            ConnectOptions::new().with_client_id(format!("{}-client", self.prefix))
        } else {
            ConnectOptions::new()
        }
    }

    fn subscription(lane: usize, index: usize) -> String {
        format!("subscription-{lane}-{index}")
    }

    /// Connections over links with faults.
    pub async fn connect(&self, factory: &Arc<dyn ConnectionFactory>) -> Option<Vec<Arc<dyn Connection>>> {
        let mut connections = Vec::new();
        for number in 0..self.cast.connections {
            let options = if number == 0 {
                self.client()
            } else {
                ConnectOptions::new()
            };
            let connecting = || factory.create_connection_with(options.clone());
            let connection = self.scene.insist_on_connecting(connecting).await?;
            self.scene.insist("starting", || connection.start()).await?;
            connections.push(connection);
        }
        Some(connections)
    }

    /// Everybody begins; receivers first, so that no subscription misses a message.
    pub async fn begin(&self, connections: &[Arc<dyn Connection>]) -> Option<JoinSet<()>> {
        let mut tasks = self.begin_receiving(connections).await?;
        self.begin_sending(connections, &mut tasks).await?;
        Some(tasks)
    }

    /// Those who receive begin, so that all is declared.
    pub async fn begin_receiving(&self, connections: &[Arc<dyn Connection>]) -> Option<JoinSet<()>> {
        let mut tasks = JoinSet::new();
        let mut next = 0;
        let mut any = || {
            next += 1;
            connections.get(next % connections.len().max(1)).or(connections.first())
        };
        let mut receiver = 0;
        for (lane, spec) in self.cast.lanes.iter().enumerate() {
            for (index, stream) in self.cast.streams_of(lane).into_iter().enumerate() {
                for &receiving in spec.streams.get(index).map_or(&[][..], |it| &it.consumers) {
                    let connection = if spec.topic { connections.first() } else { any() };
                    let (place, id) = ((lane, index, stream), receiver);
                    let receiver_ = self.receiver(connection?, place, id, receiving).await?;
                    tasks.spawn(receiver_.run());
                    receiver += 1;
                }
            }
        }
        self.begin_replying(connections, &mut tasks).await?;
        Some(tasks)
    }

    /// Those who send begin, and those who ask.
    pub async fn begin_sending(&self, connections: &[Arc<dyn Connection>], tasks: &mut JoinSet<()>) -> Option<()> {
        self.begin_asking(connections, tasks).await?;
        // Where those who receive have left off.
        let queues = self.cast.lanes.iter().filter(|lane| !lane.topic);
        let receivers = queues
            .flat_map(|lane| &lane.streams)
            .map(|stream| stream.consumers.len());
        let mut any = connections.iter().cycle().skip(receivers.sum::<usize>() + 1);
        let mut producer = 0;
        for (lane, spec) in self.cast.lanes.iter().enumerate() {
            for &sending in &spec.producers {
                let sender = self.sender(any.next()?, lane, producer, sending).await?;
                tasks.spawn(sender.run());
                producer += 1;
            }
        }
        Some(())
    }

    async fn receiver(
        &self,
        connection: &Arc<dyn Connection>,
        (lane, index, stream): (usize, usize, usize),
        id: u16,
        spec: Receiving,
    ) -> Option<Receiver> {
        let scene = Arc::clone(&self.scene);
        let mode = spec.style.mode();
        let session = scene
            .insist("opening a session", || connection.create_session(mode))
            .await?;
        let making = || self.consumer(&session, lane, index, spec.prefetch);
        let consumer = scene.insist("making a consumer", making).await?;
        let onward = match spec.style {
            ReceivingStyle::Relay(to) => {
                let address = self.valid(self.address(to))?;
                let making = || session.create_producer(&address);
                let producer = scene.insist("making a producer", making).await?;
                Some((producer, self.cast.streams_of(to)))
            }
            _ => None,
        };
        Some(Receiver {
            scene,
            session,
            consumer,
            stream,
            id,
            spec,
            onward,
        })
    }

    async fn consumer(
        &self,
        session: &Arc<dyn Session>,
        lane: usize,
        index: usize,
        prefetch: u32,
    ) -> Result<Arc<dyn Consumer>> {
        let address = self.address(lane)?;
        let mut options = ConsumerOptions::new();
        options.prefetch = prefetch.try_into().ok();
        if address.kind() == DestinationKind::Topic {
            let name = Self::subscription(lane, index);
            session.create_durable_consumer(&address, &name, options).await
        } else {
            session.create_consumer_with(&address, options).await
        }
    }

    async fn sender(&self, connection: &Arc<dyn Connection>, lane: usize, id: u16, spec: Sending) -> Option<Sender> {
        let scene = Arc::clone(&self.scene);
        let address = self.valid(self.address(lane))?;
        let mode = match spec.style {
            SendingStyle::Transacted(_) => anymq_api::AckMode::Transacted,
            _ => anymq_api::AckMode::Auto,
        };
        let session = scene
            .insist("opening a session", || connection.create_session(mode))
            .await?;
        let making = || session.create_producer(&address);
        let producer = scene.insist("making a producer", making).await?;
        let producing = scene.begin_producing();
        Some(Sender {
            scene,
            session,
            producer,
            streams: self.cast.streams_of(lane),
            id,
            spec,
            producing,
        })
    }

    fn valid<T>(&self, outcome: Result<T>) -> Option<T> {
        outcome
            .map_err(|error| self.scene.oracle.breach(error.to_string()))
            .ok()
    }

    /// Whether all was sent, and all of it has come.
    fn is_complete(&self) -> bool {
        let scene = &self.scene;
        !scene.is_producing()
            && scene.oracle.missing() == 0
            && !scene.script.is_down()
            && scene.oracle.quiet() >= self.quiet
            && self.relayed()
            && scene.oracle.are_served()
    }

    fn relayed(&self) -> bool {
        let relays = self.cast.relays();
        relays
            .iter()
            .all(|&(from, to)| self.scene.oracle.unrelayed(from, to) == 0)
    }

    /// Waits until all has come, or it is hopeless, and lets everybody come to an end.
    pub async fn complete(&self, tasks: &mut JoinSet<()>, limit: Duration) {
        let over = async || (self.is_complete() || self.scene.oracle.breaches() > 0).then_some(());
        let waited = poll::until(limit, Duration::from_millis(10), over).await;
        self.scene.script.note("application: all has come, or it is hopeless");
        if waited.is_err() {
            let (missing, producing) = (self.scene.oracle.missing(), self.scene.is_producing());
            self.scene.oracle.breach(format!(
                "it is not complete after {limit:?}: {missing} messages are missing, senders at work: {producing}, \
                 all passed on: {}, all replied to: {}",
                self.relayed(),
                self.scene.oracle.are_served()
            ));
            for lost in self.scene.oracle.lost() {
                self.scene.oracle.breach(format!("not yet: {lost}"));
            }
        }
        self.finish(tasks).await;
    }

    /// Lets everybody come to an end.
    pub async fn finish(&self, tasks: &mut JoinSet<()>) {
        self.scene.end();
        let ending = async {
            while let Some(ended) = tasks.join_next().await {
                if let Err(error) = ended {
                    self.scene
                        .oracle
                        .breach(format!("a part of the application ended badly: {error}"));
                }
            }
        };
        // Each call of theirs has its own limit.
        if tokio::time::timeout(self.scene.patience * 2, ending).await.is_err() {
            self.scene.oracle.breach("the application does not come to an end");
            tasks.shutdown().await;
        }
    }

    /// Closes the connections, all at the same time.
    pub async fn close(&self, connections: &[Arc<dyn Connection>]) {
        let closing = connections
            .iter()
            .map(|connection| self.scene.call("closing", connection.close()));
        for error in join_all(closing).await.into_iter().flatten().filter_map(Result::err) {
            self.scene.oracle.breach(format!("closing failed: {error}"));
        }
    }

    /// Takes what is left by a connection without faults, and removes the subscriptions.
    pub async fn drain(&self, factory: &Arc<dyn ConnectionFactory>) -> Option<()> {
        let connecting = || factory.create_connection_with(self.client());
        let connection = self.scene.insist("connecting for what is left", connecting).await?;
        self.scene.insist("starting", || connection.start()).await?;
        let session = connection.create_session(anymq_api::AckMode::Auto).await;
        let session = self.valid(session)?;
        for (lane, spec) in self.cast.lanes.iter().enumerate() {
            for (index, stream) in self.cast.streams_of(lane).into_iter().enumerate() {
                let making = || self.consumer(&session, lane, index, 100);
                let consumer = self.scene.insist("making a consumer for what is left", making).await?;
                self.take(&consumer, stream).await;
                self.valid(consumer.close().await)?;
                if spec.topic {
                    self.valid(session.unsubscribe(&Self::subscription(lane, index)).await)?;
                }
            }
        }
        if !self.cast.asking.is_empty() {
            self.forget_requests(&session).await?;
        }
        self.valid(connection.close().await)
    }

    /// Those that nobody waits for any more.
    async fn forget_requests(&self, session: &Arc<dyn Session>) -> Option<()> {
        let address = self.valid(self.requests())?;
        let making = || session.create_consumer(&address);
        let consumer = self.scene.insist("making a consumer for what is left", making).await?;
        while self.valid(consumer.receive_timeout(self.quiet).await)?.is_some() {}
        self.valid(consumer.close().await)
    }

    async fn take(&self, consumer: &Arc<dyn Consumer>, stream: usize) {
        let end = Instant::now() + self.scene.patience;
        while let Ok(Some(message)) = consumer.receive_timeout(self.quiet).await {
            self.scene.received(stream, LAST, &message, Settled::Submitted);
            if Instant::now() > end {
                self.scene.oracle.breach("what is left does not come to an end");
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
