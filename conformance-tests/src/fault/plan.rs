//! Which faults a number stands for.

use std::{fmt, time::Duration};

use super::{BrokerFault, Dice, Moment, Point};
use crate::link::Direction;

/// What happens to the connections that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// They are cut, and both ends learn it at once.
    Cut,
    /// Nothing arrives any more in one direction, and nobody says so. Where there are heart-beats, they tell; where there
    /// are none, the link is cut a little later.
    HalfOpen(Direction),
    /// Nothing arrives any more in either, and new connections get no answer, for this long; then all are cut.
    BlackHole(Duration),
    /// Something happens to the broker itself.
    Broker(BrokerFault),
}

/// How what passes is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As it comes.
    Whole,
    /// In small pieces at odd boundaries.
    Split,
    /// With a pause after each read.
    Slow,
}

/// One fault and when it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Tied to which point.
    pub point: Point,
    /// On which side of it.
    pub moment: Moment,
    /// The how many-eth since the link came back, counted from 1.
    pub nth: u32,
    /// After so many points of any kind it comes anyway, as not every run has each point often enough.
    pub at_latest: u32,
    /// What happens.
    pub damage: Damage,
    /// How long no new connection is made after it.
    pub down: Duration,
    /// How what passes is carried from then on.
    pub then: Manner,
}

/// The faults of one run, in order. Counting begins again when the link has come back, so that the second and third
/// outage fall into whatever the first one left unfinished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How what passes is carried at first.
    pub manner: Manner,
    /// What comes.
    pub faults: Vec<Fault>,
}

const PURPOSE: u64 = 1;

impl Plan {
    /// No fault at all.
    pub const fn quiet() -> Self {
        Self {
            manner: Manner::Whole,
            faults: Vec::new(),
        }
    }

    /// What this number stands for, in a run with about so many messages.
    pub fn of(seed: u64, messages: u32) -> Self {
        let mut dice = Dice::new(seed, PURPOSE);
        let count = dice.one_of([1, 2, 3, 3, 3, 4, 4, 5]);
        let faults = (0..count).map(|_| fault(&mut dice, messages / (count + 1))).collect();
        Self {
            manner: manner(&mut dice),
            faults,
        }
    }

    /// One fault of the broker's in the middle of a run, and a cut while it recovers.
    pub fn of_broker(fault: BrokerFault, messages: u32) -> Self {
        let middle = Fault {
            point: Point::Send,
            moment: Moment::After,
            nth: messages / 4 + 1,
            at_latest: messages.max(1),
            damage: Damage::Broker(fault),
            down: Duration::ZERO,
            then: Manner::Whole,
        };
        let second = Fault {
            point: Point::Other,
            nth: 40,
            damage: Damage::Cut,
            ..middle
        };
        Self {
            manner: Manner::Whole,
            faults: vec![middle, second],
        }
    }
}

/// A fault that comes within about so many messages.
pub(super) fn fault(dice: &mut Dice, messages: u32) -> Fault {
    let few = messages.max(2);
    let (point, most) = match dice.between(1, 100) {
        1..=20 => (Point::Send, few),
        21..=40 => (Point::Confirm, few / 2),
        41..=60 => (Point::Delivery, few),
        61..=75 => (Point::Acknowledge, few / 2),
        76..=82 => (Point::Commit, few / 20),
        83..=89 => (Point::Committed, few / 20),
        // Soon, so that it meets what is only just being made again.
        _ => (Point::Other, 60),
    };
    Fault {
        point,
        moment: dice.one_of([Moment::Before, Moment::After]),
        nth: dice.between(1, most.max(1)),
        at_latest: few.saturating_mul(3),
        damage: damage(dice),
        down: if dice.chance(30) {
            dice.millis(20, 600)
        } else {
            Duration::ZERO
        },
        then: manner(dice),
    }
}

fn damage(dice: &mut Dice) -> Damage {
    match dice.between(1, 100) {
        1..=70 => Damage::Cut,
        71..=80 => Damage::HalfOpen(Direction::ToClient),
        81..=88 => Damage::HalfOpen(Direction::ToBroker),
        _ => Damage::BlackHole(dice.millis(50, 800)),
    }
}

fn manner(dice: &mut Dice) -> Manner {
    match dice.between(1, 100) {
        1..=70 => Manner::Whole,
        71..=85 => Manner::Split,
        _ => Manner::Slow,
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut => f.write_str("cut"),
            Self::HalfOpen(Direction::ToBroker) => f.write_str("half-open, deaf broker"),
            Self::HalfOpen(Direction::ToClient) => f.write_str("half-open, deaf client"),
            Self::BlackHole(duration) => write!(f, "black hole of {duration:?}"),
            Self::Broker(fault) => write!(f, "broker: {}", fault.name()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.damage, self.moment, self.point, self.nth)?;
        if !self.down.is_zero() {
            write!(f, ", down {:?}", self.down)?;
        }
        Ok(())
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.manner)?;
        for fault in &self.faults {
            write!(f, "; {fault}, then {:?}", fault.then)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_for_the_same_faults() {
        assert_eq!(Plan::of(17, 1000), Plan::of(17, 1000));
        assert_ne!(Plan::of(17, 1000), Plan::of(18, 1000));
    }

    #[test]
    fn a_hundred_numbers_have_everything() {
        let plans: Vec<_> = (1..=100).map(|seed| Plan::of(seed, 1000)).collect();
        let faults = || plans.iter().flat_map(|plan| &plan.faults);
        for point in [
            Point::Send,
            Point::Confirm,
            Point::Delivery,
            Point::Acknowledge,
            Point::Commit,
            Point::Committed,
            Point::Other,
        ] {
            for moment in [Moment::Before, Moment::After] {
                assert!(
                    faults().any(|fault| (fault.point, fault.moment) == (point, moment)),
                    "{moment} {point}"
                );
            }
        }
        for direction in [Direction::ToBroker, Direction::ToClient] {
            assert!(faults().any(|fault| fault.damage == Damage::HalfOpen(direction)));
        }
        assert!(faults().any(|fault| matches!(fault.damage, Damage::BlackHole(_))));
        assert!(faults().any(|fault| !fault.down.is_zero()));
        for manner in [Manner::Whole, Manner::Split, Manner::Slow] {
            assert!(faults().any(|fault| fault.then == manner));
            assert!(plans.iter().any(|plan| plan.manner == manner));
        }
        let often = plans.iter().filter(|plan| plan.faults.len() >= 3).count();
        assert!(often > 50, "{often} with a third outage");
        assert!(faults().all(|fault| fault.nth > 0));
    }

    #[test]
    fn plans_are_told() {
        let plan = Plan::of_broker(BrokerFault::Kill, 100);
        let told = "Whole; broker: kill after send 26, then Whole; cut after step 40, then Whole";
        assert_eq!(plan.to_string(), told);
    }
}
