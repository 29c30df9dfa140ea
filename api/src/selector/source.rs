use super::{header::Header, operand::Operand, stack::Stack, subject::Subject, token::Exact};

/// Where an operand comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// A result that an earlier step left on the stack.
    Stack,
    Bool(bool),
    Int(i32),
    Long(i64),
    Double(f64),
    Text(Box<str>),
    Property(Box<str>),
    Header(Header),
    /// Never there.
    Missing,
}

/// What the text alone tells of an operand's type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Bool,
    Number,
    Text,
    /// An identifier: the message decides.
    Any,
}

impl Source {
    /// As in Java an `i32`, unless it has a suffix or is too great.
    pub(super) fn exact(literal: Exact, negative: bool) -> Result<Self, &'static str> {
        let value = literal.value(negative)?;
        Ok(match i32::try_from(value) {
            Ok(value) if !literal.long => Self::Int(value),
            _ => Self::Long(value),
        })
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Bool(_) => Kind::Bool,
            Self::Stack | Self::Int(_) | Self::Long(_) | Self::Double(_) => Kind::Number,
            Self::Text(_) => Kind::Text,
            Self::Property(_) | Self::Header(_) | Self::Missing => Kind::Any,
        }
    }

    pub(super) fn read<'a, const N: usize>(
        &'a self,
        subject: &'a Subject<'_>,
        stack: &mut Stack<'a, N>,
    ) -> Operand<'a> {
        match self {
            Self::Property(name) => subject.message().property(name).map_or(Operand::Null, Operand::from),
            Self::Int(value) => Operand::Int(*value),
            Self::Text(text) => Operand::Text(text),
            Self::Header(header) => header.read(subject),
            Self::Stack => stack.pop(),
            Self::Bool(value) => Operand::Bool(*value),
            Self::Long(value) => Operand::Long(*value),
            Self::Double(value) => Operand::Double(*value),
            Self::Missing => Operand::Null,
        }
    }
}
