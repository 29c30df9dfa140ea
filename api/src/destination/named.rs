use std::{fmt, str::FromStr};

use crate::{Address, Destination, DestinationKind, Error, ErrorKind, Result};

macro_rules! named_destination {
    ($(#[$doc:meta])* $name:ident, $scheme:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Address);

        impl $name {
            /// Names it; nothing is created at a broker yet. JMS: `Session.create…(name)`.
            ///
            /// # Errors
            /// [`ErrorKind::InvalidDestination`] when the name is empty, longer than 255 bytes or holds a control
            /// character. Whether the provider can represent it shows when it is first used.
            pub fn new(name: impl Into<String>) -> Result<Self> {
                Address::new(DestinationKind::$name, name).map(Self)
            }

            /// The name, provider-neutral.
            pub fn name(&self) -> &str {
                self.0.name()
            }

            /// The same with one more option, which tells the provider how to declare it.
            #[must_use]
            pub fn with_option(self, key: impl Into<String>, value: impl Into<String>) -> Self {
                Self(self.0.with_option(key, value))
            }
        }

        impl Destination for $name {
            fn address(&self) -> &Address {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self> {
                Self::try_from(text.parse::<Address>()?)
            }
        }

        impl TryFrom<Address> for $name {
            type Error = Error;

            fn try_from(address: Address) -> Result<Self> {
                if address.kind() == DestinationKind::$name {
                    Ok(Self(address))
                } else {
                    let problem = concat!("expected a ", $scheme);
                    Err(Error::new(ErrorKind::InvalidDestination, problem).with_resource(address))
                }
            }
        }

        impl From<$name> for Address {
            fn from(destination: $name) -> Self {
                destination.0
            }
        }
    };
}

named_destination! {
    /// A queue: each message goes to exactly one consumer. JMS: `Queue`.
    ///
    /// ```
    /// use anymq_api::Queue;
    ///
    /// let orders = Queue::new("orders")?;
    /// assert_eq!(orders.to_string(), "queue:orders");
    /// assert_eq!("queue:orders".parse::<Queue>()?, orders);
    /// # Ok::<(), anymq_api::Error>(())
    /// ```
    Queue, "queue"
}

named_destination! {
    /// A topic: each message goes to every subscription that exists when it is sent. JMS: `Topic`.
    ///
    /// ```
    /// use anymq_api::Topic;
    ///
    /// let prices = Topic::new("prices.eu")?;
    /// assert_eq!(prices.to_string(), "topic:prices.eu");
    /// # Ok::<(), anymq_api::Error>(())
    /// ```
    Topic, "topic"
}
