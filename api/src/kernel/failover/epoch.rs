//! Epochs of tokens: the generation in the upper half, the driver's own epoch in the lower.

use crate::spi::DeliveryToken;

const BITS: u32 = 16;

/// The first epoch of a generation.
pub(super) const fn first(generation: u32) -> u32 {
    generation << BITS
}

/// Marks what a driver says with its generation.
pub(super) const fn mark(token: &mut DeliveryToken, generation: u32) {
    token.epoch = first(generation) | (token.epoch & 0xffff);
}

/// Which generation a token is of, up to those that no connection lives to see.
pub(super) const fn is_of(token: &DeliveryToken, generation: u32) -> bool {
    token.epoch >> BITS == generation & 0xffff
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
