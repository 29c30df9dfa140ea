use std::sync::Arc;

use super::{Clock, SystemClock};
use crate::{ConnectOptions, ConnectionFactory, spi::Driver};

/// The choices of a connection factory.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FactoryOptions {
    /// What its connections choose unless told otherwise.
    pub connect: ConnectOptions,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How many events an [`Events`](crate::Events) stream holds before it drops the oldest; 256 by default.
    pub event_capacity: usize,
}

impl Default for FactoryOptions {
    fn default() -> Self {
        Self {
            connect: ConnectOptions::default(),
            clock: Arc::new(SystemClock),
            event_capacity: 256,
        }
    }
}

/// Makes a connection factory over a driver.
pub fn factory(driver: Arc<dyn Driver>, options: FactoryOptions) -> Arc<dyn ConnectionFactory> {
    let _ = (driver, options);
    unimplemented!("being built")
}
