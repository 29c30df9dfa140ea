use anymq_api::{Address, Error, ErrorKind, Result};

use crate::{dialect::Dialect, error::error};

/// The option of a temporary destination that is another connection's: the broker's words for it. They stand in the address, and are
/// not looked up by its name: over the next link of its owner the name stays, and the words are others.
const AT: &str = "at";

/// What destinations are called at the broker.
#[derive(Debug)]
pub(crate) struct Names {
    dialect: &'static dyn Dialect,
    /// Whether maps go as those of Java.
    java_maps: bool,
}

impl Names {
    pub(crate) fn new(dialect: &'static dyn Dialect, java_maps: bool) -> Self {
        Self { dialect, java_maps }
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
        let told = address.option(AT).filter(|_| address.kind().is_temporary());
        told.map_or_else(|| self.dialect.destination(address), str::to_owned)
    }

    /// The same where nothing else says which kind it is.
    pub(crate) fn reply_to(&self, address: &Address) -> String {
        let told = address.option(AT).filter(|_| address.kind().is_temporary());
        told.map_or_else(|| self.dialect.reply_to(address), str::to_owned)
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
                Some(address.with_option(AT, brokers))
            }
            _ => told,
        }
    }

    /// Refuses what is not known of a destination.
    pub(crate) fn check(&self, address: &Address) -> Result<()> {
        for (option, value) in address.options() {
            let told = || self.dialect.address(value).map(|told| told.kind());
            let is_known = option == AT && address.kind().is_temporary() && told() == Some(address.kind());
            if !is_known {
                return Err(unknown(option).with_resource(address));
            }
        }
        self.dialect.check(address)
    }
}

fn unknown(option: &str) -> Error {
    error(
        ErrorKind::InvalidDestination,
        format!("the option `{option}` is unknown"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect;

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    #[test]
    fn a_stranger_s_temporary_queue_is_where_the_broker_says() {
        let names = Names::new(dialect::named("activemq").unwrap(), false);
        let own = address("temp-queue:mine");
        assert_eq!(names.destination(&own), "/temp-queue/mine");
        assert_eq!(names.address(Some(own.clone()), "/temp-queue/mine"), Some(own));
        let theirs = address("temp-queue:theirs");
        for told in ["/remote-temp-queue/ID:host-1:2", "/remote-temp-queue/ID:host-1:3"] {
            let found = names.address(Some(theirs.clone()), told).unwrap();
            assert_eq!((&found, names.destination(&found)), (&theirs, told.to_owned()));
            // Also when it was passed on, or noted down.
            let noted = address(&found.to_string());
            assert_eq!(names.destination(&noted), told);
            assert!(names.check(&noted).is_ok());
        }
        // A foreign client says nothing else.
        let foreign = names.address(None, "/remote-temp-queue/ID:host-2").unwrap();
        assert_eq!(names.destination(&foreign), "/remote-temp-queue/ID:host-2");
        let plain = address("queue:a");
        assert_eq!(names.address(Some(plain.clone()), "/queue/b"), Some(plain));
    }

    #[test]
    fn other_options_are_refused() {
        let names = Names::new(dialect::named("activemq").unwrap(), false);
        for text in [
            "queue:a?at=/remote-temp-queue/ID:1",
            "temp-queue:a?at=/queue/b",
            "temp-queue:a?at=b",
            "temp-queue:a?to=/remote-temp-queue/ID:1",
            "topic:a?x=1",
        ] {
            let refusal = names.check(&address(text)).unwrap_err();
            assert_eq!(refusal.kind(), ErrorKind::InvalidDestination, "{text}");
        }
    }
}
