use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use bytes::Bytes;

use super::{
    Entries,
    convert::{View, about},
    slice,
};
use crate::{Error, ErrorKind, Result, Value};

/// The body of a map message: named values, in the order of their names. JMS: `MapMessage`.
///
/// Cloning shares; the setters copy only what is shared. Any name but the empty one is allowed. The typed getters
/// convert as those of [`Properties`](crate::Properties) do, with two types more: characters, which convert to text
/// only, and bytes, which convert to nothing.
///
/// ```
/// use anymq_api::{Map, Message};
///
/// let map = Map::new().with("drink", "espresso")?.with("shots", 2_i8)?.with("unit price", 1.9)?;
/// let message = Message::map(map);
/// let map = message.as_map().unwrap();
/// assert_eq!(map.i32("shots")?, 2);
/// assert_eq!(map.string("unit price")?.as_deref(), Some("1.9"));
/// assert_eq!(map.string("sugar")?, None);
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map(Arc<BTreeMap<String, Value>>);

impl Map {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// A map of these entries; of two with one name the later is kept.
    ///
    /// ```
    /// use anymq_api::Map;
    ///
    /// assert_eq!(Map::try_from_iter([("a", 1), ("b", 2)])?.len(), 2);
    /// # Ok::<(), anymq_api::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn try_from_iter<N: Into<String>, V: Into<Value>>(entries: impl IntoIterator<Item = (N, V)>) -> Result<Self> {
        entries
            .into_iter()
            .try_fold(Self::new(), |map, (name, value)| map.with(name, value))
    }

    /// One value, as it was set; `Some(Value::Null)` is kept apart from a missing one. JMS: `getObject`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Whether there is such an entry. JMS: `itemExists`.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The names, each once. JMS: `getMapNames`.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The names and values.
    pub fn iter(&self) -> Entries<'_, Value> {
        Entries::new(self.0.iter())
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets one entry, or replaces its value and type. JMS: `setObject` and its siblings.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] when the name is empty.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) -> Result<()> {
        let name = name.into();
        if name.is_empty() {
            return Err(Error::new(ErrorKind::InvalidArgument, "a map entry's name is empty"));
        }
        self.set_from_wire(name, value);
        Ok(())
    }

    /// Sets one entry to a copy of `length` bytes from `offset` on. JMS: `setBytes(name, value, offset, length)`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] when the name is empty or the range is not within `bytes`.
    pub fn set_bytes_slice(
        &mut self,
        name: impl Into<String>,
        bytes: &[u8],
        offset: usize,
        length: usize,
    ) -> Result<()> {
        self.set(name, slice::part(bytes, offset, length)?)
    }

    /// The same map and one more entry.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Result<Self> {
        self.set(name, value)?;
        Ok(self)
    }

    /// Sets one entry whatever its name; for implementors of the SPI, for what came over the wire.
    pub fn set_from_wire(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        Arc::make_mut(&mut self.0).insert(name.into(), value.into());
    }

    /// Removes one entry and gives its value.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        if !self.contains(name) {
            return None;
        }
        Arc::make_mut(&mut self.0).remove(name)
    }

    /// The character, of a character only. JMS: `getChar`.
    ///
    /// # Errors
    /// [`ErrorKind::MessageFormat`] for every other type; [`ErrorKind::InvalidArgument`] for null and a missing
    /// entry, where Java has a null pointer.
    pub fn char(&self, name: &str) -> Result<char> {
        self.read(name, View::to_char)
    }

    /// The text form, of every type but bytes; none of null and of a missing entry. JMS: `getString`.
    ///
    /// # Errors
    /// [`ErrorKind::MessageFormat`] for bytes.
    pub fn string(&self, name: &str) -> Result<Option<Cow<'_, str>>> {
        self.read(name, View::to_text)
    }

    /// The bytes, shared and not copied; none of null and of a missing entry. JMS: `getBytes`.
    ///
    /// # Errors
    /// [`ErrorKind::MessageFormat`] for every other type.
    pub fn bytes(&self, name: &str) -> Result<Option<Bytes>> {
        self.read(name, View::to_bytes)
    }

    fn read<'a, T>(&'a self, name: &str, convert: impl FnOnce(View<'a>) -> Result<T>) -> Result<T> {
        let value = self.get(name).map_or(View::Null, Value::view);
        convert(value).map_err(|error| about("map entry", name, &error))
    }
}

macro_rules! getters {
    ($($name:ident: $convert:ident, $doc:literal;)*) => {
        impl Map {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// [`ErrorKind::MessageFormat`] for a type that does not convert; [`ErrorKind::NumberFormat`] for a text
            /// that does not parse, and for a number that is null or missing (a float too, where Java has a null
            /// pointer).
            pub fn $name(&self, name: &str) -> Result<$name> {
                self.read(name, View::$convert)
            }
        )*}
    };
}

getters! {
    bool: to_bool, "From `bool` or a text; null and a missing entry are false. JMS: `getBoolean`.";
    i8: to_i8, "From `i8` or a text. JMS: `getByte`.";
    i16: to_i16, "From `i8`, `i16` or a text. JMS: `getShort`.";
    i32: to_i32, "From `i8`, `i16`, `i32` or a text. JMS: `getInt`.";
    i64: to_i64, "From any integer or a text. JMS: `getLong`.";
    f32: to_f32, "From `f32` or a text. JMS: `getFloat`.";
    f64: to_f64, "From `f32`, `f64` or a text. JMS: `getDouble`.";
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a str, &'a Value);
    type IntoIter = Entries<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::super::conversion_table::{rows, symbol};
    use super::*;

    fn outcomes(map: &Map, name: &str) -> String {
        [
            symbol(&map.bool(name)),
            symbol(&map.i8(name)),
            symbol(&map.i16(name)),
            symbol(&map.char(name)),
            symbol(&map.i32(name)),
            symbol(&map.i64(name)),
            symbol(&map.f32(name)),
            symbol(&map.f64(name)),
            symbol(&map.string(name)),
            symbol(&map.bytes(name)),
        ]
        .into_iter()
        .collect()
    }

    /// MAP-02, MAP-03: table 2b, all 100 cells.
    #[test]
    fn map_02_getters_convert_as_the_table_says() {
        for (value, expected) in rows() {
            let map = Map::new().with("e", value.clone()).unwrap();
            assert_eq!(outcomes(&map, "e"), expected, "{value:?}");
            assert_eq!(map.get("e"), Some(&value));
        }
    }

    #[test]
    fn map_04_missing_is_as_null() {
        let map = Map::new().with("null", Value::Null).unwrap();
        assert_eq!(outcomes(&map, "missing"), outcomes(&map, "null"));
        for name in ["missing", "null"] {
            assert!(!map.bool(name).unwrap());
            assert_eq!((map.string(name).unwrap(), map.bytes(name).unwrap()), (None, None));
        }
        assert!(map.contains("null") && !map.contains("missing"));
        assert_eq!(map.char("e").unwrap_err().detail(), "map entry `e`: null is no char");
    }

    #[test]
    fn map_05_any_name_but_the_empty_one() {
        let mut map = Map::new();
        assert_eq!(map.set("", 1).unwrap_err().kind(), ErrorKind::InvalidArgument);
        assert!(Map::try_from_iter([("", 1)]).is_err());
        let long = "k".repeat(1024);
        for name in [" ", "a b", "a.b", "a-b", "größe", "NULL", "JMSType", &long] {
            map.set(name, 1).unwrap();
        }
        assert_eq!(map.len(), 8);
        map.set_from_wire("", 1);
        assert!(map.contains(""));
    }

    #[test]
    fn map_07_names_come_once() {
        let map = Map::try_from_iter([("b", 1), ("a", 2), ("b", 3)]).unwrap();
        assert_eq!(map.names().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((&map).into_iter().last(), Some(("b", &Value::I32(3))));
        assert!(!map.is_empty());
    }

    #[test]
    fn map_08_bytes_are_copied_in() {
        let mut bytes = vec![1, 2, 3, 4];
        let mut map = Map::new();
        map.set_bytes_slice("b", &bytes, 1, 2).unwrap();
        bytes.fill(9);
        assert_eq!(map.bytes("b").unwrap().unwrap(), [2, 3].as_slice());
        let error = map.set_bytes_slice("c", &bytes, 3, 2).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(!map.contains("c"));
    }

    #[test]
    fn clones_share_until_one_changes() {
        let first = Map::new().with("a", 1).unwrap();
        let mut second = first.clone();
        assert!(Arc::ptr_eq(&first.0, &second.0));
        assert_eq!(second.remove("missing"), None);
        assert!(Arc::ptr_eq(&first.0, &second.0));
        assert_eq!(second.remove("a"), Some(1.into()));
        assert!(first.contains("a") && second.is_empty());
    }
}
