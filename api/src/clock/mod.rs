#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod ticks;

use std::fmt::Debug;

use crate::Timestamp;

/// What time it is: the kernel stamps messages and judges expiry by it. Tests inject their own.
pub trait Clock: Debug + Send + Sync {
    /// The present time.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    fn now(&self) -> Timestamp {
        ticks::now()
    }

    #[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
