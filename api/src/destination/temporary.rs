use std::{fmt, sync::Arc};

use async_trait::async_trait;

use crate::{Address, Destination, Result};

/// How a temporary destination reaches the connection that owns it. Implemented by whatever creates them.
#[async_trait]
pub trait TemporaryDestination: Send + Sync {
    /// Deletes the temporary destination.
    ///
    /// # Errors
    /// As [`TemporaryQueue::delete`].
    async fn delete(&self, address: &Address) -> Result<()>;
}

macro_rules! temporary_destination {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            address: Address,
            owner: Arc<dyn TemporaryDestination>,
        }

        impl $name {
            /// Made by implementors of [`Session`](crate::Session); applications get theirs from a session.
            pub fn new(address: Address, owner: Arc<dyn TemporaryDestination>) -> Self {
                Self { address, owner }
            }

            /// Deletes it and what it holds; dropping the value does not.
            ///
            /// # Errors
            /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) while a consumer of it is open (it goes on
            /// working) or when its connection is closed;
            /// [`ErrorKind::InvalidDestination`](crate::ErrorKind::InvalidDestination) when it was deleted before.
            ///
            /// # Cancel safety
            /// Once submitted the deletion runs to its end; dropping the future gives up waiting for it only.
            pub async fn delete(&self) -> Result<()> {
                self.owner.delete(&self.address).await
            }
        }

        impl Destination for $name {
            fn address(&self) -> &Address {
                &self.address
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.address).finish()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.address.fmt(f)
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.address == other.address
            }
        }

        impl Eq for $name {}
    };
}

temporary_destination! {
    /// A queue that only its own connection may consume from, and that ends with it. JMS: `TemporaryQueue`.
    TemporaryQueue
}

temporary_destination! {
    /// A topic that only its own connection may consume from, and that ends with it. JMS: `TemporaryTopic`.
    TemporaryTopic
}
