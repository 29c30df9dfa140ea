use std::sync::{
    OnceLock,
    atomic::{AtomicBool, Ordering},
};

use anymq_api::{Address, Envelope};

use super::{destinations::Target, topic::Origin};

/// The way past a session's lock: a session without transactions mostly sends to one destination. It leads straight to
/// the queue, whose own lock keeps the order. Whatever it does not cover goes through the session's lock as if it were not
/// there.
#[derive(Default)]
pub(super) struct Shortcut {
    /// The first destination that was sent to. One that was retired since is passed by for good.
    route: OnceLock<(Address, Target)>,
    /// The session has ended: the way is blocked.
    blocked: AtomicBool,
}

impl Shortcut {
    pub(super) fn set_route(&self, address: &Address, target: Option<&Target>) {
        if let Some(target) = target {
            self.route.get_or_init(|| (address.clone(), target.clone()));
        }
    }

    pub(super) fn has_route(&self) -> bool {
        self.route.get().is_some()
    }

    /// The target of the first destination.
    pub(super) fn target(&self, address: &Address) -> Option<&Target> {
        let (known, target) = self.route.get()?;
        (known == address).then_some(target)
    }

    pub(super) fn block(&self) {
        self.blocked.store(true, Ordering::Release);
    }

    fn is_blocked(&self) -> bool {
        self.blocked.load(Ordering::Acquire)
    }

    /// Sends one message and tells where it went, or gives it back.
    #[inline]
    pub(super) fn send(&self, envelope: Envelope, origin: Origin<'_>) -> Result<&Target, Envelope> {
        match self.route.get() {
            Some((address, target)) if *address == envelope.headers().destination && !self.is_blocked() => {
                target.put(envelope, origin).map(|()| target)
            }
            _ => Err(envelope),
        }
    }
}
