use std::fmt;

use bytestring::ByteString;

/// The headers of a frame, in order. A name may occur more than once; then the first counts.
///
/// The `Debug` form shows names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(ByteString, ByteString)>);

impl Headers {
    /// No headers.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// No headers, with room for some.
    pub fn with_capacity(headers: usize) -> Self {
        Self(Vec::with_capacity(headers))
    }

    /// Appends one. Names that are known in advance cost nothing as [`ByteString::from_static`].
    pub fn push(&mut self, name: impl Into<ByteString>, value: impl Into<ByteString>) {
        self.0.push((name.into(), value.into()));
    }

    /// The value of the first that has this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.find(name).map(|value| &**value)
    }

    /// As [`get`](Self::get), to be kept: the text is shared.
    pub fn find(&self, name: &str) -> Option<&ByteString> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&ByteString, &ByteString)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_name_counts() {
        let mut headers = Headers::new();
        headers.push("a", "1");
        headers.push("b", "2");
        headers.push("a", "3");
        assert_eq!((headers.get("a"), headers.get("c")), (Some("1"), None));
        assert_eq!(headers.len(), 3);
    }

    #[test]
    fn no_value_is_shown() {
        let mut headers = Headers::new();
        headers.push("passcode", "hunter2");
        assert_eq!(format!("{headers:?}"), r#"["passcode"]"#);
    }
}
