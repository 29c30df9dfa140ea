use super::{
    fault::Fault,
    source::{Kind, Source},
    token::Lexeme,
};

/// What an operator finds on its sides.
#[derive(Debug)]
pub(super) struct Term {
    start: usize,
    end: usize,
    /// Whether no parentheses are around it.
    bare: bool,
    value: Value,
}

#[derive(Debug)]
enum Value {
    /// Its steps are written already.
    Condition,
    Operand(Source),
}

impl Term {
    pub(super) fn operand(source: Source, start: usize, end: usize) -> Self {
        Self {
            start,
            end,
            bare: true,
            value: Value::Operand(source),
        }
    }

    /// What an operator makes of the terms from `first` to `last`.
    pub(super) fn joined(first: &Self, last: &Self, result: Source) -> Self {
        Self::operand(result, first.start, last.end)
    }

    pub(super) fn condition(start: usize, end: usize) -> Self {
        Self {
            start,
            end,
            bare: true,
            value: Value::Condition,
        }
    }

    pub(super) fn span(&self) -> (usize, usize) {
        (self.start, self.end)
    }

    pub(super) fn in_parentheses(mut self, start: usize, close: &Lexeme<'_>) -> Self {
        (self.start, self.end, self.bare) = (start, close.end, false);
        self
    }

    /// What the text tells of it; nothing for a condition.
    pub(super) fn kind(&self) -> Option<Kind> {
        match &self.value {
            Value::Condition => None,
            Value::Operand(source) => Some(source.kind()),
        }
    }

    /// For `IS`, `IN` and `LIKE`.
    pub(super) fn into_identifier(self) -> Result<Source, Fault> {
        match self {
            Self {
                bare: true,
                value: Value::Operand(source),
                ..
            } if source.kind() == Kind::Any => Ok(source),
            _ => Err(self.refused("an identifier stands before IS, IN and LIKE")),
        }
    }

    /// For arithmetic and `BETWEEN`.
    pub(super) fn into_number(self) -> Result<Source, Fault> {
        match self.kind() {
            Some(Kind::Number | Kind::Any) => self.into_operand(),
            _ => Err(self.refused("a number stands here")),
        }
    }

    /// For comparisons.
    pub(super) fn into_operand(self) -> Result<Source, Fault> {
        match self.value {
            Value::Operand(source) => Ok(source),
            Value::Condition => Err(self.refused("a condition is no operand")),
        }
    }

    /// For the logic: an operand that is to be tested, or nothing for what is a condition already.
    pub(super) fn into_test(self) -> Result<Option<Source>, Fault> {
        match self.value {
            Value::Condition => Ok(None),
            Value::Operand(source) if matches!(source.kind(), Kind::Bool | Kind::Any) => Ok(Some(source)),
            Value::Operand(_) => Err(self.refused("this is no condition")),
        }
    }

    pub(super) fn refused(&self, why: &'static str) -> Fault {
        Fault::refused(self.start, self.end, why)
    }
}
