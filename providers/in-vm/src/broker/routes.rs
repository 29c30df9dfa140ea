use anymq_api::{Address, Envelope, Result};

use super::{Broker, destinations::Target, topic::Origin};

/// How many targets a session remembers.
const REMEMBERED: usize = 8;

/// The targets that a session sent to last, so that sending does not go through the broker's map.
#[derive(Default)]
pub(super) struct Routes {
    known: Vec<(Address, Target)>,
    /// Which one gives way to a new one.
    oldest: usize,
}

impl Routes {
    /// Sends one message.
    pub(super) fn send(&mut self, broker: &Broker, mut envelope: Envelope, origin: Origin<'_>) -> Result<()> {
        while let Some(target) = self.find(broker, &envelope.headers().destination)? {
            envelope = match target.put(envelope, origin) {
                Ok(()) => return Ok(()),
                Err(refused) => refused,
            };
            self.forget(&envelope.headers().destination);
        }
        Ok(())
    }

    /// Sends several; what goes to one destination in a row goes in one piece. Where one fails, the others are sent
    /// all the same, and the first error is given.
    pub(super) fn send_all(
        &mut self,
        broker: &Broker,
        envelopes: impl Iterator<Item = Envelope>,
        origin: Origin<'_>,
    ) -> Result<()> {
        let mut outcome = Ok(());
        let mut envelopes = envelopes.peekable();
        while let Some(first) = envelopes.peek() {
            let address = first.headers().destination.clone();
            let run = std::iter::from_fn(|| envelopes.next_if(|next| next.headers().destination == address));
            outcome = outcome.and(self.send_run(broker, &address, run, origin));
        }
        outcome
    }

    fn send_run(
        &mut self,
        broker: &Broker,
        address: &Address,
        mut run: impl Iterator<Item = Envelope>,
        origin: Origin<'_>,
    ) -> Result<()> {
        let outcome = loop {
            match self.find(broker, address) {
                Ok(Some(target)) => {
                    if let Some(mut inlet) = target.inlet() {
                        run.by_ref().for_each(|envelope| inlet.put(envelope, origin));
                        break Ok(());
                    }
                    self.forget(address);
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        // What could not be sent is passed over.
        run.for_each(drop);
        outcome
    }

    /// The target of an address, if it is remembered.
    pub(super) fn known(&self, address: &Address) -> Option<&Target> {
        let known = self.known.iter().find(|(known, _)| known == address);
        known.map(|(_, target)| target)
    }

    fn find(&mut self, broker: &Broker, address: &Address) -> Result<Option<&Target>> {
        let index = match self.known.iter().position(|(known, _)| known == address) {
            Some(index) => index,
            None => match broker.find_for_sending(address)? {
                Some(target) => self.remember(address.clone(), target),
                None => return Ok(None),
            },
        };
        Ok(self.known.get(index).map(|(_, target)| target))
    }

    fn remember(&mut self, address: Address, target: Target) -> usize {
        if self.known.len() < REMEMBERED {
            self.known.push((address, target));
            return self.known.len() - 1;
        }
        let index = self.oldest;
        self.oldest = (index + 1) % REMEMBERED;
        if let Some(place) = self.known.get_mut(index) {
            *place = (address, target);
        }
        index
    }

    fn forget(&mut self, address: &Address) {
        self.known.retain(|(known, _)| known != address);
    }
}
