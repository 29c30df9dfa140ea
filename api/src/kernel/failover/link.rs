//! How the link is, for those who wait for it.

use crate::Error;

#[derive(Clone, Debug)]
pub(super) enum Status {
    /// This generation is up.
    Up(u32),
    Down,
    /// There will be no link any more: closed, or given up for this reason.
    Over(Option<Error>),
}

impl Status {
    /// Why there will be no link.
    pub(super) fn end(reason: Option<&Error>) -> Error {
        reason.cloned().unwrap_or_else(|| Error::closed("connection"))
    }
}
