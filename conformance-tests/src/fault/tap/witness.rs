//! Whether everything is settled on the link that delivered it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use anymq_api::spi::{Delivery, DeliveryToken};

use super::{Tap, Tapper};

/// Marks the tokens of each link, so that those of an older one are known whatever number they have.
#[derive(Debug, Default)]
pub struct Witness(Arc<AtomicU64>);

/// The bits of a tag that are the driver's.
const TAG_BITS: u32 = 40;

impl Witness {
    /// How many settlements came to another link than the one that had delivered.
    pub fn strays(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Tapper for Witness {
    fn tap(&self, serial: u64) -> Arc<dyn Tap> {
        let strays = Arc::clone(&self.0);
        Arc::new(LinkWitness { serial, strays })
    }
}

#[derive(Debug)]
struct LinkWitness {
    serial: u64,
    strays: Arc<AtomicU64>,
}

impl Tap for LinkWitness {
    fn delivery(&self, mut delivery: Delivery) -> Option<Delivery> {
        delivery.token.tag |= self.serial << TAG_BITS;
        Some(delivery)
    }

    fn token(&self, mut token: DeliveryToken) -> Option<DeliveryToken> {
        if token.tag >> TAG_BITS != self.serial {
            self.strays.fetch_add(1, Ordering::SeqCst);
            return None;
        }
        token.tag &= (1 << TAG_BITS) - 1;
        Some(token)
    }
}

#[cfg(test)]
mod tests {
    use anymq_api::{Address, Envelope, Headers, Message, spi::SubscriptionId};

    use super::*;

    #[test]
    fn tokens_of_another_link_do_not_pass() {
        let witness = Witness::default();
        let (first, second) = (witness.tap(1), witness.tap(2));
        let address: Address = "queue:a".parse().unwrap();
        let token = DeliveryToken {
            epoch: 0,
            subscription: SubscriptionId(1),
            tag: 7,
        };
        let delivery = Delivery {
            envelope: Envelope::new(Headers::new(address), Message::empty()),
            token,
            redelivered: false,
            count: 1,
            local: false,
        };
        let marked = first.delivery(delivery).unwrap().token;
        assert_eq!((first.token(marked), witness.strays()), (Some(token), 0));
        assert_eq!((second.token(marked), witness.strays()), (None, 1));
    }
}
