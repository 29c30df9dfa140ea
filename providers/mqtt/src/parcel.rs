use std::sync::Arc;

use crate::{
    link::Link,
    wire::{Publish, QoS},
};

/// A message of a session that ends with its link. When it has been handed to those who consume it here, the broker hears
/// of it: a later acknowledgement could bring nothing back.
pub(crate) struct Parcel {
    link: Arc<Link>,
    id: u16,
    qos: QoS,
}

impl Parcel {
    /// None where the broker does not wait to hear of it.
    pub(crate) fn new(link: &Arc<Link>, message: &Publish) -> Option<Self> {
        (message.pkid != 0).then(|| Self {
            link: Arc::clone(link),
            id: message.pkid,
            qos: message.qos,
        })
    }
}

impl Drop for Parcel {
    fn drop(&mut self) {
        self.link.acknowledge(self.id, self.qos);
    }
}
