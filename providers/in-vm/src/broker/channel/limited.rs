//! Sends where queues or the broker are bounded.

use std::sync::Arc;

use anymq_api::{Address, Envelope, Result};

use super::Channel;
use crate::{
    broker::{Overflow, QueueLimit, capacity::Capacity, crowd::Crowd},
    error,
};

impl Channel {
    #[inline(never)]
    pub(super) fn send_limited(&self, envelope: Envelope, capacity: &Capacity) -> Result<()> {
        capacity.check()?;
        match capacity.queue {
            None => self.send_unlimited(envelope)?,
            Some(limit) => self.send_to_limited(envelope, limit)?,
        }
        if let Some(crowd) = capacity.full() {
            self.throttle.hold_for_broker(crowd);
        }
        Ok(())
    }

    /// To a queue that is limited, or to subscriptions whose queues are.
    #[inline]
    fn send_to_limited(&self, envelope: Envelope, limit: QueueLimit) -> Result<()> {
        if limit.overflow != Overflow::Wait {
            return self.send_by_force(envelope, limit);
        }
        match self.shortcut.send(envelope, self.origin()) {
            Ok(target) => {
                if let Some(crowd) = target.full() {
                    self.throttle.hold_for_queue(crowd);
                }
                Ok(())
            }
            Err(envelope) => {
                let address = envelope.headers().destination.clone();
                self.send_locked(envelope)?;
                self.after_sending(&address, limit);
                Ok(())
            }
        }
    }

    /// Where it, or what waits, gives way when there is no room.
    #[inline(never)]
    fn send_by_force(&self, envelope: Envelope, limit: QueueLimit) -> Result<()> {
        let address = envelope.headers().destination.clone();
        if limit.overflow == Overflow::Refuse
            && let Some(crowd) = self.full(&address)
        {
            crowd.refuse();
            return Err(error::queue_full(&address));
        }
        self.send_unlimited(envelope)?;
        self.after_sending(&address, limit);
        Ok(())
    }

    fn full(&self, address: &Address) -> Option<Arc<Crowd>> {
        match self.shortcut.target(address) {
            Some(target) => target.full(),
            None => self.broker().find_target(address)?.full(),
        }
    }

    fn after_sending(&self, address: &Address, limit: QueueLimit) {
        match limit.overflow {
            Overflow::Wait => {
                if let Some(crowd) = self.full(address) {
                    self.throttle.hold_for_queue(crowd);
                }
            }
            Overflow::Refuse => {}
            Overflow::DropOldest => {
                if let Some(target) = self.broker().find_target(address) {
                    let overflow = target.take_overflow();
                    self.broker().bury(overflow);
                }
            }
        }
    }

    pub(super) fn after_commit(&self, destinations: &[Address], capacity: &Capacity) {
        if let Some(limit) = capacity.queue {
            for address in destinations {
                self.after_sending(address, limit);
            }
        }
        if let Some(crowd) = capacity.full() {
            self.throttle.hold_for_broker(crowd);
        }
    }
}
