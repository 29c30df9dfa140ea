//! The one error type, its classes and its retry advice.

mod excerpt;
mod kind;

pub use excerpt::excerpt;
pub(crate) use excerpt::excerpt_of;
pub use kind::{ErrorKind, Retry};

use std::{error::Error as StdError, fmt, sync::Arc};

use crate::{Capability, MessageId};

/// Room for the path of a file, and a place in it.
const LONGEST_RESOURCE: usize = 400;

/// A boxed error of any origin, as listeners and drivers return them.
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// The result of nearly every call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error with its class, the operation and resource it concerns, retry advice, and the cause.
///
/// Cheap to clone: one lost link fails many waiters. Its text never holds a credential. [`source`](StdError::source)
/// gives the client library's own error, so it can be downcast.
///
/// ```
/// use anymq_api::{Error, ErrorKind, Retry};
///
/// let error = Error::new(ErrorKind::ConnectionLost, "peer closed the socket")
///     .with_operation("send")
///     .with_resource("queue:orders")
///     .with_retry(Retry::MayDuplicate);
/// assert_eq!(error.kind(), ErrorKind::ConnectionLost);
/// assert_eq!(error.to_string(), "send queue:orders: connection lost: peer closed the socket");
/// ```
///
/// `{:?}` gives the text and, each on a line of its own, the causes that it does not tell yet; so `main` may return
/// `anymq::Result<()>`. `{:#?}` gives the fields.
///
/// ```
/// use anymq_api::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::ConnectionLost, "the link broke").with_source(std::io::Error::other("reset"));
/// assert_eq!(format!("{error:?}"), "connection lost: the link broke\n  caused by: reset");
/// assert!(format!("{error:#?}").contains("kind: ConnectionLost"));
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    detail: String,
    operation: Option<&'static str>,
    provider: Option<&'static str>,
    resource: Option<String>,
    code: Option<String>,
    retry: Retry,
    message_id: Option<MessageId>,
    source: Option<Arc<dyn StdError + Send + Sync + 'static>>,
}

impl Error {
    /// An error of `kind`; `detail` says what happened, for people.
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            detail: detail.into(),
            operation: None,
            provider: None,
            resource: None,
            code: None,
            retry: Retry::Never,
            message_id: None,
            source: None,
        }))
    }

    /// The refusal of a capability that the provider does not declare.
    pub fn unsupported(capability: Capability) -> Self {
        Self::new(ErrorKind::Unsupported { capability }, capability.describe())
    }

    /// The answer of every call on a closed object.
    pub fn closed(what: &str) -> Self {
        Self::new(ErrorKind::IllegalState, format!("the {what} is closed"))
    }

    /// Names the operation, unless a deeper layer already did.
    #[must_use]
    pub fn with_operation(mut self, operation: &'static str) -> Self {
        Arc::make_mut(&mut self.0).operation.get_or_insert(operation);
        self
    }

    /// Names the provider, unless a deeper layer already did.
    #[must_use]
    pub fn with_provider(mut self, provider: &'static str) -> Self {
        Arc::make_mut(&mut self.0).provider.get_or_insert(provider);
        self
    }

    /// Names the resource (a destination, a subscription, a host), unless a deeper layer already did. Control
    /// characters are escaped, and what is longer than 400 characters is cut.
    #[must_use]
    pub fn with_resource(mut self, resource: impl fmt::Display) -> Self {
        Arc::make_mut(&mut self.0)
            .resource
            .get_or_insert_with(|| excerpt_of(&resource.to_string(), LONGEST_RESOURCE));
        self
    }

    /// Adds the provider's own error code. JMS: `JMSException.getErrorCode`.
    #[must_use]
    pub fn with_code(mut self, code: impl fmt::Display) -> Self {
        Arc::make_mut(&mut self.0).code = Some(code.to_string());
        self
    }

    /// Sets the retry advice.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        Arc::make_mut(&mut self.0).retry = retry;
        self
    }

    /// Adds the id of the message whose fate is unknown or which failed.
    #[must_use]
    pub fn with_message_id(mut self, id: MessageId) -> Self {
        Arc::make_mut(&mut self.0).message_id = Some(id);
        self
    }

    /// Adds the cause. Its text must not hold a credential.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        Arc::make_mut(&mut self.0).source = Some(Arc::from(source.into()));
        self
    }

    /// The class.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The text for people, without class and resource.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The operation that failed, for example `send`.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The provider that reported it.
    pub fn provider(&self) -> Option<&'static str> {
        self.0.provider
    }

    /// The destination, subscription or host it concerns.
    pub fn resource(&self) -> Option<&str> {
        self.0.resource.as_deref()
    }

    /// The provider's own code, for example `404`. JMS: `JMSException.getErrorCode`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Whether to try again.
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// The message it concerns, where one was stamped already.
    pub fn message_id(&self) -> Option<&MessageId> {
        self.0.message_id.as_ref()
    }

    /// The capability that was refused, when it is a refusal.
    pub fn capability(&self) -> Option<Capability> {
        match self.0.kind {
            ErrorKind::Unsupported { capability } => Some(capability),
            _ => None,
        }
    }
}

impl Error {
    /// A cause that ends the text before it is not told twice.
    fn write_with_causes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = self.to_string();
        f.write_str(&told)?;
        let mut next = self.source();
        while let Some(cause) = next {
            let text = cause.to_string();
            if !told.ends_with(&text) {
                write!(f, "\n  caused by: {text}")?;
                told = text;
            }
            next = cause.source();
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.operation, &self.0.resource) {
            (Some(operation), Some(resource)) => write!(f, "{operation} {resource}: ")?,
            (Some(operation), None) => write!(f, "{operation}: ")?,
            (None, Some(resource)) => write!(f, "{resource}: ")?,
            (None, None) => {}
        }
        write!(f, "{}", self.0.kind)?;
        if !self.0.detail.is_empty() {
            write!(f, ": {}", self.0.detail)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return self.write_with_causes(f);
        }
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("detail", &inner.detail)
            .field("operation", &inner.operation)
            .field("provider", &inner.provider)
            .field("resource", &inner.resource)
            .field("code", &inner.code)
            .field("retry", &inner.retry)
            .field("message_id", &inner.message_id)
            .field("source", &inner.source)
            .finish()
    }
}

impl StdError for Error {
    // Written by hand: a derived `source` over the `Arc` would show the `Arc`, and no downcast would reach the cause.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind, "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_can_be_downcast() {
        let cause = std::io::Error::other("disk");
        let error = Error::new(ErrorKind::Other, "").with_source(cause);
        let source = error.source().and_then(|s| s.downcast_ref::<std::io::Error>());
        assert!(source.is_some());
    }

    #[test]
    fn the_deepest_layer_names_operation_and_resource() {
        let error = Error::from(ErrorKind::Timeout)
            .with_operation("confirm")
            .with_operation("send")
            .with_resource("queue:a")
            .with_resource("queue:b");
        assert_eq!(error.operation(), Some("confirm"));
        assert_eq!(error.resource(), Some("queue:a"));
    }

    #[test]
    fn debug_tells_the_text_and_every_cause_once() {
        let inner = Error::new(ErrorKind::Timeout, "").with_source(std::io::Error::other("timed out"));
        let error = Error::new(ErrorKind::ConnectionLost, "gone").with_source(inner);
        assert_eq!(format!("{error:?}"), "connection lost: gone\n  caused by: timed out");
        assert_eq!(format!("{:?}", Error::from(ErrorKind::Timeout)), "timed out");
        let fields = format!("{error:#?}");
        assert!(
            fields.starts_with("Error {\n") && fields.contains("retry: Never"),
            "{fields}"
        );
    }

    #[test]
    fn a_resource_is_shown_bounded_and_without_control_characters() {
        let error = Error::from(ErrorKind::Other).with_resource(format!("a\n{}", "x".repeat(1_000_000)));
        let resource = error.resource().unwrap();
        assert!(resource.starts_with("a\\nxx") && resource.len() < 500, "{resource}");
    }

    #[test]
    fn it_is_one_pointer_wide() {
        assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
    }
}
