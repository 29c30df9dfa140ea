//! Somebody who asks for replies at a temporary destination, and asks again when an outage may have taken them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anymq_api::{Consumer, Destination as _, ErrorKind, Message, Producer, Received, Retry};

use super::scene::{LOOK, Scene};
use crate::{
    fault::{oracle::Payload, trial::RESUMED},
    temporary::Temporary,
};

pub(super) struct Requester {
    pub(super) scene: Arc<Scene>,
    /// Where the replies come.
    pub(super) place: Temporary,
    pub(super) consumer: Arc<dyn Consumer>,
    pub(super) producer: Arc<dyn Producer>,
    pub(super) id: u16,
    /// Whether the place is deleted in the end.
    pub(super) deletes: bool,
}

/// Between two requests, so that they do not keep the others from their work.
const PACE: Duration = Duration::from_millis(20);

impl Requester {
    pub(super) async fn run(self) {
        let mut number = 0;
        while !self.scene.is_over() {
            if self.ask(number).await.is_none() {
                return;
            }
            number += 1;
            tokio::time::sleep(PACE).await;
        }
        // Ends with a breach or with the run.
        let _ = self.leave().await;
    }

    /// Asks, and waits for the reply, or until an outage may have taken it.
    async fn ask(&self, number: u32) -> Option<()> {
        let request = Payload {
            producer: self.id,
            number,
        };
        let epoch = self.scene.script.epoch();
        self.scene.oracle.asked(request);
        let message = Message::text(request.text(0)).with_reply_to(&self.place);
        match self.scene.call("a request", self.producer.send(message)).await? {
            Ok(_) => self.reply(request, epoch).await,
            Err(error) if error.retry() == Retry::Never => {
                self.breach(&format!("a request failed for good: {error}"));
                None
            }
            // The next one has a number of its own, so it does not matter whether this one arrives.
            Err(_) => Some(()),
        }
    }

    async fn reply(&self, request: Payload, epoch: u64) -> Option<()> {
        let mut since = Instant::now();
        while !self.scene.is_over() {
            match self.receive().await? {
                Some(reply) if self.scene.oracle.replied(reply, request, epoch) => break,
                None if self.scene.script.epoch() != epoch => break,
                None if self.scene.script.is_down() => since = Instant::now(),
                None if since.elapsed() > RESUMED => {
                    self.breach(&format!(
                        "no reply to {request} within {RESUMED:?}, and no outage since"
                    ));
                    return None;
                }
                // A reply to an older request, or none yet.
                _ => {}
            }
        }
        Some(())
    }

    async fn receive(&self) -> Option<Option<Payload>> {
        let receiving = self.consumer.receive_timeout(LOOK);
        match self.scene.call("a receive of a reply", receiving).await? {
            Ok(Some(message)) => self.read(&message).map(Some),
            Ok(None) => Some(None),
            Err(error) => {
                self.breach(&format!("a receive of a reply failed: {error}"));
                None
            }
        }
    }

    fn read(&self, message: &Received) -> Option<Payload> {
        let payload = message.as_text().and_then(Payload::parse);
        if payload.is_none() {
            self.breach(&format!("a reply of unknown make: {message:?}"));
        }
        payload
    }

    /// Whoever makes a place may take it away; otherwise it ends with its connection.
    async fn leave(&self) -> Option<()> {
        if !self.deletes {
            return Some(());
        }
        let closing = self.consumer.close();
        self.gone(self.scene.call("closing a consumer of replies", closing).await?)?;
        let deleting = self.place.delete();
        self.gone(self.scene.call("deleting a temporary destination", deleting).await?)
    }

    /// With a lost link it is gone, too.
    fn gone(&self, outcome: anymq_api::Result<()>) -> Option<()> {
        match outcome {
            Err(error) if error.kind() != ErrorKind::ConnectionLost => {
                self.breach(&format!("leaving a temporary destination failed: {error}"));
                None
            }
            _ => Some(()),
        }
    }

    fn breach(&self, what: &str) {
        let place = self.place.address();
        self.scene.oracle.breach(format!("{place}: {what}"));
    }
}
