use super::operator::{Arithmetic, Comparison, Precedence};

/// What was read and waits for its right side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pending {
    /// A parenthesis, and where it stands.
    Open(usize),
    /// These two hold the jump over their right side.
    Or(usize),
    And(usize),
    Not(usize),
    Compare(Comparison),
    /// Its `AND` was not read yet.
    Between {
        not: bool,
    },
    BetweenAnd {
        not: bool,
    },
    Arithmetic(Arithmetic),
    Negate(usize),
    Affirm(usize),
}

impl Pending {
    /// None for the parenthesis, which only another one ends.
    pub(super) fn precedence(self) -> Option<Precedence> {
        Some(match self {
            Self::Open(_) => return None,
            Self::Or(_) => Precedence::Or,
            Self::And(_) => Precedence::And,
            Self::Not(_) => Precedence::Not,
            Self::Compare(_) | Self::Between { .. } | Self::BetweenAnd { .. } => Precedence::Comparison,
            Self::Arithmetic(arithmetic) => arithmetic.precedence(),
            Self::Negate(_) | Self::Affirm(_) => Precedence::Sign,
        })
    }

    /// Whether a condition may follow: elsewhere, only an operand.
    pub(super) fn takes_condition(self) -> bool {
        matches!(self, Self::Open(_) | Self::Or(_) | Self::And(_) | Self::Not(_))
    }
}
