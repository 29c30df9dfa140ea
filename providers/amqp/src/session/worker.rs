use std::{ops::ControlFlow, sync::Arc};

use futures_util::future::join_all;
use lapin::options::BasicQosOptions;
use tokio::sync::mpsc;

use super::{
    command::{Burial, Command},
    publisher::Publisher,
    shared::Shared,
};
use crate::{
    inbound::Inbound,
    ledger::Frame,
    link::{Link, Working},
};

/// How many commands are taken at a time.
const BATCH: usize = 64;

/// Does what a session is told, one after the other: the order of the calls is the order on the wire.
pub(crate) struct Worker {
    pub(crate) link: Arc<Link>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) commands: mpsc::UnboundedReceiver<Command>,
    pub(crate) publisher: Publisher,
    /// Keeps the link from being closed under what was submitted.
    pub(crate) working: Working,
}

impl Worker {
    /// Ends when the session is closed or abandoned, with its channels.
    pub(crate) async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                biased;
                () = self.publisher.confirm(), if !self.publisher.is_idle() => {}
                _ = self.commands.recv_many(&mut batch, BATCH) => {
                    if self.work(&mut batch).await.is_break() {
                        break;
                    }
                }
            }
        }
        // Before the channels, so that whoever waits hears of it.
        drop(batch);
        self.commands.close();
        while self.commands.try_recv().is_ok() {}
        self.close_channels().await;
        drop(self.working);
    }

    async fn work(&mut self, batch: &mut Vec<Command>) -> ControlFlow<()> {
        let mut settling = Vec::new();
        for command in batch.drain(..) {
            if let Command::Settle(inbound, frame) = command {
                join(&mut settling, inbound, frame);
                continue;
            }
            self.settle(&mut settling).await;
            self.do_one(command).await?;
        }
        self.settle(&mut settling).await;
        ControlFlow::Continue(())
    }

    async fn do_one(&mut self, command: Command) -> ControlFlow<()> {
        match command {
            Command::Publish(outgoing) => self.publisher.publish(*outgoing).await,
            Command::Commit(tokens, reply) => {
                let outcome = self.publisher.commit(tokens).await;
                // If there is no channel to be had, the next transaction fails and tries again.
                let _ = self.renew().await;
                self.shared.sweep();
                let _ = reply.send(outcome);
            }
            Command::Rollback(reply) => {
                let outcome = self.publisher.roll_back().await;
                let outcome = outcome.and(self.renew().await);
                self.shared.sweep();
                let _ = reply.send(outcome);
            }
            Command::Flush(reply) => {
                let _ = reply.send(self.flush().await);
            }
            Command::GiveBack(reply) => {
                if let Err(error) = self.publisher.give_back().await {
                    self.link.report(error.with_operation("settle"));
                }
                self.shared.sweep();
                let _ = reply.send(Ok(()));
            }
            // Settlements go out before any other command.
            Command::Settled(reply) => {
                let _ = reply.send(Ok(()));
            }
            Command::Bury(burial) => self.bury(*burial).await,
            Command::Retire(inbound) => inbound.close().await,
            Command::Release(hold) => hold.release().await,
            Command::Close(reply) => {
                self.publisher.all_confirmed().await;
                self.close_channels().await;
                let _ = reply.send(Ok(()));
                return ControlFlow::Break(());
            }
            Command::Settle(..) => {}
            Command::Abandon => {
                self.publisher.written().await;
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    /// The next transaction needs a channel, if the broker ended that of the last one.
    async fn renew(&mut self) -> anymq_api::Result<()> {
        if let Some(inbound) = self.publisher.renew().await? {
            self.shared.replace_transaction(inbound);
        }
        Ok(())
    }

    /// Settlements have no answer; what fails is reported.
    async fn settle(&mut self, settling: &mut Vec<(Arc<Inbound>, Frame)>) {
        if settling.is_empty() {
            return;
        }
        // Or they would overtake what was sent before them.
        self.publisher.written().await;
        let link = &*self.link;
        let sent = join_all(settling.iter().map(|(inbound, frame)| inbound.send_one(link, *frame))).await;
        if let Some(error) = sent.into_iter().find_map(Result::err) {
            link.report(error.with_operation("settle"));
        }
        settling.clear();
    }

    /// Where it fails, the delivery stays with the session, and comes again when that ends: better twice than lost.
    async fn bury(&mut self, burial: Burial) {
        let put = self.link.dead_letters.put(&self.link, &burial.letter).await;
        let settled = match put {
            Ok(()) => {
                let frames = self.shared.buried(&burial);
                burial.inbound.send(&self.link, &frames).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = settled {
            self.link.report(error);
        }
        self.shared.tidy(burial.subscription);
    }

    async fn flush(&mut self) -> anymq_api::Result<()> {
        self.publisher.written().await;
        self.publisher.all_confirmed().await;
        let mut inbounds = self.shared.inbounds();
        inbounds.extend(self.publisher.inbound().cloned());
        for inbound in inbounds {
            inbound.check()?;
            let _turn = inbound.turn.lock().await;
            // Any request will do that has an answer; consumers set their own prefetch before they consume.
            let answered = inbound.channel.basic_qos(1, BasicQosOptions::default()).await;
            answered.map_err(|cause| inbound.error(&self.link, cause))?;
        }
        Ok(())
    }

    async fn close_channels(&mut self) {
        for inbound in self.shared.inbounds() {
            inbound.close().await;
        }
        self.publisher.close().await;
        // Last, because it is what gave everything back.
        for hold in self.shared.take_holds() {
            hold.release().await;
        }
    }
}

/// Appends a frame, in the place of the one before where it says that as well.
fn join(settling: &mut Vec<(Arc<Inbound>, Frame)>, inbound: Arc<Inbound>, frame: Frame) {
    match settling.last_mut() {
        Some((same, last)) if Arc::ptr_eq(same, &inbound) && frame.covers(last) => *last = frame.joined_with(last),
        _ => settling.push((inbound, frame)),
    }
}
