//! Links of memory that follow a script.

use std::{
    fmt,
    sync::{Arc, Weak},
};

use anymq_api::{Result, Retry};
use tokio::runtime::Handle;

use super::{
    Direction, Link,
    driver::Wires,
    wire::{Wire, lost},
};
use crate::fault::{Door, Fault, Point, Script};

/// Where a link meets its script.
pub(super) struct Station {
    script: Arc<Script>,
    /// All that the script strikes.
    wires: Wires,
}

impl Station {
    pub(super) fn new(script: Arc<Script>, wires: Wires) -> Self {
        Self { script, wires }
    }

    pub(super) fn fault(&self, point: Point) -> Option<Fault> {
        self.script.passes(point)
    }

    pub(super) fn strike(&self, fault: Fault) {
        self.script.strike(fault, &self.wires);
    }
}

impl fmt::Debug for Station {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Station").finish_non_exhaustive()
    }
}

/// What a new connection finds.
pub(super) async fn enter(script: &Script) -> Result<()> {
    match script.door() {
        Door::Open => {
            script.connected();
            return Ok(());
        }
        Door::Shut => {}
        Door::Mute(until) => tokio::time::sleep_until(until).await,
    }
    Err(lost(Retry::Safe))
}

/// The links of one time between two outages.
#[derive(Debug)]
pub(super) struct Parted {
    wires: Vec<Weak<Wire>>,
}

impl Parted {
    pub(super) fn new(wires: Vec<Weak<Wire>>) -> Self {
        Self { wires }
    }

    fn live(&self) -> impl Iterator<Item = Arc<Wire>> {
        self.wires.iter().filter_map(Weak::upgrade)
    }
}

impl Link for Parted {
    fn stall(&self, direction: Direction) {
        self.live().for_each(|wire| wire.stall(direction));
    }

    /// Nothing passes any more when this returns. Who is told is told elsewhere: this may be called in the middle of
    /// what the broker does.
    fn cut(&self) {
        let severed: Vec<_> = self.live().filter(|wire| wire.sever()).collect();
        let tell = move || severed.iter().for_each(|wire| wire.tell());
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move { tell() })),
            Err(_) => tell(),
        }
    }
}
