//! The system's clock, to the millisecond, and asked only where the millisecond may have ended.
//!
//! Each message that is sent needs the time, and asking the system takes longer than anything else on its way. The processor's
//! counter of ticks takes less than half of that, and tells whether what this thread was answered last still holds. When it
//! errs, then towards asking; so the system's clock may be set, and it shows with the next millisecond.

use std::{
    cell::Cell,
    fs,
    sync::{LazyLock, OnceLock},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use parking_lot::Mutex;
use safe_arch::read_timestamp_counter as ticks;

use crate::Timestamp;

const NANOS_PER_MILLI: u64 = 1_000_000;
/// More than what processors, whose counters the kernel keeps together, differ in, and than one reads ahead.
const MARGIN_NANOS: u64 = 1_000;
/// Long enough to learn from: what a read of a clock takes is nothing to it.
const SHORTEST: Duration = Duration::from_millis(1);
/// What is learnt is made more precise for as long.
const LONGEST: Duration = Duration::from_secs(1);
/// No processor counts more ticks in a millisecond.
const FASTEST: u64 = 10_000_000;

/// What the system answered, and for how many ticks from when on that holds.
#[derive(Clone, Copy)]
struct Answer {
    time: Timestamp,
    from: u64,
    ticks: u64,
}

thread_local! {
    static LAST: Cell<Answer> = const {
        Cell::new(Answer { time: Timestamp::from_millis(0), from: 0, ticks: 0 })
    };
}

#[inline]
pub(super) fn now() -> Timestamp {
    let (last, now) = (LAST.get(), ticks());
    if now.wrapping_sub(last.from) < last.ticks {
        return last.time;
    }
    ask(now)
}

/// `from` is no later than what the system says.
#[cold]
fn ask(from: u64) -> Timestamp {
    let time = SystemTime::now();
    let answer = Answer {
        time: time.into(),
        from,
        ticks: left_of_millisecond(time).map_or(0, |nanos| ticks_in(nanos, rate())),
    };
    LAST.set(answer);
    answer.time
}

/// Before 1970 nobody hurries.
fn left_of_millisecond(time: SystemTime) -> Option<u64> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Some(NANOS_PER_MILLI - u64::from(since.subsec_nanos()) % NANOS_PER_MILLI)
}

/// How many ticks are surely over in less than `nanos`: the system may run its clock a little faster than it did when the
/// rate was learnt.
fn ticks_in(nanos: u64, rate: u64) -> u64 {
    let nanos = nanos.saturating_sub(MARGIN_NANOS);
    (nanos * rate / NANOS_PER_MILLI).saturating_mul(98) / 100
}

/// Ticks in a millisecond, at least; none when they cannot be relied on, or are not known yet.
fn rate() -> u64 {
    static LEARNT: OnceLock<u64> = OnceLock::new();
    static LEARNING: Mutex<Learning> = Mutex::new(Learning { begin: None, best: 0 });
    if let Some(rate) = LEARNT.get() {
        return *rate;
    }
    if !is_reliable() {
        return 0;
    }
    let mut learning = LEARNING.lock();
    if learning.go_on() {
        LEARNT.get_or_init(|| learning.best);
    }
    learning.best
}

struct Learning {
    begin: Option<(Instant, u64)>,
    best: u64,
}

impl Learning {
    /// Whether it is at its end.
    fn go_on(&mut self) -> bool {
        let (instant, first) = *self.begin.get_or_insert_with(|| (Instant::now(), ticks()));
        // Within the two instants, so whatever comes between makes it less.
        let passed = ticks().saturating_sub(first);
        let elapsed = instant.elapsed();
        if elapsed > LONGEST {
            // Without anything learnt, again: the machine may have slept.
            self.begin = None;
            return self.best > 0;
        }
        if elapsed > SHORTEST {
            self.best = self.best.max(learnt(passed, elapsed));
        }
        false
    }
}

/// Nothing, where it cannot be: a machine that sleeps may count on, while its time stands still.
fn learnt(passed: u64, elapsed: Duration) -> u64 {
    let elapsed = elapsed.as_nanos().max(1);
    let rate = u128::from(passed) * u128::from(NANOS_PER_MILLI) / elapsed;
    u64::try_from(rate).ok().filter(|rate| *rate <= FASTEST).unwrap_or(0)
}

/// The kernel measures time by these ticks itself where they are constant and alike on all processors, and only there.
fn is_reliable() -> bool {
    static RELIABLE: LazyLock<bool> = LazyLock::new(|| {
        let source = fs::read_to_string("/sys/devices/system/clocksource/clocksource0/current_clocksource");
        source.is_ok_and(|source| source.trim() == "tsc")
    });
    *RELIABLE
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For longer than the rate is learnt.
    #[test]
    fn it_is_the_systems_time_to_the_millisecond() {
        let begin = Instant::now();
        let threads = [(); 2].map(|()| {
            std::thread::spawn(move || {
                while begin.elapsed() < LONGEST + LONGEST / 4 {
                    let (before, got, after) = (Timestamp::now(), now(), Timestamp::now());
                    assert!(before <= got && got <= after, "{before:?} {got:?} {after:?}");
                }
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
    }

    #[test]
    fn an_answer_ends_before_its_millisecond() {
        let rate = 3_000_000;
        assert_eq!([0, 1, MARGIN_NANOS].map(|nanos| ticks_in(nanos, rate)), [0; 3]);
        let (half, whole) = (ticks_in(NANOS_PER_MILLI / 2, rate), ticks_in(NANOS_PER_MILLI, rate));
        assert!(0 < half && half < rate / 2 && half < whole && whole < rate);
        assert_eq!(ticks_in(NANOS_PER_MILLI, 0), 0);
    }

    #[test]
    fn the_rate_is_what_was_counted_over_what_elapsed() {
        assert_eq!(learnt(5_000_000, Duration::from_millis(2)), 2_500_000);
        assert_eq!(learnt(0, Duration::ZERO), 0);
        assert_eq!(learnt(u64::MAX, Duration::from_millis(2)), 0);
    }
}
