//! What a connection tells without being asked, and what it answers about itself.

mod events;
mod health;
mod kind;
mod metadata;

pub(crate) use events::EventHub;
pub use events::Events;
pub use health::{DrainReport, Health};
pub use kind::Event;
pub use metadata::ConnectionMetaData;
