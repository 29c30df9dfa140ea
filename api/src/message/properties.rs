use std::collections::BTreeMap;

use crate::PropertyValue;

/// The application properties of a message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Properties(BTreeMap<String, PropertyValue>);

impl Properties {
    /// One property's value.
    pub fn get(&self, name: &str) -> Option<&PropertyValue> {
        self.0.get(name)
    }

    /// Sets one property.
    ///
    /// # Errors
    /// As [`Message::with_property`](crate::Message::with_property).
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<PropertyValue>) -> crate::Result<()> {
        self.0.insert(name.into(), value.into());
        Ok(())
    }
}
