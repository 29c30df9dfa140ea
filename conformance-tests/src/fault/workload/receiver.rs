//! Somebody who receives, and does what a sensible application does when it fails.

use std::sync::Arc;

use anymq_api::{BoxError, Consumer, ErrorKind, Producer, Received as Message, Session};

use super::{
    cast::{Receiving, ReceivingStyle},
    scene::{LOOK, Scene},
    sender::{End, commit, undone},
};
use crate::fault::{
    Dice,
    oracle::{Payload, Settled},
};

pub(super) struct Receiver {
    pub(super) scene: Arc<Scene>,
    pub(super) session: Arc<dyn Session>,
    pub(super) consumer: Arc<dyn Consumer>,
    pub(super) stream: usize,
    pub(super) id: u16,
    pub(super) spec: Receiving,
    /// Where a relay sends to, and which streams that feeds.
    pub(super) onward: Option<(Arc<dyn Producer>, Vec<usize>)>,
}

impl Receiver {
    pub(super) async fn run(self) {
        // Ends with a breach or with the run.
        let _ = match self.spec.style {
            ReceivingStyle::Auto => self.auto().await,
            ReceivingStyle::Client => self.client().await,
            ReceivingStyle::Individual => self.individual().await,
            ReceivingStyle::Transacted | ReceivingStyle::Relay(_) => self.transacted().await,
            ReceivingStyle::Listener => self.listening().await,
        };
    }

    /// The next message, or `Some(None)` when there is none for now.
    async fn next(&self) -> Option<Option<Message>> {
        match self
            .scene
            .call("a receive", self.consumer.receive_timeout(LOOK))
            .await?
        {
            Ok(message) => Some(message),
            Err(error) => {
                self.scene.oracle.breach(format!("a receive failed: {error}"));
                None
            }
        }
    }

    fn note(&self, message: &Message, settled: Settled) -> Option<Payload> {
        self.scene.received(self.stream, self.id, message, settled)
    }

    async fn auto(&self) -> Option<()> {
        while !self.scene.is_over() {
            if let Some(message) = self.next().await? {
                self.note(&message, Settled::Submitted)?;
            }
        }
        Some(())
    }

    /// The next few, fewer when no more come. At the end of the run, nothing.
    async fn batch(&self) -> Option<Vec<(Message, Payload)>> {
        let mut batch = Vec::new();
        while batch.len() < self.spec.batch as usize {
            match self.next().await? {
                Some(message) => {
                    let payload = self.note(&message, Settled::No)?;
                    batch.push((message, payload));
                }
                None if !batch.is_empty() || self.scene.is_over() => break,
                None => {}
            }
        }
        Some(batch)
    }

    async fn client(&self) -> Option<()> {
        loop {
            let batch = self.batch().await?;
            let Some((last, _)) = batch.last() else {
                return Some(());
            };
            if self.acknowledge(last).await? {
                for &(_, payload) in &batch {
                    self.scene.oracle.settled(self.stream, payload, Settled::Submitted);
                }
            }
        }
    }

    async fn individual(&self) -> Option<()> {
        let mut dice = Dice::new(self.id.into(), 3);
        loop {
            let mut batch = self.batch().await?;
            if batch.is_empty() {
                return Some(());
            }
            dice.shuffle(&mut batch);
            for (message, payload) in &batch {
                if self.acknowledge(message).await? {
                    self.scene.oracle.settled(self.stream, *payload, Settled::Submitted);
                }
            }
        }
    }

    /// Whether it may be settled now; what came by a lost link is not, and comes again.
    async fn acknowledge(&self, message: &Message) -> Option<bool> {
        match self.scene.call("an acknowledgement", message.acknowledge()).await? {
            Ok(()) => Some(true),
            Err(error) if error.kind() == ErrorKind::ConnectionLost => Some(false),
            Err(error) => {
                self.scene.oracle.breach(format!("an acknowledgement failed: {error}"));
                None
            }
        }
    }

    async fn transacted(&self) -> Option<()> {
        let (mut batch, mut payloads) = (Vec::new(), Vec::new());
        loop {
            match self
                .scene
                .call("a receive", self.consumer.receive_timeout(LOOK))
                .await?
            {
                Ok(Some(message)) => {
                    payloads.push(self.note(&message, Settled::No)?);
                    batch.push(message);
                    if batch.len() < self.spec.batch as usize {
                        continue;
                    }
                }
                Ok(None) if !batch.is_empty() => {}
                Ok(None) if self.scene.is_over() => return Some(()),
                Ok(None) => continue,
                Err(error) => {
                    self.settled(&payloads, Settled::Undone);
                    undone(&self.scene, &self.session, &[], &[], &error).await?;
                    batch.clear();
                }
            }
            if !batch.is_empty() {
                self.finish(&batch, &payloads).await?;
            }
            batch.clear();
            payloads.clear();
        }
    }

    /// Passes on, if it is to, and commits.
    async fn finish(&self, batch: &[Message], payloads: &[Payload]) -> Option<()> {
        let streams = self.onward.as_ref().map_or(&[][..], |(_, streams)| streams);
        if let Some((producer, _)) = &self.onward {
            for (index, (message, &payload)) in batch.iter().zip(payloads).enumerate() {
                self.scene.oracle.attempt(streams, payload);
                let sending = producer.send(message.to_message());
                if let Err(error) = self.scene.call("a send of a relay", sending).await? {
                    let sent = payloads.get(..=index).unwrap_or_default();
                    self.settled(payloads, Settled::Undone);
                    return undone(&self.scene, &self.session, streams, sent, &error).await;
                }
            }
        }
        match commit(&self.scene, &self.session, streams, payloads).await? {
            End::Committed => self.settled(payloads, Settled::Known),
            End::Undone => self.settled(payloads, Settled::Undone),
            End::InDoubt => {}
        }
        Some(())
    }

    fn settled(&self, payloads: &[Payload], settled: Settled) {
        for &payload in payloads {
            self.scene.oracle.settled(self.stream, payload, settled);
        }
    }

    async fn listening(&self) -> Option<()> {
        let (scene, stream, id) = (Arc::clone(&self.scene), self.stream, self.id);
        let listener = move |message: Message| {
            scene.received(stream, id, &message, Settled::Submitted);
            std::future::ready(Ok::<_, BoxError>(()))
        };
        let listener = Arc::new(listener);
        let setting = || self.consumer.set_listener(Some(Arc::clone(&listener) as _));
        self.scene.insist("setting a listener", setting).await?;
        self.scene.ended().await;
        Some(())
    }
}
