//! Aiming: an operation is done to the next subject that it means something for, if there is one, so that few do nothing.

use super::{
    model::SessionState,
    op::{Mode, Op},
    world::World,
};

/// The first from `start` on, and then from the beginning, that will do; `start` if none does.
fn nearest<T>(among: &[T], start: usize, will_do: impl Fn(&T) -> bool) -> usize {
    let indexes = (start..among.len()).chain(0..start);
    let mut fitting = indexes.filter(|&index| among.get(index).is_some_and(&will_do));
    fitting.next().unwrap_or(start)
}

impl World {
    pub(crate) fn aim(&self, op: Op) -> Op {
        let open = |start| nearest(&self.sessions, start, Option::is_some);
        let consumer = |start| nearest(&self.consumers, start, Option::is_some);
        let holding = |start, modes: fn(Mode) -> bool| {
            let will_do =
                |state: &SessionState| modes(state.mode) && (!state.held.is_empty() || !state.sends.is_empty());
            nearest(&self.model.sessions, start, |state| state.as_ref().is_some_and(will_do))
        };
        let mut aimed = op;
        match &mut aimed {
            Op::Open { session, .. } => *session = nearest(&self.sessions, *session, Option::is_none),
            Op::Close { session, .. } | Op::Unsubscribe { session, .. } | Op::Browse { session, .. } => {
                *session = open(*session);
            }
            Op::Consume(consume) => {
                consume.session = open(consume.session);
                consume.consumer = nearest(&self.consumers, consume.consumer, Option::is_none);
            }
            Op::CloseConsumer { consumer: it, .. } | Op::Receive { consumer: it } => *it = consumer(*it),
            Op::Send(send) => send.session = open(send.session),
            Op::Acknowledge { session, .. } => *session = holding(*session, |_| true),
            Op::Release { session, .. } | Op::Reject { session, .. } => {
                *session = holding(*session, |mode| mode == Mode::Individual);
            }
            Op::Commit { session } | Op::Rollback { session } => {
                *session = holding(*session, |mode| mode == Mode::Transacted);
            }
            Op::Recover { session } => *session = holding(*session, |mode| mode != Mode::Transacted),
            Op::Start { .. } | Op::Stop { .. } | Op::Reconnect { .. } | Op::Advance { .. } => {}
        }
        aimed
    }
}
