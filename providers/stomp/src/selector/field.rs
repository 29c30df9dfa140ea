//! What the message decides: properties and headers.

use anymq_api::{
    Result,
    spi::{SelectorComparison as Comparison, SelectorHeader as Header, SelectorOperand as Operand},
};

use super::{
    Literal, Outcome,
    clause::{Clause, quoted},
    number::symbol,
    property::{Property, foreign},
    refused,
};
use crate::codec::{MESSAGE_ID, TIMESTAMP};

/// Carried by the broker as what it is, unlike other properties.
const GROUP: &str = "JMSXGroupID";

#[derive(Clone, Copy, Debug)]
pub(super) enum Field<'a> {
    Property(Property<'a>),
    /// A text by its name in ours and in foreign messages.
    Text {
        ours: &'static str,
        foreign: &'static str,
        is_always_there: bool,
    },
    Number {
        ours: &'static str,
        foreign: &'static str,
        is_always_there: bool,
    },
    Missing,
}

impl<'a> Field<'a> {
    pub(super) fn of(operand: &Operand<'a>) -> Result<Self> {
        let text = |name, is_always_there| Self::Text {
            ours: name,
            foreign: name,
            is_always_there,
        };
        Ok(match *operand {
            Operand::Property(GROUP) => text(GROUP, false),
            Operand::Property(name) => Self::Property(Property::new(name)?),
            Operand::Header(Header::CorrelationId) => text("JMSCorrelationID", false),
            Operand::Header(Header::Type) => text("JMSType", false),
            Operand::Header(Header::DeliveryMode) => text("JMSDeliveryMode", true),
            // The broker gives a message another one.
            Operand::Header(Header::MessageId) => Self::Text {
                ours: MESSAGE_ID,
                foreign: "JMSMessageID",
                is_always_there: false,
            },
            Operand::Header(Header::Priority) => Self::Number {
                ours: "JMSPriority",
                foreign: "JMSPriority",
                is_always_there: true,
            },
            Operand::Header(Header::Timestamp) => Self::Number {
                ours: TIMESTAMP,
                foreign: "JMSTimestamp",
                is_always_there: false,
            },
            Operand::Missing => Self::Missing,
            Operand::Computed => return Err(refused("arithmetic")),
            Operand::Bool(_) | Operand::Integer(_) | Operand::Float(_) | Operand::Text(_) => {
                return Err(refused("a literal in this place"));
            }
        })
    }

    pub(super) fn compare(self, comparison: Comparison, literal: Literal<'_>) -> Result<Outcome> {
        match (self, literal) {
            (Self::Property(property), _) => property.compare(comparison, literal),
            (Self::Missing, _) => Ok(Outcome::never()),
            (Self::Number { .. }, Literal::Number(number)) => {
                let yes = self.by_name(|name| number.beside_integer(name, comparison));
                Ok(Outcome::of(yes, self.present()))
            }
            (Self::Text { .. }, Literal::Text(text)) => {
                let compared = |name: &str| Clause::new(format!("{name} {} {}", symbol(comparison), quoted(text)));
                Ok(Outcome::of(self.by_name(compared), self.present()))
            }
            // Unlike types are never equal nor unequal.
            (Self::Number { .. } | Self::Text { .. }, _) => Ok(Outcome::of(Clause::Always(false), self.present())),
        }
    }

    pub(super) fn itself(self) -> Outcome {
        match self {
            Self::Property(property) => property.itself(),
            _ => Outcome::never(),
        }
    }

    pub(super) fn is_in(self, texts: &[&str]) -> Outcome {
        match self {
            Self::Property(property) => property.is_in(texts),
            Self::Text { .. } => {
                let texts: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
                let is_in = |name: &str| Clause::new(format!("{name} IN ({})", texts.join(", ")));
                Outcome::of(self.by_name(is_in), self.present())
            }
            Self::Number { .. } | Self::Missing => Outcome::never(),
        }
    }

    pub(super) fn like(self, pattern: &str) -> Outcome {
        match self {
            Self::Property(property) => property.like(pattern),
            Self::Text { .. } => {
                let like = |name: &str| Clause::new(format!("{name} LIKE {} ESCAPE '!'", quoted(pattern)));
                Outcome::of(self.by_name(like), self.present())
            }
            Self::Number { .. } | Self::Missing => Outcome::never(),
        }
    }

    pub(super) fn is_null(self) -> Outcome {
        let present = match self {
            Self::Property(property) => property.present(),
            _ => self.present(),
        };
        Outcome {
            yes: present.clone().not(),
            no: present,
        }
    }

    fn present(self) -> Clause {
        match self {
            Self::Property(property) => property.present(),
            Self::Missing => Clause::Always(false),
            Self::Text { is_always_there, .. } | Self::Number { is_always_there, .. } if is_always_there => {
                Clause::Always(true)
            }
            Self::Text { .. } | Self::Number { .. } => self.by_name(|name| Clause::new(format!("{name} IS NOT NULL"))),
        }
    }

    /// A condition on a header, by whichever name it has.
    fn by_name(self, condition: impl Fn(&str) -> Clause) -> Clause {
        match self {
            Self::Text { ours, foreign, .. } | Self::Number { ours, foreign, .. } if ours == foreign => condition(ours),
            Self::Text {
                ours, foreign: theirs, ..
            }
            | Self::Number {
                ours, foreign: theirs, ..
            } => {
                let is_ours = foreign().not().and(condition(ours));
                is_ours.or(foreign().and(condition(theirs)))
            }
            Self::Property(_) | Self::Missing => Clause::Always(false),
        }
    }
}
