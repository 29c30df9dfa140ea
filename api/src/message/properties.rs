use std::{borrow::Cow, collections::BTreeMap};

use super::{
    Entries,
    convert::{View, about},
    property_name,
};
use crate::{PropertyValue, Result};

/// The application properties of a message: what selectors see.
///
/// Names are case sensitive. The typed getters convert as JMS allows: integers and floats widen, a text converts to
/// what it parses as, and everything converts to text; nothing narrows, and no integer becomes a float.
///
/// ```
/// use anymq_api::{ErrorKind, Properties};
///
/// let properties = Properties::new().with("table", 7_i16)?.with("guest", "Ada")?;
/// assert_eq!(properties.i64("table")?, 7);
/// assert_eq!(properties.string("table").as_deref(), Some("7"));
/// assert_eq!(properties.f64("table").unwrap_err().kind(), ErrorKind::MessageFormat);
/// assert_eq!(properties.i32("guest").unwrap_err().kind(), ErrorKind::NumberFormat);
/// assert_eq!(properties.i32("absent").unwrap_err().kind(), ErrorKind::NumberFormat);
/// assert!(!properties.bool("absent")?);
/// # Ok::<(), anymq_api::Error>(())
/// ```
///
/// Source: Jakarta Messaging 3.1, section 3.5.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Properties(BTreeMap<String, PropertyValue>);

impl Properties {
    /// No properties.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) const fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// One property's value, as it was set. JMS: `getObjectProperty`.
    pub fn get(&self, name: &str) -> Option<&PropertyValue> {
        self.0.get(name)
    }

    /// Whether this property is set. JMS: `propertyExists`.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The names, each once. JMS: `getPropertyNames`.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The names and values.
    pub fn iter(&self) -> Entries<'_, PropertyValue> {
        Entries::new(self.0.iter())
    }

    /// How many are set.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets one property, or replaces its value and type. JMS: `setObjectProperty` and its siblings.
    ///
    /// # Errors
    /// As [`Message::with_property`](crate::Message::with_property).
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<PropertyValue>) -> Result<()> {
        let (name, value) = (name.into(), value.into());
        property_name::check(&name, &value)?;
        self.0.insert(name, value);
        Ok(())
    }

    /// The same properties and one more.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn with(mut self, name: impl Into<String>, value: impl Into<PropertyValue>) -> Result<Self> {
        self.set(name, value)?;
        Ok(self)
    }

    /// Sets one property whatever its name; for implementors of the SPI, for what came over the wire.
    ///
    /// A peer may use names that an application of this crate may not, dotted ones or `JMS_vendor_…`, and they must
    /// reach the receiver. Applications call [`set`](Self::set).
    pub fn set_from_wire(&mut self, name: impl Into<String>, value: impl Into<PropertyValue>) {
        self.0.insert(name.into(), value.into());
    }

    /// Removes one property and gives its value.
    pub fn remove(&mut self, name: &str) -> Option<PropertyValue> {
        self.0.remove(name)
    }

    /// The text form of a property of any type, as [`PropertyValue::to_text`]; none when it is missing.
    /// JMS: `getStringProperty`.
    pub fn string(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(PropertyValue::to_text)
    }

    fn read<'a, T>(&'a self, name: &str, convert: impl FnOnce(View<'a>) -> Result<T>) -> Result<T> {
        let value = self.get(name).map_or(View::Null, PropertyValue::view);
        convert(value).map_err(|error| about("property", name, &error))
    }
}

macro_rules! getters {
    ($($name:ident: $convert:ident, $doc:literal;)*) => {
        impl Properties {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// [`ErrorKind::MessageFormat`](crate::ErrorKind::MessageFormat) for a type that does not convert;
            /// [`ErrorKind::NumberFormat`](crate::ErrorKind::NumberFormat) for a text that does not parse, and for a
            /// missing number (a missing float too, where Java has a null pointer).
            pub fn $name(&self, name: &str) -> Result<$name> {
                self.read(name, View::$convert)
            }
        )*}
    };
}

getters! {
    bool: to_bool, "From `bool` or a text; a missing property is false. JMS: `getBooleanProperty`.";
    i8: to_i8, "From `i8` or a text. JMS: `getByteProperty`.";
    i16: to_i16, "From `i8`, `i16` or a text. JMS: `getShortProperty`.";
    i32: to_i32, "From `i8`, `i16`, `i32` or a text. JMS: `getIntProperty`.";
    i64: to_i64, "From any integer or a text. JMS: `getLongProperty`.";
    f32: to_f32, "From `f32` or a text. JMS: `getFloatProperty`.";
    f64: to_f64, "From `f32`, `f64` or a text. JMS: `getDoubleProperty`.";
}

impl<'a> IntoIterator for &'a Properties {
    type Item = (&'a str, &'a PropertyValue);
    type IntoIter = Entries<'a, PropertyValue>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::super::conversion_table::{property_rows, symbol};
    use super::*;
    use crate::ErrorKind;

    /// PROP-04: table 2a, all 64 cells, through the getters.
    #[test]
    fn prop_04_getters_convert_as_the_table_says() {
        for (value, expected) in property_rows() {
            let properties = Properties::new().with("p", value.clone()).unwrap();
            let seen: String = [
                symbol(&properties.bool("p")),
                symbol(&properties.i8("p")),
                symbol(&properties.i16("p")),
                symbol(&properties.i32("p")),
                symbol(&properties.i64("p")),
                symbol(&properties.f32("p")),
                symbol(&properties.f64("p")),
                if properties.string("p").is_some() { '+' } else { '-' },
            ]
            .into_iter()
            .collect();
            assert_eq!(seen, expected, "{value:?}");
        }
    }

    #[test]
    fn prop_08_what_is_missing() {
        let none = Properties::new();
        assert_eq!((none.get("p"), none.string("p")), (None, None));
        assert!(!none.bool("p").unwrap());
        let missing = [
            symbol(&none.i8("p")),
            symbol(&none.i16("p")),
            symbol(&none.i32("p")),
            symbol(&none.i64("p")),
            symbol(&none.f32("p")),
            symbol(&none.f64("p")),
        ];
        assert_eq!(missing, ['N'; 6]);
        assert_eq!(none.i8("p").unwrap_err().detail(), "property `p`: null is no i8");
    }

    #[test]
    fn prop_01_09_11_values_are_kept_as_set() {
        let mut properties = Properties::new();
        for (value, _) in property_rows() {
            properties.set("p", value.clone()).unwrap();
            assert_eq!(properties.get("p"), Some(&value));
        }
        assert!(properties.contains("p") && !properties.contains("P"));
    }

    #[test]
    fn prop_15_18_19_names_are_case_sensitive_and_set_once() {
        let mut properties = Properties::new().with("abc", 1).unwrap().with("Abc", 2).unwrap();
        properties.set("abc", "three").unwrap();
        assert_eq!(properties.names().collect::<Vec<_>>(), ["Abc", "abc"]);
        assert_eq!(properties.string("abc").as_deref(), Some("three"));
        assert_eq!((&properties).into_iter().count(), properties.len());
        assert_eq!(properties.remove("abc"), Some("three".into()));
        assert_eq!(properties.remove("abc"), None);
        assert_eq!(properties.iter().collect::<Vec<_>>(), [("Abc", &2.into())]);
    }

    #[test]
    fn a_refused_name_changes_nothing() {
        let mut properties = Properties::new();
        assert_eq!(properties.set("a.b", 1).unwrap_err().kind(), ErrorKind::InvalidArgument);
        assert!(properties.is_empty());
        properties.set_from_wire("a.b", 1);
        properties.set_from_wire("JMS_vendor", true);
        assert_eq!(properties.i32("a.b").unwrap(), 1);
        assert!(properties.bool("JMS_vendor").unwrap());
    }
}
