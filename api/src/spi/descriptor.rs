/// What a durable subscription was made with, for brokers that cannot tell it themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionDescriptor {
    /// Client identifier (or nothing) and subscription name, joined by the kernel.
    pub key: String,
    /// The topic's name.
    pub topic: String,
    /// The selector's text, if any.
    pub selector: Option<String>,
    /// Whether the own publications are left out.
    pub no_local: bool,
    /// Whether several consumers may share it.
    pub shared: bool,
}
