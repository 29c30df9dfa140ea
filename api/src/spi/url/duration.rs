//! Durations as people write them: `5s`, `250ms`, `1m`.

use std::time::Duration;

/// So that no arithmetic with instants can overflow.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// What is wrong, as the end of a sentence that begins with the value.
pub(super) fn parse(text: &str) -> Result<Duration, &'static str> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Err("has no unit: write 5s or 250ms");
    }
    match humantime::parse_duration(text) {
        Ok(duration) if duration <= LONGEST => Ok(duration),
        Ok(_) => Err("is longer than 100 years"),
        Err(_) => Err("is no duration: write 5s or 250ms"),
    }
}
