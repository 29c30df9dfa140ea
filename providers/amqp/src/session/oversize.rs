//! What the broker says when a message is larger than it takes.

use anymq_api::{Error, ErrorKind};

/// How many bytes a body may have, where that is why the broker ended the channel. It names no message.
///
/// Source: `message size ~B is larger than configured max size ~B` in `rabbit_channel.erl`, from 3.8 on.
pub(super) fn limit(failure: &Error) -> Option<usize> {
    let text = failure.detail();
    if failure.kind() != ErrorKind::ResourceAllocation || !text.contains("message size") {
        return None;
    }
    text.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_the_last_number() {
        let limit_of = |kind, text: &str| limit(&Error::new(kind, text));
        let text = "PRECONDITION_FAILED - message size 200000 is larger than configured max size 100000";
        assert_eq!(limit_of(ErrorKind::ResourceAllocation, text), Some(100_000));
        assert_eq!(limit_of(ErrorKind::Other, text), None);
        for other in ["PRECONDITION_FAILED - message size", "the broker did not take 7", ""] {
            assert_eq!(limit_of(ErrorKind::ResourceAllocation, other), None, "{other}");
        }
    }
}
