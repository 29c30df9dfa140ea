//! Where the errors of MQTT become anymq's, once.

use anymq_api::{Error, ErrorKind, Retry};

/// The provider's name, in errors and elsewhere.
pub(crate) const PROVIDER: &str = "mqtt";

/// An error of this provider.
pub(crate) fn error(kind: ErrorKind, detail: impl Into<String>) -> Error {
    Error::new(kind, detail).with_provider(PROVIDER)
}

/// The link is gone.
pub(crate) fn lost(detail: impl Into<String>) -> Error {
    error(ErrorKind::ConnectionLost, detail).with_retry(Retry::Safe)
}

/// The broker answers a request with a reason that is none of success.
pub(crate) fn refused(reason: &str) -> Error {
    let kind = match reason {
        "NotAuthorized" | "BadUserNamePassword" | "Banned" | "BadAuthenticationMethod" => ErrorKind::Security,
        "QuotaExceeded" | "PacketTooLarge" => ErrorKind::ResourceAllocation,
        "TopicNameInvalid" | "TopicFilterInvalid" => ErrorKind::InvalidDestination,
        "PayloadFormatInvalid" => ErrorKind::MessageFormat,
        _ => ErrorKind::Other,
    };
    error(kind, format!("the broker refuses it: {reason}")).with_code(reason)
}
