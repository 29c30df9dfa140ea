//! Convenience over the traits: blanket extensions that work on `dyn` too.

mod consumer;
mod producer;
mod session;

pub use consumer::{ConsumerExt, Messages};
pub use producer::ProducerExt;
pub use session::SessionExt;
