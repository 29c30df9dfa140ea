//! Somebody who sends, and does what a sensible application does when it fails.

use std::{collections::VecDeque, sync::Arc};

use anymq_api::{Confirmation, Error, ErrorKind, Message, Producer, ProducerExt as _, Retry, Session};

use super::{
    cast::{Sending, SendingStyle},
    scene::{Producing, Scene},
};
use crate::fault::oracle::Payload;

pub(super) struct Sender {
    pub(super) scene: Arc<Scene>,
    pub(super) session: Arc<dyn Session>,
    pub(super) producer: Arc<dyn Producer>,
    /// What it feeds.
    pub(super) streams: Vec<usize>,
    pub(super) id: u16,
    pub(super) spec: Sending,
    /// Until it is done.
    pub(super) producing: Producing,
}

/// More than a frame of AMQP 0-9-1 holds, and the how many-eth message is so long.
const LARGE: usize = 200_000;
const EVERY: u32 = 97;

impl Sender {
    pub(super) async fn run(self) {
        match self.spec.style {
            SendingStyle::Single => self.single().await,
            SendingStyle::Pipelined(depth) => self.pipelined(depth as usize).await,
            SendingStyle::Transacted(batch) => self.transacted(batch).await,
        }
        drop(self.producing);
    }

    /// The payloads that are to be sent.
    fn numbers(&self) -> impl Iterator<Item = u32> {
        0..self.spec.count.unwrap_or(u32::MAX)
    }

    fn payload(&self, number: u32) -> Payload {
        Payload {
            producer: self.id,
            number,
        }
    }

    fn message(&self, payload: Payload) -> Message {
        let large = self.spec.some_large && payload.number % EVERY == EVERY / 2;
        Message::text(payload.text(if large { LARGE } else { self.spec.padding }))
    }

    async fn single(&self) {
        for number in self.numbers() {
            if self.scene.is_enough() || self.send(self.payload(number)).await.is_none() {
                return;
            }
            self.scene.rest().await;
        }
    }

    /// Sends until the broker has taken it; `None` when that is hopeless.
    async fn send(&self, payload: Payload) -> Option<()> {
        loop {
            self.scene.oracle.attempt(&self.streams, payload);
            let sending = self.producer.send(self.message(payload));
            match self.scene.call("a send", sending).await? {
                Ok(_) => {
                    self.scene.oracle.confirmed(&self.streams, payload);
                    return Some(());
                }
                Err(error) => self.weigh(payload, &error)?,
            }
            self.scene.pause().await;
        }
    }

    /// Whether it may be sent again, and whether it may have arrived.
    fn weigh(&self, payload: Payload, error: &Error) -> Option<()> {
        match error.retry() {
            Retry::MayDuplicate => Some(()),
            Retry::Safe => {
                self.scene.oracle.refuted(&self.streams, payload);
                Some(())
            }
            Retry::Never => {
                self.scene.oracle.breach(format!("a send failed for good: {error}"));
                None
            }
        }
    }

    async fn pipelined(&self, depth: usize) {
        let mut under_way = VecDeque::with_capacity(depth);
        for number in self.numbers() {
            if self.scene.is_enough() {
                break;
            }
            let payload = self.payload(number);
            self.scene.oracle.attempt(&self.streams, payload);
            let submitting = self.producer.submit(self.message(payload), None);
            match self.scene.call("a submission", submitting).await {
                None => return,
                Some(Ok(confirmation)) => under_way.push_back((payload, confirmation)),
                Some(Err(error)) => {
                    if self.weigh(payload, &error).is_none() || self.send(payload).await.is_none() {
                        return;
                    }
                }
            }
            if under_way.len() >= depth && self.confirm(&mut under_way).await.is_none() {
                return;
            }
            self.scene.rest().await;
        }
        while !under_way.is_empty() {
            if self.confirm(&mut under_way).await.is_none() {
                return;
            }
        }
    }

    /// Waits for the first one.
    async fn confirm(&self, under_way: &mut VecDeque<(Payload, Confirmation)>) -> Option<()> {
        let Some((payload, confirmation)) = under_way.pop_front() else {
            return Some(());
        };
        match self.scene.call("a confirmation", confirmation).await? {
            Ok(_) => {
                self.scene.oracle.confirmed(&self.streams, payload);
                Some(())
            }
            Err(error) => {
                self.weigh(payload, &error)?;
                self.send(payload).await
            }
        }
    }

    async fn transacted(&self, batch: u32) {
        let mut numbers = self.numbers().peekable();
        while numbers.peek().is_some() && !self.scene.is_enough() {
            let payloads: Vec<_> = numbers
                .by_ref()
                .take(batch as usize)
                .map(|it| self.payload(it))
                .collect();
            loop {
                if self.scene.is_over() {
                    return;
                }
                match self.transaction(&payloads).await {
                    None => return,
                    Some(true) => break,
                    Some(false) => self.scene.pause().await,
                }
            }
            self.scene.rest().await;
        }
    }

    /// Whether it is over; `Some(false)` when it was undone.
    async fn transaction(&self, payloads: &[Payload]) -> Option<bool> {
        for (done, &payload) in payloads.iter().enumerate() {
            self.scene.oracle.attempt(&self.streams, payload);
            let sending = self.producer.send(self.message(payload));
            if let Err(error) = self.scene.call("a send in a transaction", sending).await? {
                let begun = payloads.get(..=done).unwrap_or_default();
                undone(&self.scene, &self.session, &self.streams, begun, &error).await?;
                return Some(false);
            }
        }
        let end = commit(&self.scene, &self.session, &self.streams, payloads).await?;
        Some(end != End::Undone)
    }
}

/// A call in a transaction failed, which is undone with what was sent in it.
pub(super) async fn undone(
    scene: &Scene,
    session: &Arc<dyn Session>,
    streams: &[usize],
    sent: &[Payload],
    error: &Error,
) -> Option<()> {
    if !is_loss(error) {
        scene
            .oracle
            .breach(format!("a call in a transaction failed for good: {error}"));
        return None;
    }
    // What was lost before its commit cannot have happened.
    for &payload in sent {
        scene.oracle.refuted(streams, payload);
    }
    match scene.call("a rollback", session.rollback()).await? {
        Err(error) if !is_loss(&error) => {
            scene.oracle.breach(format!("a rollback failed: {error}"));
            None
        }
        _ => Some(()),
    }
}

fn is_loss(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::TransactionRolledBack | ErrorKind::ConnectionLost
    )
}

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Committed,
    Undone,
    /// Nobody knows.
    InDoubt,
}

/// Commits what was sent. Of what is in doubt, it is left open whether it arrives.
pub(super) async fn commit(
    scene: &Scene,
    session: &Arc<dyn Session>,
    streams: &[usize],
    sent: &[Payload],
) -> Option<End> {
    let Err(error) = scene.call("a commit", session.commit()).await? else {
        for &payload in sent {
            scene.oracle.confirmed(streams, payload);
        }
        return Some(End::Committed);
    };
    match error.kind() {
        ErrorKind::TransactionInDoubt => Some(End::InDoubt),
        ErrorKind::TransactionRolledBack => {
            for &payload in sent {
                scene.oracle.refuted(streams, payload);
            }
            Some(End::Undone)
        }
        _ => {
            scene.oracle.breach(format!("a commit failed for good: {error}"));
            None
        }
    }
}
