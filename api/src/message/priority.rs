use std::fmt;

use crate::{Error, ErrorKind, Result};

/// How urgent a message is: 0 (lowest) to 9 (highest), 4 by default. JMS: `JMSPriority`.
///
/// ```
/// use anymq_api::Priority;
///
/// assert_eq!(Priority::new(9)?, Priority::HIGHEST);
/// assert!(Priority::new(10).is_err());
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Priority(u8);

impl Priority {
    /// 0.
    pub const LOWEST: Self = Self(0);
    /// 4.
    pub const DEFAULT: Self = Self(4);
    /// 9.
    pub const HIGHEST: Self = Self(9);

    /// A level from 0 to 9.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] above 9.
    pub fn new(level: u8) -> Result<Self> {
        if level > 9 {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("priority {level} is above 9"),
            ));
        }
        Ok(Self(level))
    }

    /// The level, 0 to 9.
    pub const fn level(self) -> u8 {
        self.0
    }
}

impl Default for Priority {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TryFrom<u8> for Priority {
    type Error = Error;

    fn try_from(level: u8) -> Result<Self> {
        Self::new(level)
    }
}

impl fmt::Debug for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Priority({})", self.0)
    }
}
