//! Convenience over the traits: blanket extensions that work on `dyn` too.

mod confirmation;
mod consumer;
mod producer;
mod session;

pub use confirmation::Confirmation;
pub use consumer::{ConsumerExt, ListenerOutcome, Messages};
pub use producer::ProducerExt;
pub use session::SessionExt;
