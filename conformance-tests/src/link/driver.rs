use std::sync::{Arc, Weak};

use anymq_api::{
    ConnectOptions, Result,
    kernel::{FactoryOptions, factory},
    spi::{ConnectSpec, Driver, DriverConnection, EventSink},
};
use async_trait::async_trait;
use parking_lot::Mutex;

use super::{
    Direction, Link, Linked,
    connection::CuttableConnection,
    station::{self, Station},
    wire::Wire,
};
use crate::fault::{Links, Script};

/// A driver whose connections can be cut off from the broker, for brokers without a wire.
///
/// ```
/// use anymq_conformance::link::CuttableDriver;
/// use anymq_in_vm::InVmDriver;
///
/// let linked = CuttableDriver::new(InVmDriver::new("shop")).linked(Default::default());
/// linked.link.cut();
/// ```
#[derive(Debug)]
pub struct CuttableDriver {
    inner: Arc<dyn Driver>,
    wires: Wires,
    script: Option<Arc<Script>>,
}

impl CuttableDriver {
    /// Between the kernel and `driver`.
    pub fn new(driver: impl Driver + 'static) -> Self {
        Self {
            inner: Arc::new(driver),
            wires: Wires::default(),
            script: None,
        }
    }

    /// Lets the links follow a script.
    #[must_use]
    pub fn with_script(self, script: Arc<Script>) -> Self {
        Self {
            script: Some(script),
            ..self
        }
    }

    /// Connections by it, and their links.
    pub fn linked(self, options: ConnectOptions) -> Linked {
        let link = Arc::new(self.wires.clone());
        let options = FactoryOptions::new().with_connect(options);
        Linked {
            factory: factory(Arc::new(self), options),
            link,
        }
    }
}

#[async_trait]
impl Driver for CuttableDriver {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn version(&self) -> &'static str {
        self.inner.version()
    }

    async fn connect(&self, spec: ConnectSpec, events: Arc<dyn EventSink>) -> Result<Arc<dyn DriverConnection>> {
        if let Some(script) = &self.script {
            station::enter(script).await?;
        }
        let wires = self.wires.clone();
        let station = self.script.clone().map(|script| Station::new(script, wires));
        let wire = Wire::new(events, station);
        let inner = self.inner.connect(spec, Arc::clone(&wire) as _).await?;
        wire.attach(&inner);
        self.wires.add(&wire);
        Ok(Arc::new(CuttableConnection::new(inner, wire)))
    }
}

/// The links of all connections that live.
#[derive(Clone, Debug, Default)]
pub(super) struct Wires(Arc<Mutex<Vec<Weak<Wire>>>>);

impl Wires {
    fn add(&self, wire: &Arc<Wire>) {
        let mut wires = self.0.lock();
        wires.retain(|wire| wire.strong_count() > 0);
        wires.push(Arc::downgrade(wire));
    }

    fn live(&self) -> Vec<Arc<Wire>> {
        self.0.lock().iter().filter_map(Weak::upgrade).collect()
    }
}

impl Link for Wires {
    fn stall(&self, direction: Direction) {
        for wire in self.live() {
            wire.stall(direction);
        }
    }

    fn cut(&self) {
        for wire in self.live() {
            wire.cut();
        }
    }
}

impl Links for Wires {
    fn part(&self) -> Arc<dyn Link> {
        let parted = std::mem::take(&mut *self.0.lock());
        Arc::new(station::Parted::new(parted))
    }
}
