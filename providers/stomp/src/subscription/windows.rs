/// The subscriptions at the broker that serve one consumer, and how much each may send before it hears of any.
#[derive(Debug, Default)]
pub(super) struct Windows {
    all: Vec<Window>,
}

#[derive(Debug)]
struct Window {
    id: u64,
    size: u32,
    /// How much of it is used up.
    used: u32,
}

impl Windows {
    pub(super) fn add(&mut self, id: u64, size: u32) {
        self.all.push(Window { id, size, used: 0 });
    }

    /// Their ids at the broker.
    pub(super) fn ids(&self) -> impl Iterator<Item = u64> {
        self.all.iter().map(|window| window.id)
    }

    /// What all of them may send.
    pub(super) fn size(&self) -> u64 {
        self.all.iter().map(|window| u64::from(window.size)).sum()
    }

    /// How large another one is to be, that is lacking so much: what is small is exact, so that little is kept from others;
    /// what is large is not made of too many.
    pub(super) fn next_size(&self, lacking: u64) -> u32 {
        u32::try_from(lacking.max(self.size() / 8)).unwrap_or(u32::MAX)
    }

    /// Something came by this one.
    pub(super) fn receive(&mut self, id: u64) {
        if let Some(window) = self.find(id) {
            window.used += 1;
        }
    }

    /// The broker has heard of something that came by this one.
    pub(super) fn settle(&mut self, id: u64) {
        if let Some(window) = self.find(id) {
            window.used = window.used.saturating_sub(1);
        }
    }

    fn find(&mut self, id: u64) -> Option<&mut Window> {
        self.all.iter_mut().find(|window| window.id == id)
    }

    /// All of them, in the order in which they are to be ended: those first which would be sent what others give back, then
    /// by age of what they give back, of which `oldest` tells.
    pub(super) fn take(&mut self, oldest: impl Iterator<Item = u64>) -> Vec<u64> {
        let (free, mut full): (Vec<_>, Vec<_>) = self.all.drain(..).partition(|window| window.used < window.size);
        let mut order: Vec<u64> = free.into_iter().map(|window| window.id).collect();
        for id in oldest {
            full.retain(|window| {
                let is_next = window.id == id;
                if is_next {
                    order.push(id);
                }
                !is_next
            });
            if full.is_empty() {
                break;
            }
        }
        order.extend(full.iter().map(|window| window.id));
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_room_is_ended_first_and_then_the_oldest() {
        let mut windows = Windows::default();
        for id in 0..4 {
            windows.add(id, 1);
        }
        for id in [2, 0, 1, 3] {
            windows.receive(id);
        }
        windows.settle(1);
        assert_eq!(windows.size(), 4);
        assert_eq!(windows.take([2, 0, 3].into_iter()), [1, 2, 0, 3]);
        assert_eq!(windows.size(), 0);
    }

    #[test]
    fn small_ones_are_exact_and_large_ones_few() {
        let mut windows = Windows::default();
        let mut count = 0;
        while windows.size() < 1000 {
            let size = windows.next_size(1);
            windows.add(count, size);
            count += 1;
        }
        assert!(windows.all.iter().take(16).all(|window| window.size == 1));
        assert!(count < 60, "{count}");
    }
}
