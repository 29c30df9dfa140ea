//! Epochs of tokens: in the upper half how many links were up so far, in the lower the driver's own epoch.
//!
//! Attempts that failed do not count: however long a broker is away, what it delivered before is not taken for new.

use crate::spi::DeliveryToken;

const BITS: u32 = 16;

/// The first epoch of the nth link.
pub(super) const fn first(nth: u32) -> u32 {
    nth << BITS
}

/// Marks what a driver says with the number of its link.
pub(super) const fn mark(token: &mut DeliveryToken, nth: u32) {
    token.epoch = first(nth) | (token.epoch & 0xffff);
}

/// Whether a token is of the nth link, or of one that no connection lives to see.
pub(super) const fn is_of(token: &DeliveryToken, nth: u32) -> bool {
    token.epoch >> BITS == nth & 0xffff
}

/// As the driver knows it.
pub(super) const fn unmarked(token: DeliveryToken) -> DeliveryToken {
    DeliveryToken {
        epoch: token.epoch & 0xffff,
        ..token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spi::SubscriptionId;

    #[test]
    fn a_drivers_epoch_comes_back_as_it_was() {
        let told = DeliveryToken {
            epoch: 3,
            subscription: SubscriptionId(1),
            tag: 7,
        };
        let mut token = told;
        mark(&mut token, 70_000);
        assert!(is_of(&token, 70_000) && !is_of(&token, 69_999) && !is_of(&told, 70_000));
        assert_eq!(unmarked(token), told);
        assert!(token.epoch < first(70_001));
    }
}
