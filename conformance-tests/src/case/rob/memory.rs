//! How much memory the process has.

/// Of a page, on nearly every machine; where it is more, growth shows smaller than it is.
const PAGE: u64 = 4096;

/// The bytes that are in memory, where the system tells.
pub(super) fn resident() -> Option<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    pages.split(' ').nth(1)?.parse::<u64>().ok().map(|pages| pages * PAGE)
}

/// By how much it grows while something happens: the most that was seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Growth {
    before: Option<u64>,
    most: Option<u64>,
}

impl Growth {
    pub(super) fn begin() -> Self {
        Self {
            before: resident(),
            most: None,
        }
    }

    pub(super) fn look(&mut self) {
        self.most = self.most.max(resident());
    }

    /// None where the system does not tell.
    pub(super) fn bytes(&self) -> Option<u64> {
        self.most
            .zip(self.before)
            .map(|(most, before)| most.saturating_sub(before))
    }
}
