//! What TLS refuses.

use std::io;

use anymq_api::Error;

use crate::error::PROVIDER;

/// What the error of a socket tells of it.
pub(super) fn of_io(error: &io::Error) -> Option<Error> {
    anymq_tls::refusal(error).map(|error| error.with_provider(PROVIDER))
}
