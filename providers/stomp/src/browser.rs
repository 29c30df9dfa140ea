use std::sync::Arc;

use anymq_api::{
    Address, Envelope, Error, Result,
    spi::{BrowseSpec, DriverBrowser},
};
use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::{
    codec,
    frame::{Command, Frame},
    link::{Link, Recipient},
    subscription::Unsettled,
};

/// How many messages wait at the client at most.
const WINDOW: u32 = 100;

/// A scan: a subscription that is sent copies, and then is told that there are no more.
pub(crate) struct StompBrowser {
    link: Arc<Link>,
    id: u64,
    queue: Address,
    /// Ends with the link.
    frames: mpsc::UnboundedReceiver<Result<Frame>>,
    is_over: bool,
}

/// Where the one task that reads puts what comes; the broker sends no more than the window before it hears of any.
struct Inbox(mpsc::UnboundedSender<Result<Frame>>);

impl Recipient for Inbox {
    fn message(&self, frame: Frame) {
        // Whoever ended the scan does not want it.
        let _ = self.0.send(Ok(frame));
    }

    fn ended(&self, error: &Error) {
        let _ = self.0.send(Err(error.clone()));
    }
}

impl StompBrowser {
    /// Asks the broker for it. Dropping the future ends it.
    pub(crate) async fn open(link: &Arc<Link>, spec: BrowseSpec) -> Result<Self> {
        let dialect = link.dialect();
        let selector = spec
            .selector
            .as_deref()
            .map(|text| dialect.selector(text))
            .transpose()?;
        let (inbox, frames) = mpsc::unbounded_channel();
        let browser = Self {
            link: Arc::clone(link),
            id: link.new_id(),
            queue: spec.destination,
            frames,
            is_over: false,
        };
        link.register(browser.id, Arc::new(Inbox(inbox)));
        let mut frame = Frame::new(Command::Subscribe)
            .with_header("id", browser.id.to_string())
            .with_header("destination", link.names().destination(&browser.queue))
            .with_header("ack", "client-individual");
        if let Some(selector) = selector {
            frame.headers.push("selector", selector);
        }
        if link.names().java_maps() {
            frame.headers.push(codec::TRANSFORMATION, codec::READABLE);
        }
        dialect.browse_headers(WINDOW, &mut frame.headers);
        link.ask(&frame).await?;
        Ok(browser)
    }

    /// The broker may send another one; of a scan, this takes nothing away.
    fn make_room(&self, frame: &Frame, envelope: &Envelope) {
        let ack = frame.headers.find("ack").or_else(|| frame.headers.find("message-id"));
        let Some(ack) = ack.cloned() else { return };
        let seen = Unsettled {
            ack,
            window: self.id,
            envelope: envelope.clone(),
            count: 1,
        };
        self.link.tell(&self.link.settlement(Command::Ack, &seen, None));
    }
}

#[async_trait]
impl DriverBrowser for StompBrowser {
    async fn next(&mut self) -> Result<Option<Envelope>> {
        if self.is_over {
            return Ok(None);
        }
        let frame = match self.frames.recv().await {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => {
                self.is_over = true;
                return Err(error);
            }
            None => return Err(self.link.ended()),
        };
        if frame.headers.get("browser") == Some("end") {
            self.is_over = true;
            return Ok(None);
        }
        let envelope = codec::decode(&frame, &self.queue, self.link.names());
        self.make_room(&frame, &envelope);
        Ok(Some(envelope))
    }
}

impl Drop for StompBrowser {
    fn drop(&mut self) {
        self.link.forget(self.id);
        let frame = Frame::new(Command::Unsubscribe).with_header("id", self.id.to_string());
        drop(self.link.ask(&frame));
    }
}
