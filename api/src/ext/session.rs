use crate::{AckMode, Result, Session};

/// Convenience for every [`Session`].
pub trait SessionExt: Session {
    /// Whether it is transacted. JMS: `getTransacted`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    fn transacted(&self) -> Result<bool> {
        Ok(self.ack_mode()? == AckMode::Transacted)
    }
}

impl<S: Session + ?Sized> SessionExt for S {}
