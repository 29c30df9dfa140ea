use anymq_api::Error;

use super::Dialect;
use crate::frame::Frame;

/// A broker of which nothing is known but that it speaks STOMP.
#[derive(Debug)]
pub(super) struct Generic;

impl Dialect for Generic {
    fn name(&self) -> &'static str {
        "generic"
    }

    fn serves(&self, _server: &str) -> bool {
        false
    }

    fn refusal(&self, _frame: &Frame) -> Option<Error> {
        None
    }

    /// As the specification has it.
    fn errors_end_links(&self) -> bool {
        true
    }
}
