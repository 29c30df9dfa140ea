//! A queue that somebody deletes under its consumer.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anymq_api::{AckMode, Address, BoxError, Connection, Consumer, DestinationKind, Event, Events, Message, Session};

use super::{
    BrokerFault, Damage, Fault, Manner, Moment, Plan, Point, Verdict,
    census::Census,
    trial::{Bench, RESUMED},
};
type Outcome = Result<(), BoxError>;

impl Bench {
    /// The consumer ends and says so; the connection lives on, over the next outage, too; and where the queue was there
    /// can be another.
    pub(super) async fn deleted_queue(&self) -> Result<Verdict, BoxError> {
        let begin = Instant::now();
        let before = Census::take(&self.harness).await?;
        let address = Address::new(DestinationKind::Queue, "faults-deleted")?;
        let (script, faulty) = self.links(Plan::quiet()).await?;
        let factory = self.factory(&faulty, &script, &Arc::default())?;
        let connection = factory.create_connection().await?;
        connection.start().await?;
        let mut breaches = Vec::new();
        let outcome = self.with_deleted(&connection, &address, || script.add(CUT)).await;
        breaches.extend(outcome.err().map(|error| error.to_string()));
        connection.close().await?;
        drop((connection, factory, faulty));
        script.end();
        let outages = script.outages();
        let timeline = Arc::clone(script.timeline());
        drop(script);
        let left_over = Census::no_more(&self.harness, before, RESUMED, &timeline).await;
        breaches.extend(left_over.err());
        Ok(Verdict {
            broker_fault: Some(BrokerFault::DeleteQueue),
            messages: 2,
            outages: outages + 1,
            took: begin.elapsed(),
            breaches,
            timeline: timeline.notes(),
            ..Verdict::default()
        })
    }

    async fn with_deleted(&self, connection: &Arc<dyn Connection>, address: &Address, cut: impl FnOnce()) -> Outcome {
        let mut events = connection.events()?;
        let session = connection.create_session(AckMode::Auto).await?;
        let consumer = session.create_consumer(address).await?;
        self.passes(&session, address, &consumer).await?;
        self.harness.delete_queue(address).await?;
        self.told(
            &mut events,
            |event| matches!(event, Event::ConsumerEnded { .. }),
            "ended",
        )
        .await?;
        cut();
        // Sets the cut off, unless the queue's end does that already.
        let _ = connection.create_session(AckMode::Auto).await;
        self.told(&mut events, |event| matches!(event, Event::Restored { .. }), "restored")
            .await?;
        let next = session.create_consumer(address).await?;
        self.passes(&session, address, &next).await?;
        Ok(())
    }

    async fn passes(&self, session: &Arc<dyn Session>, address: &Address, consumer: &Arc<dyn Consumer>) -> Outcome {
        let producer = session.create_producer(address).await?;
        producer.send(Message::text("text")).await?;
        match consumer.receive_timeout(RESUMED).await? {
            Some(_) => Ok(()),
            None => Err("nothing comes".into()),
        }
    }

    async fn told(&self, events: &mut Events, awaited: impl Fn(&Event) -> bool, what: &str) -> Outcome {
        let waiting = async {
            while let Some(event) = events.next().await {
                if awaited(&event) {
                    return Ok(());
                }
            }
            Err("the events end".into())
        };
        match tokio::time::timeout(self.patience, waiting).await {
            Ok(outcome) => outcome,
            Err(_) => Err(format!("nobody is told that it is {what}").into()),
        }
    }
}

const CUT: Fault = Fault {
    point: Point::Other,
    moment: Moment::Before,
    nth: 1,
    at_latest: 1,
    damage: Damage::Cut,
    down: Duration::ZERO,
    then: Manner::Whole,
};
