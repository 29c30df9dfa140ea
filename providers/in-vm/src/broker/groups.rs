use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
};

use anymq_api::{Envelope, PropertyValue};

use super::ConsumerKey;

/// How many groups can be told apart: those that share a bucket share a consumer, and memory stays bounded.
const BUCKETS: usize = 1024;

/// Which consumer gets the messages of which group (`JMSXGroupID`). A group belongs to the consumer that got its first
/// message, until that one is closed.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// Empty until the first group is seen.
    owners: Vec<Option<ConsumerKey>>,
}

/// A message's group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group(usize);

impl Group {
    /// Whether it is worth asking: most messages have no properties at all.
    #[inline]
    pub(super) fn may_have(envelope: &Envelope) -> bool {
        !envelope.message().properties().is_empty()
    }

    pub(super) fn of(envelope: &Envelope) -> Option<Self> {
        let properties = envelope.message().properties();
        match properties.get("JMSXGroupID")? {
            PropertyValue::String(id) => {
                let mut hasher = DefaultHasher::new();
                id.hash(&mut hasher);
                Some(Self(usize::try_from(hasher.finish() % BUCKETS as u64).unwrap_or(0)))
            }
            _ => None,
        }
    }
}

impl Groups {
    /// Whether any group was seen.
    pub(super) fn any(&self) -> bool {
        !self.owners.is_empty()
    }

    pub(super) fn note(&mut self) {
        if self.owners.is_empty() {
            self.owners = vec![None; BUCKETS];
        }
    }

    /// Whether a consumer may get a message of this group.
    pub(super) fn admit(&self, group: Option<Group>, consumer: ConsumerKey) -> bool {
        group
            .and_then(|Group(bucket)| *self.owners.get(bucket)?)
            .is_none_or(|owner| owner == consumer)
    }

    /// The group is that consumer's from now on.
    pub(super) fn assign(&mut self, group: Option<Group>, consumer: ConsumerKey) {
        if let Some(owner) = group.and_then(|Group(bucket)| self.owners.get_mut(bucket)) {
            *owner = Some(consumer);
        }
    }

    /// The consumer's groups are free for others.
    pub(super) fn release(&mut self, consumer: ConsumerKey) {
        for owner in &mut self.owners {
            owner.take_if(|owner| *owner == consumer);
        }
    }
}
