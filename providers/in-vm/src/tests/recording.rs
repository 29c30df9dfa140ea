use anymq_api::{
    Error,
    spi::{Delivery, DeliverySink, DriverEvent, EventSink, Unsettled},
};
use parking_lot::Mutex;

/// Keeps what is pushed.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    deliveries: Mutex<Vec<Delivery>>,
    ended: Mutex<Vec<Error>>,
}

impl Inbox {
    /// What came since it was last asked.
    pub(crate) fn take(&self) -> Vec<Delivery> {
        std::mem::take(&mut self.deliveries.lock())
    }

    pub(crate) fn ends(&self) -> Vec<Error> {
        self.ended.lock().clone()
    }
}

impl DeliverySink for Inbox {
    fn push(&self, delivery: Delivery) {
        self.deliveries.lock().push(delivery);
    }

    fn ended(&self, error: Error, _unsettled: Unsettled) {
        self.ended.lock().push(error);
    }
}

/// Keeps what is reported.
#[derive(Debug, Default)]
pub(crate) struct EventLog(pub(crate) Mutex<Vec<DriverEvent>>);

impl EventSink for EventLog {
    fn event(&self, event: DriverEvent) {
        self.0.lock().push(event);
    }
}
