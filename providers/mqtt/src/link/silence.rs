//! Whether the broker is still there.
//!
//! rumqttc looks for that, too, but what it asks at one keep-alive it misses at the next, it does not look at all while it
//! writes, and none of its keep-alives is shorter than 5 seconds.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use super::{NOTHING, Shared};
use crate::{
    error::lost,
    wire::{Event, Failure, Request},
};

/// How long nothing may be read and nothing be written, where there is something to write.
const STANDSTILL: Duration = Duration::from_secs(60);

/// What happens on a link, counted.
#[derive(Debug, Default)]
pub(super) struct Life {
    heard: AtomicU64,
    said: AtomicU64,
}

impl Life {
    pub(super) fn note(&self, event: &Event) {
        let count = match event {
            Event::Message(_) | Event::Answered(_) | Event::Heard => &self.heard,
            Event::Written(..) | Event::Acknowledged | Event::Disconnected | Event::Said => &self.said,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    fn now(&self) -> (u64, u64) {
        (self.heard.load(Ordering::Relaxed), self.said.load(Ordering::Relaxed))
    }
}

/// Done when the broker has said nothing for up to half a keep-alive, was asked then, and has not answered for a whole one; or
/// when nothing moves that is to be written.
pub(super) async fn silence(shared: &Shared) -> Failure {
    let step = shared.keep_alive / 4;
    let (mut heard, mut said) = shared.life.now();
    let (mut asked_for, mut still) = (None, Duration::ZERO);
    loop {
        tokio::time::sleep(step).await;
        let now = shared.life.now();
        if now.0 != heard {
            (heard, said) = now;
            (asked_for, still) = (None, Duration::ZERO);
            continue;
        }
        still = if now.1 == said { still + step } else { Duration::ZERO };
        said = now.1;
        match &mut asked_for {
            None => {
                ask(shared);
                asked_for = Some(Duration::ZERO);
            }
            // The question waits behind what is being written.
            Some(_) if shared.has_unwritten() => {
                if still >= STANDSTILL {
                    return Failure::from(lost("the broker reads nothing"));
                }
            }
            Some(waited) => {
                *waited += step;
                if *waited >= shared.keep_alive {
                    return Failure::from(lost("the broker is silent"));
                }
            }
        }
    }
}

/// Anything that is answered.
fn ask(shared: &Shared) {
    let filter = NOTHING.to_owned();
    shared.submit(Request::Unsubscribe { filter }, Box::new(drop));
}
