//! What the client library tells of a connection.

use std::sync::Weak;

use anymq_api::spi::DriverEvent;
use futures_util::{Stream, StreamExt as _};
use lapin::Event;
use tokio::sync::watch;

use super::{Link, refusals};

impl Link {
    fn on_event(&self, event: Event) {
        match event {
            Event::ConnectionBlocked(reason) => {
                self.blocked.send_replace(true);
                self.events.event(DriverEvent::Blocked { reason });
            }
            Event::ConnectionUnblocked => {
                self.blocked.send_replace(false);
                self.events.event(DriverEvent::Unblocked);
            }
            Event::Error(cause) if !self.is_up() => {
                self.error(cause);
            }
            // A channel's error; mostly it is told where the channel is used.
            Event::Error(cause) if !refusals::concerns_declaration(&cause) => self.note_refusal(cause),
            _ => {}
        }
    }
}

/// Ends with the link.
pub(super) async fn watch(
    link: Weak<Link>,
    events: impl Stream<Item = Event> + Send,
    mut alive: watch::Receiver<bool>,
) {
    let mut events = std::pin::pin!(events);
    loop {
        tokio::select! {
            event = events.next() => {
                let (Some(event), Some(link)) = (event, link.upgrade()) else { return };
                link.on_event(event);
            }
            changed = alive.changed() => if changed.is_err() { return },
        }
    }
}
