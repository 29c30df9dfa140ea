mod inbound;
mod ledger;
mod parking;
mod windows;

pub(crate) use ledger::Unsettled;

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Weak},
};

use anymq_api::{
    Error, Result,
    spi::{Delivery, DeliverySink, Done, DriverSubscription, SubscribeSpec, Unsettled as TakenBack},
};
use anymq_wire::Local;
use parking_lot::Mutex;

use self::{ledger::Ledger, windows::Windows};
use crate::{
    codec,
    frame::{Command, Frame},
    link::Link,
};

/// A consumer at the broker: one subscription there, or several that share a queue.
pub(crate) struct Subscription {
    link: Arc<Link>,
    spec: SubscribeSpec,
    /// Of a queue, in the broker's words.
    selector: Option<String>,
    /// Nothing needs more than the credit.
    settles_promptly: bool,
    /// Whose messages it takes for its own.
    local: Option<Local>,
    state: Mutex<State>,
    /// Itself, for the windows that it opens later.
    this: Weak<Self>,
}

struct State {
    /// Gone when nothing is to be pushed any more.
    sink: Option<Arc<dyn DeliverySink>>,
    credit: u32,
    /// Delivered and beyond the credit.
    waiting: VecDeque<Delivery>,
    ledger: Ledger,
    windows: Windows,
    /// It is closed, and lives at the broker as long as something is held.
    is_closed: bool,
    /// Something may still be on its way that the broker sent before it was closed.
    is_parking: bool,
    /// Something was sent back.
    has_returned: bool,
}

impl State {
    /// Nothing is pushed any more, and what was not goes back. The sink is to be dropped without the lock: it belongs to
    /// somebody else.
    fn stop(&mut self) -> Option<Arc<dyn DeliverySink>> {
        self.credit = 0;
        self.is_closed = true;
        for delivery in self.waiting.drain(..) {
            self.ledger.give_back(delivery.token.tag);
        }
        self.sink.take()
    }

    /// The broker knows nothing of it any more.
    fn forget(&mut self) {
        self.ledger.take_all();
        self.windows.take(std::iter::empty());
        self.is_parking = false;
    }
}

impl Subscription {
    /// Asks the broker for it. Dropping the future ends it.
    pub(crate) async fn open(
        link: &Arc<Link>,
        spec: SubscribeSpec,
        settles_promptly: bool,
        sink: Arc<dyn DeliverySink>,
    ) -> Result<Arc<Self>> {
        let dialect = link.dialect();
        let selector = spec.selector.as_deref().filter(|_| spec.destination.kind().is_queue());
        let selector = selector.map(|text| dialect.selector(text)).transpose()?;
        let first = dialect.first_window(&spec);
        let subscription = Arc::new_cyclic(|this| Self {
            link: Arc::clone(link),
            local: Local::of(&spec, link.origin()),
            spec,
            selector,
            settles_promptly,
            state: Mutex::new(State {
                sink: Some(sink),
                credit: 0,
                waiting: VecDeque::new(),
                ledger: Ledger::default(),
                windows: Windows::default(),
                is_closed: false,
                is_parking: false,
                has_returned: false,
            }),
            this: Weak::clone(this),
        });
        let guard = AbandonOnDrop(&subscription);
        let opened = subscription.open_window(&mut subscription.state.lock(), first);
        opened.await?;
        std::mem::forget(guard);
        Ok(subscription)
    }

    /// Has the broker send so many more before it hears of any.
    fn open_window(&self, state: &mut State, size: u32) -> Done<()> {
        let id = self.link.new_id();
        let Some(this) = self.this.upgrade() else {
            return Done::ready(Err(Error::closed("consumer")));
        };
        self.link.register(id, this);
        state.windows.add(id, size);
        let dialect = self.link.dialect();
        let mut frame = Frame::new(Command::Subscribe)
            .with_header("id", id.to_string())
            .with_header("destination", self.link.names().destination(&self.spec.destination))
            .with_header("ack", "client-individual");
        if let Some(selector) = &self.selector {
            frame.headers.push("selector", selector.as_str());
        }
        if self.link.names().java_maps() {
            frame.headers.push(codec::TRANSFORMATION, codec::READABLE);
        }
        dialect.subscribe_headers(&self.spec, size, &mut frame.headers);
        self.link.ask(&frame)
    }

    /// The window is used up by what the application has: another one is opened beside it.
    fn widen(&self, state: &mut State) {
        if self.settles_promptly || !self.spec.destination.kind().is_queue() || state.is_closed {
            return;
        }
        let needed = u64::from(state.credit) + state.ledger.outstanding() as u64 - state.waiting.len() as u64;
        let Some(lacking) = needed.checked_sub(state.windows.size()).filter(|&lacking| lacking > 0) else {
            return;
        };
        let size = state.windows.next_size(lacking);
        // What is wrong with it the first one would have shown.
        drop(self.open_window(state, size));
    }

    /// Over which it came to be.
    pub(crate) fn link(&self) -> &Arc<Link> {
        &self.link
    }

    /// Takes out a delivery to settle it.
    pub(crate) fn take(&self, tag: u64) -> Option<Unsettled> {
        let mut state = self.state.lock();
        let unsettled = state.ledger.take(tag)?;
        state.windows.settle(unsettled.window);
        Some(unsettled)
    }

    /// A delivery that is held.
    pub(crate) fn held(&self, tag: u64) -> Option<Unsettled> {
        self.state.lock().ledger.get(tag).cloned()
    }

    /// A delivery is to go back: at once where the broker takes one alone, or else with all.
    pub(crate) fn give_back(&self, tag: u64) {
        if !self.link.dialect().requeues() {
            self.state.lock().ledger.give_back(tag);
            return;
        }
        if let Some(unsettled) = self.take(tag) {
            self.link.tell(&self.link.settlement(Command::Nack, &unsettled, None));
        }
    }

    /// A delivery is to go back with all that are left, and not before.
    pub(crate) fn keep_back(&self, tag: u64) {
        self.state.lock().ledger.give_back(tag);
    }

    /// What was held may have been the last of it.
    pub(crate) fn tidy(&self) {
        let mut state = self.state.lock();
        if state.is_closed && !state.is_parking && state.ledger.held() == 0 {
            drop(self.end(&mut state));
        }
    }

    /// Whether nothing is left of it.
    pub(crate) fn is_over(&self) -> bool {
        let state = self.state.lock();
        state.is_closed && state.windows.size() == 0
    }

    /// Ends what there is at the broker, with all that is not settled.
    fn end(&self, state: &mut State) -> Done<()> {
        let windows = state.windows.take(state.ledger.windows());
        let requeues = self.link.dialect().requeues();
        for unsettled in state.ledger.take_all().iter().filter(|_| requeues) {
            self.link.tell(&self.link.settlement(Command::Nack, unsettled, None));
        }
        let mut last = Done::ok();
        for id in windows {
            self.link.forget(id);
            last = self
                .link
                .ask(&Frame::new(Command::Unsubscribe).with_header("id", id.to_string()));
        }
        last
    }

    /// The session ends: what is held goes back.
    pub(crate) fn release(&self) -> Done<()> {
        let mut state = self.state.lock();
        let sink = state.stop();
        let done = self.end(&mut state);
        drop(state);
        drop(sink);
        done
    }

    /// The same, when everything goes back by itself.
    pub(crate) fn stop(&self) {
        let mut state = self.state.lock();
        let sink = state.stop();
        state.forget();
        drop(state);
        drop(sink);
    }

    /// The broker took it all back, for this reason.
    pub(crate) fn end_with_link(&self, error: &Error) {
        let mut state = self.state.lock();
        let sink = state.stop();
        state.forget();
        drop(state);
        if let Some(sink) = sink {
            sink.ended(error.clone(), TakenBack::TakenBack);
        }
    }
}

impl DriverSubscription for Subscription {
    fn grant_credit(&self, credit: u32) {
        let mut state = self.state.lock();
        state.credit = state.credit.saturating_add(credit);
        while state.credit > 0
            && let Some(sink) = state.sink.clone()
            && let Some(delivery) = state.waiting.pop_front()
        {
            sink.push(delivery);
            state.credit -= 1;
        }
        self.widen(&mut state);
    }

    fn stop_delivery(&self) -> Done<()> {
        self.state.lock().credit = 0;
        Done::ok()
    }

    fn close(&self) -> Done<()> {
        let mut state = self.state.lock();
        let sink = state.stop();
        let done = if let Some(place) = self.parking() {
            self.park(&mut state, place)
        } else if state.ledger.held() == 0 {
            self.end(&mut state)
        } else {
            Done::ok()
        };
        drop(state);
        drop(sink);
        done
    }

    fn abandon(&self) {
        drop(self.close());
    }
}

/// Ends a subscription that nobody waits for any more.
struct AbandonOnDrop<'a>(&'a Subscription);

impl Drop for AbandonOnDrop<'_> {
    fn drop(&mut self) {
        drop(self.0.release());
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("destination", &self.spec.destination)
            .finish_non_exhaustive()
    }
}
