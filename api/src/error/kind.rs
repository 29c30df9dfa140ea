use crate::Capability;

/// What went wrong, in classes an application can act on.
///
/// There is one class for each JMS exception that keeps a meaning in Rust, and a few that JMS lacks. What the type
/// system rules out (`MessageNotReadableException`, `MessageNotWriteableException`) has no class.
///
/// Source: Jakarta Messaging 3.1, section 10.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The object is closed, or the call is not allowed in its present state. JMS: `IllegalStateException`.
    #[error("illegal state")]
    IllegalState,
    /// The destination does not exist any more, or its name cannot be represented. JMS: `InvalidDestinationException`.
    #[error("invalid destination")]
    InvalidDestination,
    /// The selector's text is not a valid condition. JMS: `InvalidSelectorException`.
    #[error("invalid selector")]
    InvalidSelector,
    /// The client identifier is unacceptable or in use. JMS: `InvalidClientIDException`.
    #[error("invalid client id")]
    InvalidClientId,
    /// Credentials or permissions were refused. JMS: `JMSSecurityException`.
    #[error("access refused")]
    Security,
    /// A value cannot be converted, or a message cannot be represented. JMS: `MessageFormatException`.
    #[error("message format")]
    MessageFormat,
    /// A reader reached the end of the body. JMS: `MessageEOFException`.
    #[error("end of message")]
    MessageEof,
    /// A text does not parse as the number asked for. JMS: `NumberFormatException`.
    #[error("number format")]
    NumberFormat,
    /// An argument is outside its domain. JMS: `IllegalArgumentException`.
    #[error("invalid argument")]
    InvalidArgument,
    /// The wrong form of a call, for example a destination given to an identified producer.
    /// JMS: `UnsupportedOperationException`.
    #[error("unsupported operation")]
    UnsupportedOperation,
    /// The provider ran out of a resource or a limit was reached. JMS: `ResourceAllocationException`.
    #[error("resource allocation")]
    ResourceAllocation,
    /// Not possible while a transaction is open. JMS: `TransactionInProgressException`.
    #[error("transaction in progress")]
    TransactionInProgress,
    /// The transaction was rolled back instead of committed. JMS: `TransactionRolledBackException`.
    #[error("transaction rolled back")]
    TransactionRolledBack,
    /// The outcome of a commit is unknown.
    #[error("transaction in doubt")]
    TransactionInDoubt,
    /// The provider does not offer this capability, and says so instead of pretending.
    #[error("capability `{capability}` is not supported")]
    Unsupported {
        /// What was asked for.
        capability: Capability,
    },
    /// The link to the broker is gone.
    #[error("connection lost")]
    ConnectionLost,
    /// The operation took longer than it was allowed to.
    #[error("timed out")]
    Timeout,
    /// A URL, an option or a configuration file is wrong.
    #[error("configuration")]
    Configuration,
    /// Anything else; the source tells more. JMS: plain `JMSException`.
    #[error("provider error")]
    Other,
}

/// Whether doing it again can help, and what it can cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Retry {
    /// The same call would fail again.
    #[default]
    Never,
    /// Nothing happened; the call may be repeated.
    Safe,
    /// It may have happened; repeating it can duplicate a message.
    MayDuplicate,
}
