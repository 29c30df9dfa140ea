//! Choices that a number decides.

use std::time::Duration;

/// The same number gives the same choices, on every machine and for ever: `SplitMix64`.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The choices of a number; `purpose` keeps those for one purpose apart from those for another.
    pub fn new(seed: u64, purpose: u64) -> Self {
        let mut dice = Self(seed ^ purpose.rotate_left(32));
        dice.roll();
        dice
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `least` to `most`, both included; `least` when there is nothing between them.
    pub fn between(&mut self, least: u32, most: u32) -> u32 {
        let span = u64::from(most.saturating_sub(least)) + 1;
        least + u32::try_from(self.roll() % span).unwrap_or(0)
    }

    /// In so many of a hundred cases.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of several, of which there is at least one.
    pub fn one_of<T: Copy, const N: usize>(&mut self, several: [T; N]) -> T {
        const { assert!(N > 0) };
        let index = self.between(0, u32::try_from(N - 1).unwrap_or(0));
        several[index as usize % N]
    }

    /// A time within these milliseconds.
    pub fn millis(&mut self, least: u32, most: u32) -> Duration {
        Duration::from_millis(self.between(least, most).into())
    }

    /// Puts a list into another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = self.between(0, u32::try_from(last).unwrap_or(u32::MAX)) as usize;
            list.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_decides() {
        let rolls = |seed, purpose| {
            let mut dice = Dice::new(seed, purpose);
            (0..8).map(|_| dice.between(0, 1000)).collect::<Vec<_>>()
        };
        assert_eq!(rolls(7, 1), rolls(7, 1));
        assert_ne!(rolls(7, 1), rolls(8, 1));
        assert_ne!(rolls(7, 1), rolls(7, 2));
        // Whoever replays a seed of last year's must meet the same faults.
        assert_eq!(rolls(7, 1)[..3], [806, 151, 616]);
    }

    #[test]
    fn choices_stay_within_their_bounds() {
        let mut dice = Dice::new(1, 1);
        let rolls: Vec<_> = (0..1000).map(|_| dice.between(3, 7)).collect();
        assert!((3..=7).all(|value| rolls.contains(&value)));
        assert!(rolls.iter().all(|value| (3..=7).contains(value)));
        assert_eq!(dice.between(5, 5), 5);
        let mut list: Vec<_> = (0..50).collect();
        dice.shuffle(&mut list);
        assert_ne!(list, (0..50).collect::<Vec<_>>());
        list.sort_unstable();
        assert_eq!(list, (0..50).collect::<Vec<_>>());
    }
}
