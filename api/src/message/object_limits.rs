/// How large and how deep a serialised value may be, when it is made and when it is read.
///
/// ```
/// use anymq_api::{ErrorKind, Message, ObjectLimits};
///
/// let limits = ObjectLimits::default().with_max_bytes(16);
/// let error = Message::object_with_limits("far more than sixteen bytes", limits).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::MessageFormat);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectLimits {
    max_bytes: usize,
    max_depth: usize,
}

impl ObjectLimits {
    /// The greatest depth that can be allowed: the parser goes no deeper.
    pub const MAX_DEPTH: usize = 127;

    /// At most this many bytes.
    #[must_use]
    pub const fn with_max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// At most this many arrays and objects within each other; more than [`MAX_DEPTH`](Self::MAX_DEPTH) counts as
    /// that.
    #[must_use]
    pub const fn with_max_depth(mut self, depth: usize) -> Self {
        self.max_depth = if depth < Self::MAX_DEPTH {
            depth
        } else {
            Self::MAX_DEPTH
        };
        self
    }

    /// The greatest number of bytes; 16 MiB by default.
    pub const fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// The greatest depth; 64 by default.
    pub const fn max_depth(&self) -> usize {
        self.max_depth
    }
}

impl Default for ObjectLimits {
    fn default() -> Self {
        Self {
            max_bytes: 16 * 1024 * 1024,
            max_depth: 64,
        }
    }
}
