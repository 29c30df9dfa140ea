/// The subscriptions at the broker that serve one consumer, and how much each may send before it hears of any.
#[derive(Debug, Default)]
pub(super) struct Windows {
    ids: Vec<u64>,
    size: u64,
}

impl Windows {
    pub(super) fn add(&mut self, id: u64, size: u32) {
        self.ids.push(id);
        self.size += u64::from(size);
    }

    /// What all of them may send.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn take(&mut self) -> Vec<u64> {
        self.size = 0;
        std::mem::take(&mut self.ids)
    }
}
