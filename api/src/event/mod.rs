//! What a connection tells without being asked, and what it answers about itself.

mod event;
mod events;
mod health;
mod metadata;

pub use event::Event;
pub(crate) use events::EventHub;
pub use events::Events;
pub use health::{DrainReport, Health};
pub use metadata::ConnectionMetaData;
