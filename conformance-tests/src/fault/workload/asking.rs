//! Who asks for replies at a temporary destination in a run, by number.

use std::sync::Arc;

use anymq_api::{AckMode, Address, Capabilities, Capability, Connection, DestinationKind, Result};
use tokio::task::JoinSet;

use super::{Workload, replier::Replier, requester::Requester};
use crate::{fault::Dice, temporary::Temporary};

/// How somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asking {
    /// Where the replies go: to a temporary queue or a temporary topic.
    pub place: DestinationKind,
    /// Whether the place is deleted in the end, or left to end with its connection.
    pub deletes: bool,
}

const PURPOSE: u64 = 5;

impl Asking {
    /// Who asks in the run of this number, as far as the provider can.
    pub(super) fn of(seed: u64, capabilities: &Capabilities) -> Vec<Self> {
        let mut dice = Dice::new(seed, PURPOSE);
        // Requests wait in a queue for who replies.
        let can = [Capability::TemporaryDestinations, Capability::Queues];
        if !can.iter().all(|it| capabilities.supports(*it)) || dice.chance(40) {
            return Vec::new();
        }
        let count = dice.between(1, 3);
        let asking = (0..count).map(|_| Self {
            place: dice.one_of([DestinationKind::TemporaryQueue, DestinationKind::TemporaryTopic]),
            deletes: dice.chance(50),
        });
        asking.collect()
    }
}

impl Workload {
    /// Where requests go.
    pub(super) fn requests(&self) -> Result<Address> {
        Address::new(DestinationKind::Queue, format!("{}-requests", self.prefix))
    }

    /// Who replies begins, if anybody asks.
    pub(super) async fn begin_replying(
        &self,
        connections: &[Arc<dyn Connection>],
        tasks: &mut JoinSet<()>,
    ) -> Option<()> {
        if !self.cast.asking.is_empty() {
            let replier = self.replier(connections.last()?).await?;
            tasks.spawn(replier.run());
        }
        Some(())
    }

    /// Those who ask begin.
    pub(super) async fn begin_asking(
        &self,
        connections: &[Arc<dyn Connection>],
        tasks: &mut JoinSet<()>,
    ) -> Option<()> {
        for ((id, &asking), connection) in (0..).zip(&self.cast.asking).zip(connections.iter().cycle()) {
            let requester = self.requester(connection, id, asking).await?;
            self.scene.oracle.enroll(id);
            tasks.spawn(requester.run());
        }
        Some(())
    }

    async fn replier(&self, connection: &Arc<dyn Connection>) -> Option<Replier> {
        let scene = Arc::clone(&self.scene);
        let address = self.valid(self.requests())?;
        let opening = || connection.create_session(AckMode::Auto);
        let session = scene.insist("opening a session", opening).await?;
        let making = || session.create_consumer(&address);
        let consumer = scene.insist("making a consumer of requests", making).await?;
        let making = || session.create_anonymous_producer();
        let producer = scene.insist("making a producer of replies", making).await?;
        Some(Replier {
            scene,
            consumer,
            producer,
        })
    }

    async fn requester(&self, connection: &Arc<dyn Connection>, id: u16, asking: Asking) -> Option<Requester> {
        let scene = Arc::clone(&self.scene);
        let address = self.valid(self.requests())?;
        let opening = || connection.create_session(AckMode::Auto);
        let session = scene.insist("opening a session", opening).await?;
        let making = || Temporary::create(&session, asking.place);
        let place = scene.insist("making a temporary destination", making).await?;
        let making = || session.create_consumer(&place);
        let consumer = scene.insist("making a consumer of replies", making).await?;
        let making = || session.create_producer(&address);
        let producer = scene.insist("making a producer of requests", making).await?;
        Some(Requester {
            scene,
            place,
            consumer,
            producer,
            id,
            deletes: asking.deletes,
        })
    }
}

#[cfg(test)]
mod tests {
    use anymq_api::Support;

    use super::*;

    #[test]
    fn a_hundred_numbers_have_everything() {
        let everything = Capabilities::none().with_all(Capability::ALL, Support::Native);
        let runs: Vec<_> = (1..=100).map(|seed| Asking::of(seed, &everything)).collect();
        let silent = runs.iter().filter(|run| run.is_empty()).count();
        assert!((20..60).contains(&silent), "{silent}");
        for place in [DestinationKind::TemporaryQueue, DestinationKind::TemporaryTopic] {
            for deletes in [false, true] {
                assert!(runs.iter().flatten().any(|asking| *asking == Asking { place, deletes }));
            }
        }
        assert_eq!(Asking::of(7, &everything), Asking::of(7, &everything));
        assert!((1..=100).all(|seed| Asking::of(seed, &Capabilities::none()).is_empty()));
    }
}
