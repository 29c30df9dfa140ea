use std::fmt::Debug;

use crate::Address;

/// Anything that names a destination: [`Queue`](crate::Queue), [`Topic`](crate::Topic),
/// [`TemporaryQueue`](crate::TemporaryQueue), [`TemporaryTopic`](crate::TemporaryTopic), or an
/// [`Address`] that came with a message. JMS: `Destination`.
pub trait Destination: Debug + Send + Sync {
    /// Kind, name and options.
    fn address(&self) -> &Address;
}
