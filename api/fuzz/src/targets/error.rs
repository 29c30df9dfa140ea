use anymq_api::{Error, ErrorKind};

/// What must not be shown.
pub(super) const SECRET: &str = "hUNter2~zwiebel";

/// 400 characters of a resource, each escaped, and a sentence.
const LONGEST: usize = 6000;

/// What every error promises: a class that the call names, and a bounded text without what a terminal acts upon.
pub(super) fn check(error: &Error, kinds: &[ErrorKind]) {
    assert!(kinds.contains(&error.kind()), "{error}");
    for shown in [error.to_string(), error.detail().to_owned()] {
        assert!(!shown.contains(char::is_control), "{shown:?}");
        assert!(shown.len() <= LONGEST, "{shown:?}");
    }
}
