//! Where messages go: queues, topics and their temporary forms.

mod address;
mod named;
mod shared;
mod temporary;

pub use address::{Address, DestinationKind};
pub use named::{Queue, Topic};
pub use temporary::{TemporaryDestination, TemporaryQueue, TemporaryTopic};
