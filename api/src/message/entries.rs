use std::{collections::btree_map, fmt, iter::FusedIterator};

/// The names and values of [`Properties`](crate::Properties) or a [`Map`](crate::Map), in the order of the names.
pub struct Entries<'a, V>(btree_map::Iter<'a, String, V>);

impl<'a, V> Entries<'a, V> {
    pub(super) fn new(entries: btree_map::Iter<'a, String, V>) -> Self {
        Self(entries)
    }
}

impl<'a, V> Iterator for Entries<'a, V> {
    type Item = (&'a str, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (name.as_str(), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<V> ExactSizeIterator for Entries<'_, V> {}

impl<V> FusedIterator for Entries<'_, V> {}

impl<V> Clone for Entries<'_, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<V: fmt::Debug> fmt::Debug for Entries<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.clone()).finish()
    }
}
