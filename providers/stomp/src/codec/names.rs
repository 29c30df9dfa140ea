use std::collections::HashMap;

use anymq_api::Address;
use parking_lot::Mutex;

use crate::dialect::Dialect;

/// How many temporary destinations of others are remembered.
const MANY: usize = 10_000;

/// What destinations are called at the broker of one connection.
#[derive(Debug)]
pub(crate) struct Names {
    dialect: &'static dyn Dialect,
    /// Whether maps go as those of Java.
    java_maps: bool,
    /// The broker's words for the temporary destinations of other connections, by the addresses that their owners have for
    /// them: as learnt from the reply-to of what they sent.
    strangers: Mutex<HashMap<Address, String>>,
}

impl Names {
    pub(crate) fn new(dialect: &'static dyn Dialect, java_maps: bool) -> Self {
        Self {
            dialect,
            java_maps,
            strangers: Mutex::default(),
        }
    }

    pub(crate) fn dialect(&self) -> &'static dyn Dialect {
        self.dialect
    }

    /// Whether maps go as those of Java, which the broker transforms.
    pub(crate) fn java_maps(&self) -> bool {
        self.java_maps
    }

    /// A destination in the broker's words.
    pub(crate) fn destination(&self, address: &Address) -> String {
        let stranger = || self.strangers.lock().get(address).cloned();
        let stranger = address.kind().is_temporary().then(stranger).flatten();
        stranger.unwrap_or_else(|| self.dialect.destination(address))
    }

    /// The address that its sender had for a destination, or that of the broker's words. Of a temporary destination those
    /// alone say whose it is.
    pub(crate) fn address(&self, sender_s: Option<Address>, brokers: &str) -> Option<Address> {
        let told = self.dialect.address(brokers);
        let Some(temporary) = told.as_ref().filter(|address| address.kind().is_temporary()) else {
            return sender_s.or(told);
        };
        match sender_s {
            Some(address) if address.kind() == temporary.kind() && address != *temporary => {
                self.learn(&address, brokers);
                Some(address)
            }
            _ => told,
        }
    }

    fn learn(&self, address: &Address, destination: &str) {
        let mut strangers = self.strangers.lock();
        if strangers.len() >= MANY {
            // Most of them are gone; who sends again is learnt again.
            strangers.clear();
        }
        strangers.insert(address.clone(), destination.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect;

    #[test]
    fn a_stranger_s_temporary_queue_is_found_again_by_the_name_that_it_gave() {
        let names = Names::new(dialect::named("activemq").unwrap(), false);
        let own: Address = "temp-queue:mine".parse().unwrap();
        assert_eq!(names.destination(&own), "/temp-queue/mine");
        assert_eq!(names.address(Some(own.clone()), "/temp-queue/mine"), Some(own.clone()));
        let theirs: Address = "temp-queue:theirs".parse().unwrap();
        let told = "/remote-temp-queue/ID:host-1:2";
        assert_eq!(names.address(Some(theirs.clone()), told), Some(theirs.clone()));
        assert_eq!(names.destination(&theirs), told);
        // A foreign client says nothing else.
        let foreign = names.address(None, "/remote-temp-queue/ID:host-2").unwrap();
        assert_eq!(names.destination(&foreign), "/remote-temp-queue/ID:host-2");
        let plain: Address = "queue:a".parse().unwrap();
        assert_eq!(names.address(Some(plain.clone()), "/queue/b"), Some(plain));
    }
}
