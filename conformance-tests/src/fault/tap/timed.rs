//! A driver whose connecting and whose losses are noted.

use std::sync::Arc;

use anymq_api::{
    Result,
    spi::{ConnectSpec, Driver, DriverConnection, DriverEvent, EventSink},
};
use async_trait::async_trait;

use crate::fault::Script;

/// Notes in a script's timeline when links are made and when they are known to be lost.
#[derive(Debug)]
pub(in crate::fault) struct TimedDriver {
    inner: Arc<dyn Driver>,
    script: Arc<Script>,
}

impl TimedDriver {
    pub(in crate::fault) fn new(inner: Arc<dyn Driver>, script: Arc<Script>) -> Self {
        Self { inner, script }
    }
}

#[async_trait]
impl Driver for TimedDriver {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn version(&self) -> &'static str {
        self.inner.version()
    }

    fn target(&self) -> Option<String> {
        self.inner.target()
    }

    async fn connect(&self, spec: ConnectSpec, events: Arc<dyn EventSink>) -> Result<Arc<dyn DriverConnection>> {
        let target = self.target().unwrap_or_default();
        let begin = tokio::time::Instant::now();
        let script = Arc::clone(&self.script);
        let outcome = self.inner.connect(spec, Arc::new(TimedSink { events, script })).await;
        let ended = match &outcome {
            Ok(_) => "made".to_owned(),
            Err(error) => format!("not made: {error}"),
        };
        let took = begin.elapsed();
        self.script
            .note(format!("driver: link to {target} {ended}, after {took:.1?}"));
        outcome
    }
}

struct TimedSink {
    events: Arc<dyn EventSink>,
    script: Arc<Script>,
}

impl EventSink for TimedSink {
    fn event(&self, event: DriverEvent) {
        match &event {
            DriverEvent::LinkLost { error, .. } => self.script.note(format!("driver: link lost: {error}")),
            DriverEvent::Blocked { .. } => self.script.note("driver: blocked"),
            DriverEvent::Unblocked => self.script.note("driver: unblocked"),
            _ => {}
        }
        self.events.event(event);
    }
}
