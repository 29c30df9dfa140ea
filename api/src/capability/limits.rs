/// Numeric limits of a connection or a destination; `None` means no limit that the provider knows of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most deliveries one consumer may have received and not settled. Beyond it `receive` fails with
    /// [`ErrorKind::ResourceAllocation`](crate::ErrorKind::ResourceAllocation).
    pub max_unsettled: Option<u32>,
    /// The largest message, in bytes, body and headers together, as [`Message::size`](crate::Message::size) counts them.
    /// Sending a larger one fails with [`ErrorKind::ResourceAllocation`](crate::ErrorKind::ResourceAllocation) before
    /// anything is submitted; a broker that counts otherwise may refuse a little less than this by itself.
    pub max_message_size: Option<u64>,
    /// The longest destination name, in bytes.
    pub max_name_length: Option<u32>,
    /// The longest property name, in bytes.
    pub max_property_name_length: Option<u32>,
    /// How many priorities the broker tells apart.
    pub priority_levels: Option<u8>,
}

impl Limits {
    /// No limits.
    pub const fn none() -> Self {
        Self {
            max_unsettled: None,
            max_message_size: None,
            max_name_length: None,
            max_property_name_length: None,
            priority_levels: None,
        }
    }
}
