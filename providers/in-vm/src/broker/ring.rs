//! Adding to lists on every message's way.
//!
//! A value that is made before there is room for it is made elsewhere and copied, in larger pieces than it was written
//! in, which a processor has to wait for. So there is room first.

use std::collections::VecDeque;

#[inline]
pub(super) fn push_back<T>(ring: &mut VecDeque<T>, make: impl FnOnce() -> T) {
    // A loop, so that the compiler knows.
    while ring.len() == ring.capacity() {
        grow_ring(ring);
    }
    ring.push_back(make());
}

#[inline]
pub(super) fn push<T>(list: &mut Vec<T>, make: impl FnOnce() -> T) {
    while list.len() == list.capacity() {
        grow_list(list);
    }
    list.push(make());
}

#[cold]
#[inline(never)]
fn grow_ring<T>(ring: &mut VecDeque<T>) {
    ring.reserve(1);
}

#[cold]
#[inline(never)]
fn grow_list<T>(list: &mut Vec<T>) {
    list.reserve(1);
}
