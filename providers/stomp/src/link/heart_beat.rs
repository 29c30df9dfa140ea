//! How often both sides must be heard of.

use std::time::Duration;

/// What was agreed; `None` where nobody asked for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HeartBeat {
    /// After so much silence of ours, one is sent.
    pub(super) send_after: Option<Duration>,
    /// After so much silence of the broker's, the link is over.
    pub(super) give_up_after: Option<Duration>,
}

impl HeartBeat {
    /// What the client's header says: it sends, and wants to hear, this often. Zero is never.
    pub(super) fn offer(interval: Duration) -> String {
        let millis = interval.as_millis();
        format!("{millis},{millis}")
    }

    /// What follows from both headers.
    pub(super) fn agreed(offered: Duration, answer: Option<&str>) -> Self {
        let (sends, wants) = answer.and_then(parse).unwrap_or_default();
        let slower = |theirs: Duration| (!offered.is_zero() && !theirs.is_zero()).then(|| offered.max(theirs));
        Self {
            // Half of what was promised: the way and a busy machine take their time.
            send_after: slower(wants).map(|interval| interval / 2),
            give_up_after: slower(sends).map(|interval| interval * 2),
        }
    }
}

fn parse(header: &str) -> Option<(Duration, Duration)> {
    let (sends, wants) = header.split_once(',')?;
    let millis = |text: &str| text.trim().parse().ok().map(Duration::from_millis);
    Some((millis(sends)?, millis(wants)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slower_one_decides() {
        let second = Duration::from_secs(1);
        for (offered, answer, send, give_up) in [
            (second * 10, Some("10000,10000"), Some(second * 5), Some(second * 20)),
            (second, Some("4000,2000"), Some(second), Some(second * 8)),
            (second, Some("0,2000"), Some(second), None),
            (second, Some("2000,0"), None, Some(second * 4)),
            (second, Some("0,0"), None, None),
            (second, None, None, None),
            (second, Some("x"), None, None),
            (Duration::ZERO, Some("1000,1000"), None, None),
        ] {
            let agreed = HeartBeat::agreed(offered, answer);
            assert_eq!((agreed.send_after, agreed.give_up_after), (send, give_up), "{answer:?}");
        }
        assert_eq!(HeartBeat::offer(second), "1000,1000");
    }
}
