//! What can happen to a broker.

/// What can happen to a broker. A broker of several nodes comes back with the node that it happens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BrokerFault {
    /// It ends in order and comes back; of several nodes, the one that the clients are at.
    Restart,
    /// It crashes and comes back; of several nodes, the one that the clients are at.
    Kill,
    /// Of several nodes, one that leads a queue, and that the clients are not at, ends in order and comes back.
    RestartLeader,
    /// Of several nodes, one that leads a queue, and that the clients are not at, crashes and comes back.
    KillLeader,
    /// It has no memory left, for a while: publishers are blocked.
    MemoryAlarm,
    /// A queue is deleted under its consumer.
    DeleteQueue,
}

impl BrokerFault {
    /// What can happen to a broker of one node.
    pub const OF_NODE: [Self; 4] = [Self::Restart, Self::Kill, Self::MemoryAlarm, Self::DeleteQueue];

    /// What can happen to one of several.
    pub const OF_CLUSTER: [Self; 6] = [
        Self::Restart,
        Self::Kill,
        Self::RestartLeader,
        Self::KillLeader,
        Self::MemoryAlarm,
        Self::DeleteQueue,
    ];

    /// That of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::OF_CLUSTER.into_iter().find(|fault| fault.name() == name)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Kill => "kill",
            Self::RestartLeader => "leader-restart",
            Self::KillLeader => "leader-kill",
            Self::MemoryAlarm => "memory-alarm",
            Self::DeleteQueue => "delete-queue",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_by_its_name() {
        for fault in BrokerFault::OF_CLUSTER.into_iter().chain(BrokerFault::OF_NODE) {
            assert_eq!(BrokerFault::named(fault.name()), Some(fault));
        }
        assert_eq!(BrokerFault::named("flood"), None);
    }
}
