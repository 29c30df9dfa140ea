//! Faults of settlements.

use anymq_api::spi::{Done, Outcome, Settlement};

use crate::{decorated::Session, fault::Fault};

/// Settles with each outcome changed, or not at all.
fn settle_as(session: &Session, settlements: &[Settlement], change: impl Fn(Outcome) -> Option<Outcome>) -> Done<()> {
    let changed = settlements.iter().filter_map(|settlement| {
        let token = settlement.token;
        change(settlement.outcome).map(|outcome| Settlement { token, outcome })
    });
    session.inner.settle(&changed.collect::<Vec<_>>())
}

/// Accepts what a closed consumer was not handed.
#[derive(Debug)]
pub(crate) struct LosesWhatIsReleased;

impl Fault for LosesWhatIsReleased {
    fn settle(&self, session: &Session, settlements: &[Settlement]) -> Done<()> {
        settle_as(session, settlements, |outcome| match outcome {
            Outcome::Release { attempts: 0 } => Some(Outcome::Accept),
            other => Some(other),
        })
    }
}

/// Counts as delivered what was never handed to the application.
#[derive(Debug)]
pub(crate) struct FlagsTooMuch;

impl Fault for FlagsTooMuch {
    fn settle(&self, session: &Session, settlements: &[Settlement]) -> Done<()> {
        settle_as(session, settlements, |outcome| match outcome {
            Outcome::Release { attempts: 0 } => Some(Outcome::Release { attempts: 1 }),
            other => Some(other),
        })
    }
}

/// Never tells the broker what is done with: it comes again when the session is closed.
#[derive(Debug)]
pub(crate) struct SettlesNothing;

impl Fault for SettlesNothing {
    fn settle(&self, session: &Session, settlements: &[Settlement]) -> Done<()> {
        settle_as(session, settlements, |outcome| match outcome {
            Outcome::Accept => None,
            other => Some(other),
        })
    }
}

/// Accepts all that came before, too.
#[derive(Debug)]
pub(crate) struct SettlesMore;

impl Fault for SettlesMore {
    fn settle(&self, session: &Session, settlements: &[Settlement]) -> Done<()> {
        let mut more = Vec::new();
        for settlement in settlements {
            if settlement.outcome == Outcome::Accept {
                let earlier = 0..settlement.token.tag;
                more.extend(earlier.map(|tag| {
                    let mut earlier = *settlement;
                    earlier.token.tag = tag;
                    earlier
                }));
            }
            more.push(*settlement);
        }
        session.inner.settle(&more)
    }
}
