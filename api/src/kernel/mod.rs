//! Ring two: the one implementation of the traits, over the [`spi`](crate::spi).
//!
//! Its one door is [`factory`]: a driver and the choices of its connections go in, a
//! [`ConnectionFactory`](crate::ConnectionFactory) comes out. The clock enters there too.

mod clock;
mod factory;

pub use clock::{Clock, SystemClock};
pub use factory::{FactoryOptions, factory};
