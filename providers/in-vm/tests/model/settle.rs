//! Settling what was received, by itself or by the end of a transaction.

use anymq_api::ErrorKind;

use super::{
    apply::Outcome,
    op::Mode,
    world::{World, client_of, expect},
};

/// What becomes of one received message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Acknowledge,
    Release,
    Reject,
}

impl World {
    /// Settles one of those that a session holds; in client mode all of them are acknowledged.
    pub(crate) async fn settle(&mut self, session: usize, pick: usize, fate: Fate) -> Outcome {
        let (Some(opened), Some(state)) = (&mut self.sessions[session], &mut self.model.sessions[session]) else {
            return Ok(());
        };
        if state.held.is_empty() {
            return Ok(());
        }
        let pick = pick % state.held.len();
        let received = &opened.held[pick];
        let individual = state.mode == Mode::Individual;
        let refused = (!individual && fate != Fate::Acknowledge).then_some(ErrorKind::IllegalState);
        let settled = match fate {
            Fate::Acknowledge => received.acknowledge().await,
            Fate::Release => received.release().await,
            Fate::Reject => received.reject().await,
        };
        expect("settle", &settled, refused)?;
        if refused.is_some() || state.mode == Mode::Transacted {
            return Ok(());
        }
        if !individual {
            opened.held.clear();
            state.held.clear();
            return Ok(());
        }
        opened.held.remove(pick);
        let held = state.held.remove(pick);
        match fate {
            Fate::Acknowledge => {}
            Fate::Release => self.model.release(&[held]),
            Fate::Reject => self.model.bury(&held),
        }
        Ok(())
    }

    pub(crate) async fn commit(&mut self, session: usize) -> Outcome {
        let (Some(opened), Some(state)) = (&mut self.sessions[session], &mut self.model.sessions[session]) else {
            return Ok(());
        };
        let refused = (state.mode != Mode::Transacted).then_some(ErrorKind::IllegalState);
        expect("commit", &opened.session.commit().await, refused)?;
        if refused.is_none() {
            opened.held.clear();
            state.held.clear();
            for (to, entry) in std::mem::take(&mut state.sends) {
                self.model.send(client_of(session), to, &entry);
            }
        }
        Ok(())
    }

    pub(crate) async fn rollback(&mut self, session: usize) -> Outcome {
        let (Some(opened), Some(state)) = (&mut self.sessions[session], &mut self.model.sessions[session]) else {
            return Ok(());
        };
        let refused = (state.mode != Mode::Transacted).then_some(ErrorKind::IllegalState);
        expect("rollback", &opened.session.rollback().await, refused)?;
        if refused.is_none() {
            state.sends.clear();
            let orphans = self.model.take_orphans(session);
            let limit = self.model.limits[client_of(session)];
            self.model.leave(&orphans, limit);
            self.held_comes_again(session);
        }
        Ok(())
    }

    pub(crate) async fn recover(&mut self, session: usize) -> Outcome {
        let (Some(opened), Some(state)) = (&self.sessions[session], &self.model.sessions[session]) else {
            return Ok(());
        };
        let refused = (state.mode == Mode::Transacted).then_some(ErrorKind::IllegalState);
        expect("recover", &opened.session.recover().await, refused)?;
        if refused.is_none() {
            self.held_comes_again(session);
        }
        Ok(())
    }

    fn held_comes_again(&mut self, session: usize) {
        if let (Some(opened), Some(state)) = (&mut self.sessions[session], &mut self.model.sessions[session]) {
            opened.held.clear();
            let held = std::mem::take(&mut state.held);
            let limit = self.model.limits[client_of(session)];
            self.model.come_again(held, limit);
        }
    }
}
