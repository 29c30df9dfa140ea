//! Doing an operation, in the broker and in the model.

use anymq_api::{ErrorKind, Queue};

use super::{
    model::{Seat, SessionState},
    op::{Consume, Mode, NAMES, Op, QUEUES, SELECTORS, Send},
    settle::Fate,
    subscribing::{Joined, Key},
    world::{Opened, World, ack_mode, client_of, connect, expect, seen},
};

pub(crate) type Outcome = Result<(), String>;

impl World {
    pub(crate) async fn apply(&mut self, op: Op) -> Outcome {
        let op = self.aim(op);
        match op {
            Op::Open { session, mode } => self.open(session, mode).await,
            Op::Close {
                session,
                dropped: false,
            } => self.close(session).await,
            Op::Close { session, dropped: true } => {
                self.let_go(session);
                Ok(())
            }
            Op::Reconnect { connection } => self.reconnect(connection).await,
            Op::Start { connection } => self.start(connection).await,
            Op::Stop { connection } => self.stop(connection).await,
            Op::Consume(consume) => self.consume(&consume).await,
            Op::CloseConsumer { consumer, dropped } => self.close_consumer(consumer, dropped).await,
            Op::Unsubscribe { session, name } => self.unsubscribe(session, name).await,
            Op::Send(send) => self.send(&send).await,
            Op::Receive { consumer } => self.receive(consumer),
            Op::Acknowledge { session, pick } => self.settle(session, pick, Fate::Acknowledge).await,
            Op::Release { session, pick } => self.settle(session, pick, Fate::Release).await,
            Op::Reject { session, pick } => self.settle(session, pick, Fate::Reject).await,
            Op::Commit { session } => self.commit(session).await,
            Op::Rollback { session } => self.rollback(session).await,
            Op::Recover { session } => self.recover(session).await,
            Op::Browse {
                session,
                queue,
                selector,
            } => self.browse(session, queue, selector).await,
            Op::Advance { millis, quiet } => {
                self.model.now += i64::from(millis);
                self.hand.set(self.model.now);
                if !quiet {
                    self.broker.run_due();
                    self.model.run_due();
                }
                Ok(())
            }
        }
        .and_then(|()| self.compare())
        .map_err(|problem| format!("{op:?}: {problem}"))
    }

    async fn open(&mut self, session: usize, mode: Mode) -> Outcome {
        if self.sessions[session].is_some() {
            return Ok(());
        }
        let opened = self.connections[client_of(session)]
            .create_session(ack_mode(mode))
            .await
            .unwrap();
        let producer = opened.create_anonymous_producer().await.unwrap();
        self.sessions[session] = Some(Opened {
            session: opened,
            producer,
            held: Vec::new(),
        });
        self.model.sessions[session] = Some(SessionState {
            mode,
            held: Vec::new(),
            lazy: Vec::new(),
            sends: Vec::new(),
        });
        Ok(())
    }

    async fn close(&mut self, session: usize) -> Outcome {
        let (Some(opened), Some(state)) = (self.sessions[session].take(), self.model.sessions[session].take()) else {
            return Ok(());
        };
        expect("close", &opened.session.close().await, None)?;
        let mut seats: Vec<_> = (0..self.consumers.len())
            .filter_map(|consumer| Some((self.model.seats[consumer].as_ref()?, consumer)))
            .filter(|(seat, _)| seat.session == session)
            .map(|(seat, consumer)| (seat.id, consumer))
            .collect();
        seats.sort_unstable();
        let mut released = state.held;
        for (_, consumer) in seats {
            self.consumers[consumer] = None;
            released.extend(self.model.unseat(consumer));
        }
        self.model.release(&released);
        Ok(())
    }

    /// The last handle of a session ends it, those of its consumers first.
    fn let_go(&mut self, session: usize) {
        for consumer in self.consumers_of(|seat| seat.session == session) {
            self.consumers[consumer] = None;
            let left = self.model.unseat(consumer);
            self.model.release(&left);
        }
        self.sessions[session] = None;
        if let Some(state) = self.model.sessions[session].take() {
            self.model.release(&state.held);
        }
    }

    async fn reconnect(&mut self, connection: usize) -> Outcome {
        for session in (0..self.sessions.len()).filter(|session| client_of(*session) == connection) {
            self.close(session).await?;
        }
        expect("close connection", &self.connections[connection].close().await, None)?;
        let limit = self.model.limits[connection];
        self.connections[connection] = connect(&*self.factory, connection, limit).await;
        self.model.started[connection] = true;
        Ok(())
    }

    async fn start(&mut self, connection: usize) -> Outcome {
        expect("start", &self.connections[connection].start().await, None)?;
        self.model.started[connection] = true;
        for consumer in self.consumers_of(|seat| client_of(seat.session) == connection) {
            self.model.grant(consumer, 1);
        }
        Ok(())
    }

    async fn stop(&mut self, connection: usize) -> Outcome {
        expect("stop", &self.connections[connection].stop().await, None)?;
        self.model.started[connection] = false;
        for consumer in self.consumers_of(|seat| client_of(seat.session) == connection) {
            if let Some(seat) = &mut self.model.seats[consumer] {
                seat.credit = 0;
                seat.inbox.append(&mut seat.landed);
            }
        }
        Ok(())
    }

    fn consumers_of(&self, wanted: impl Fn(&Seat) -> bool) -> Vec<usize> {
        let seats = self.model.seats.iter().enumerate();
        let mine = seats.filter(|(_, seat)| seat.as_ref().is_some_and(&wanted));
        mine.map(|(consumer, _)| consumer).collect()
    }

    async fn consume(&mut self, consume: &Consume) -> Outcome {
        let Some(opened) = &self.sessions[consume.session] else {
            return Ok(());
        };
        if self.consumers[consume.consumer].is_some() {
            return Ok(());
        }
        let client = client_of(consume.session);
        let joined = self.model.joined(consume, client);
        if let Joined::Store(store) = joined
            && self.model.exact
            && self.model.is_consumed(store)
        {
            return Ok(());
        }
        let refused = matches!(joined, Joined::Refused).then_some(ErrorKind::Other);
        let made = self.subscribe(&*opened.session, consume).await;
        expect("consume", &made, refused)?;
        if let Ok(made) = made {
            self.consumers[consume.consumer] = Some(made);
            self.model.consume(consume, client);
        }
        Ok(())
    }

    async fn close_consumer(&mut self, consumer: usize, dropped: bool) -> Outcome {
        let Some(open) = self.consumers[consumer].take() else {
            return Ok(());
        };
        if !dropped {
            expect("close consumer", &open.close().await, None)?;
        }
        drop(open);
        let left = self.model.unseat(consumer);
        self.model.release(&left);
        Ok(())
    }

    async fn unsubscribe(&mut self, session: usize, name: usize) -> Outcome {
        let Some(opened) = &self.sessions[session] else {
            return Ok(());
        };
        let key = Key {
            client: client_of(session),
            name,
            durable: true,
        };
        let refused = match self.model.find(key) {
            None => Some(ErrorKind::InvalidDestination),
            Some(known) => self.model.is_used(known.store).then_some(ErrorKind::IllegalState),
        };
        expect("unsubscribe", &opened.session.unsubscribe(NAMES[name]).await, refused)?;
        if refused.is_none() {
            self.model.unsubscribe(key);
        }
        Ok(())
    }

    async fn send(&mut self, send: &Send) -> Outcome {
        let Some(opened) = &self.sessions[send.session] else {
            return Ok(());
        };
        self.publish(&*opened.producer, send).await?;
        let entry = self.model.entry(self.sent, send);
        self.sent += 1;
        match &mut self.model.sessions[send.session] {
            Some(state) if state.mode == Mode::Transacted => state.sends.push((send.to, entry)),
            _ => self.model.send(client_of(send.session), send.to, &entry),
        }
        Ok(())
    }

    fn receive(&mut self, consumer: usize) -> Outcome {
        let Some(open) = &self.consumers[consumer] else {
            return Ok(());
        };
        let received = open.try_receive().map_err(|error| format!("receive: {error:?}"))?;
        let session = self.model.seats[consumer].as_ref().map(|seat| seat.session);
        self.model.receive(consumer, received.as_ref().map(seen))?;
        let (Some(received), Some(session)) = (received, session) else {
            return Ok(());
        };
        let holds = self.model.sessions[session]
            .as_ref()
            .map_or(0, |state| state.held.len());
        if let Some(opened) = &mut self.sessions[session]
            && opened.held.len() < holds
        {
            opened.held.push(received);
        }
        Ok(())
    }

    async fn browse(&mut self, session: usize, queue: usize, selector: usize) -> Outcome {
        let Some(opened) = &self.sessions[session] else {
            return Ok(());
        };
        let from = Queue::new(QUEUES[queue]).unwrap();
        let browser = opened
            .session
            .create_browser(&from, Some(SELECTORS[selector]))
            .await
            .unwrap();
        let mut shown = Vec::new();
        while let Some(received) = browser.next().await.map_err(|error| format!("browse: {error:?}"))? {
            shown.push(seen(&received).id);
        }
        expect("close browser", &browser.close().await, None)?;
        let waiting = self.model.stores[queue].in_order(selector, self.model.now);
        let mut waiting = waiting.iter().map(|entry| entry.id);
        let right = if self.model.exact {
            waiting.eq(shown.iter().copied())
        } else {
            // What was delivered ahead is not shown.
            shown.iter().all(|id| waiting.any(|it| it == *id))
        };
        right
            .then_some(())
            .ok_or_else(|| format!("browse: not the right messages or order: {shown:?}"))
    }
}
