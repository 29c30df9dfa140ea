use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use super::Acknowledge;

/// How a received message reaches its session, which it does not keep.
#[derive(Clone)]
pub(super) enum SessionLink {
    Counted(Weak<dyn Acknowledge>),
    /// By its [`SessionNumber`]: counting each message in and out takes longer than the look-up, which hardly ever comes
    /// where messages are acknowledged by themselves.
    Numbered(u64),
}

impl SessionLink {
    pub(super) fn session(&self) -> Option<Arc<dyn Acknowledge>> {
        match self {
            Self::Counted(session) => session.upgrade(),
            Self::Numbered(number) => sessions().known.get(number)?.upgrade(),
        }
    }
}

/// A session's number, by which its messages find it. Unique in the process; given back with the session.
#[derive(Debug)]
pub(crate) struct SessionNumber(u64);

impl SessionNumber {
    pub(crate) fn new(session: Weak<dyn Acknowledge>) -> Self {
        let mut sessions = sessions();
        sessions.last += 1;
        let number = sessions.last;
        sessions.known.insert(number, session);
        Self(number)
    }

    pub(super) fn link(&self) -> SessionLink {
        SessionLink::Numbered(self.0)
    }
}

impl Drop for SessionNumber {
    fn drop(&mut self) {
        let gone = sessions().known.remove(&self.0);
        drop(gone);
    }
}

struct Sessions {
    known: BTreeMap<u64, Weak<dyn Acknowledge>>,
    last: u64,
}

fn sessions() -> MutexGuard<'static, Sessions> {
    static SESSIONS: Mutex<Sessions> = Mutex::new(Sessions {
        known: BTreeMap::new(),
        last: 0,
    });
    SESSIONS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::Result;

    struct Fake;

    #[async_trait]
    impl Acknowledge for Fake {
        async fn acknowledge(&self, _: u64) -> Result<()> {
            Ok(())
        }

        async fn release(&self, _: u64) -> Result<()> {
            Ok(())
        }

        async fn reject(&self, _: u64) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_session_is_found_until_it_or_its_number_is_gone() {
        let session: Arc<dyn Acknowledge> = Arc::new(Fake);
        let (first, second) = [(); 2].map(|()| SessionNumber::new(Arc::downgrade(&session))).into();
        let links = [
            first.link(),
            second.link(),
            SessionLink::Counted(Arc::downgrade(&session)),
        ];
        assert!(links.iter().all(|link| link.session().is_some()));
        drop(first);
        assert_eq!(links.clone().map(|link| link.session().is_some()), [false, true, true]);
        drop(session);
        assert!(links.iter().all(|link| link.session().is_none()));
        drop(second);
    }

    /// It stands in every message that is received.
    #[test]
    fn a_number_takes_no_room() {
        assert_eq!(size_of::<SessionLink>(), size_of::<Weak<dyn Acknowledge>>());
    }
}
