//! What addresses share.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    ops::Deref,
    sync::Arc,
};

use parking_lot::Mutex;

use super::{DestinationKind, address::Inner};

/// How many are kept at most: some hundred kilobytes, and mostly next to nothing.
const MOST: usize = 1024;

/// One that is shared. Each message carries its address, and where senders and receivers run at the same time, counting
/// them in and out has processors wait for each other.
#[derive(Clone)]
pub(super) enum Shared {
    Counted(Arc<Inner>),
    /// As long as the process lives.
    Kept(&'static Inner),
}

impl Shared {
    pub(super) fn new(inner: Inner) -> Self {
        Self::Counted(Arc::new(inner))
    }

    /// To change it; others do not see it.
    pub(super) fn make_mut(&mut self) -> &mut Inner {
        loop {
            match self {
                Self::Counted(inner) => return Arc::make_mut(inner),
                Self::Kept(inner) => *self = Self::new(inner.clone()),
            }
        }
    }

    /// The same, kept where it may be needed for long, and there is room.
    pub(super) fn kept(&self) -> Self {
        if self.kind.is_temporary() || !self.options.is_empty() {
            return self.clone();
        }
        keep(self).map_or_else(|| self.clone(), Self::Kept)
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        let (this, other): (&Inner, &Inner) = (self, other);
        std::ptr::eq(this, other)
    }
}

impl Deref for Shared {
    type Target = Inner;

    #[inline]
    fn deref(&self) -> &Inner {
        match self {
            Self::Counted(inner) => inner,
            Self::Kept(inner) => inner,
        }
    }
}

fn keep(inner: &Inner) -> Option<&'static Inner> {
    static KEPT: Mutex<BTreeMap<(DestinationKind, String), &'static Inner>> = Mutex::new(BTreeMap::new());
    let mut kept = KEPT.lock();
    let has_room = kept.len() < MOST;
    match kept.entry((inner.kind, inner.name.clone())) {
        Entry::Occupied(known) => Some(known.get()),
        Entry::Vacant(place) if has_room => Some(place.insert(Box::leak(Box::new(inner.clone())))),
        Entry::Vacant(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Address;

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    fn is_kept(address: &Address) -> bool {
        matches!(address.0, Shared::Kept(_))
    }

    #[test]
    fn one_that_is_kept_is_the_same_for_all() {
        let (first, second) = (address("queue:kept").kept(), address("queue:kept").kept());
        assert!(is_kept(&first) && first.0.is_same(&second.0));
        assert_eq!(first, address("queue:kept"));
        assert_ne!(first, address("topic:kept").kept());
    }

    #[test]
    fn what_is_gone_soon_or_may_be_large_is_not_kept() {
        for text in ["temp-queue:x", "temp-topic:x", "queue:x?a=b"] {
            assert!(!is_kept(&address(text).kept()), "{text}");
        }
    }

    #[test]
    fn an_option_is_that_of_the_one_it_was_given_to() {
        let kept = address("queue:changed").kept();
        let changed = kept.clone().with_option("a", "b");
        assert_eq!((kept.option("a"), changed.option("a")), (None, Some("b")));
        assert!(is_kept(&address("queue:changed").kept()));
    }
}
