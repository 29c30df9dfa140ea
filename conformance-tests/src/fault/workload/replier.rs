//! Somebody who replies to where a request says.

use std::sync::Arc;

use anymq_api::{Address, Consumer, Error, ErrorKind, Message, Producer, Received, Retry};

use super::scene::{LOOK, Scene};

pub(super) struct Replier {
    pub(super) scene: Arc<Scene>,
    pub(super) consumer: Arc<dyn Consumer>,
    pub(super) producer: Arc<dyn Producer>,
}

impl Replier {
    pub(super) async fn run(self) {
        // Ends with a breach or with the run.
        while !self.scene.is_over() && self.next().await.is_some() {}
    }

    async fn next(&self) -> Option<()> {
        let receiving = self.consumer.receive_timeout(LOOK);
        match self.scene.call("a receive of a request", receiving).await? {
            Ok(Some(request)) => self.reply(&request).await,
            Ok(None) => Some(()),
            Err(error) => {
                self.scene
                    .oracle
                    .breach(format!("a receive of a request failed: {error}"));
                None
            }
        }
    }

    async fn reply(&self, request: &Received) -> Option<()> {
        let (Some(to), Some(text)) = (request.reply_to(), request.as_text()) else {
            self.scene
                .oracle
                .breach(format!("a request of unknown make: {request:?}"));
            return None;
        };
        while !self.scene.is_over() {
            match self.send(to, text).await? {
                Ok(()) => break,
                Err(error) if is_gone(&error) => break,
                Err(error) if error.retry() == Retry::Never => {
                    self.scene
                        .oracle
                        .breach(format!("a reply to {to} failed for good: {error}"));
                    return None;
                }
                Err(_) => self.scene.pause().await,
            }
        }
        Some(())
    }

    async fn send(&self, to: &Address, text: &str) -> Option<anymq_api::Result<()>> {
        let sending = self.producer.send_to(to, Message::text(text));
        let sent = self.scene.call("a reply", sending).await?;
        Some(sent.map(drop))
    }
}

/// Who asked has lost its link, and the place for replies with it; whether it asks again is its own affair.
fn is_gone(error: &Error) -> bool {
    error.kind() == ErrorKind::InvalidDestination
}
