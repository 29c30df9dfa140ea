//! When to ask whether the broker is still there, and when it is not.

use std::time::Duration;

/// How long nothing may be read and nothing be written, where there is something to write.
const STANDSTILL: Duration = Duration::from_secs(60);

/// How many bytes have gone either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Traffic {
    pub(super) read: u64,
    pub(super) written: u64,
    /// How many wait to be written.
    pub(super) unwritten: usize,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Nothing,
    /// PINGREQ.
    Ask,
    /// The broker is gone, and how that shows.
    Dead(&'static str),
}

/// Looks at the traffic four times in each keep-alive. Who has said nothing is asked, and given up when a whole keep-alive brings no
/// byte. What takes long to be written, or to come, is no silence.
#[derive(Debug)]
pub(super) struct Pulse {
    keep_alive: Duration,
    step: Duration,
    last: Traffic,
    /// Since the question.
    waited: Option<Duration>,
    /// Since anything was written.
    unheard: Duration,
}

impl Pulse {
    /// With how long a broker may be silent, and after how long it wants to have heard of us.
    pub(super) fn new(keep_alive: Duration, wanted: Duration) -> Self {
        Self {
            keep_alive,
            step: keep_alive.min(wanted) / 4,
            last: Traffic::default(),
            waited: None,
            unheard: Duration::ZERO,
        }
    }

    /// When to look again.
    pub(super) fn step(&self) -> Duration {
        self.step
    }

    pub(super) fn look(&mut self, now: Traffic) -> Beat {
        let last = std::mem::replace(&mut self.last, now);
        self.unheard = if now.written == last.written {
            self.unheard + self.step
        } else {
            Duration::ZERO
        };
        if now.read != last.read {
            self.waited = None;
            // Whoever only listens is given up, too.
            return if self.unheard >= 2 * self.step {
                Beat::Ask
            } else {
                Beat::Nothing
            };
        }
        let Some(waited) = &mut self.waited else {
            self.waited = Some(Duration::ZERO);
            return Beat::Ask;
        };
        if now.unwritten > 0 {
            // The question waits behind it.
            return if self.unheard >= STANDSTILL {
                Beat::Dead("the broker reads nothing")
            } else {
                Beat::Nothing
            };
        }
        *waited += self.step;
        if *waited >= self.keep_alive {
            Beat::Dead("the broker is silent")
        } else {
            Beat::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pulse() -> Pulse {
        Pulse::new(Duration::from_secs(8), Duration::from_secs(8))
    }

    fn traffic(read: u64, written: u64, unwritten: usize) -> Traffic {
        Traffic {
            read,
            written,
            unwritten,
        }
    }

    #[test]
    fn silence_is_asked_about_and_then_is_the_end() {
        let mut pulse = pulse();
        assert_eq!(pulse.look(traffic(4, 20, 0)), Beat::Nothing);
        assert_eq!(pulse.look(traffic(4, 20, 0)), Beat::Ask);
        for _ in 0..3 {
            assert_eq!(pulse.look(traffic(4, 22, 0)), Beat::Nothing);
        }
        assert!(matches!(pulse.look(traffic(4, 22, 0)), Beat::Dead(_)));
    }

    #[test]
    fn any_byte_is_an_answer() {
        let mut pulse = pulse();
        for byte in 0..50 {
            let beats = [pulse.look(traffic(byte, byte, 0)), pulse.look(traffic(byte, byte, 0))];
            assert!(!beats.iter().any(|beat| matches!(beat, Beat::Dead(_))), "{byte}");
        }
    }

    #[test]
    fn who_only_listens_is_heard_of() {
        let mut pulse = pulse();
        let beats: Vec<_> = (1..=6).map(|read| pulse.look(traffic(read, 0, 0))).collect();
        assert_eq!(beats.iter().filter(|&&beat| beat == Beat::Ask).count(), 5);
    }

    #[test]
    fn what_takes_long_to_be_written_is_no_silence() {
        let mut pulse = pulse();
        for written in 0..100 {
            let beat = pulse.look(traffic(0, written, 1));
            assert!(!matches!(beat, Beat::Dead(_)), "{written}");
        }
        let still: Vec<_> = (0..31).map(|_| pulse.look(traffic(0, 99, 1))).collect();
        assert!(still[..28].iter().all(|&beat| beat == Beat::Nothing));
        assert!(matches!(still[30], Beat::Dead(_)));
    }
}
