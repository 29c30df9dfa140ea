use super::operator::{Arithmetic, Comparison};
use crate::PropertyValue;

/// A value while a message is judged: borrowed from the message or from the selector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Operand<'a> {
    /// A missing value, or the result of an operation that has none.
    Null,
    Bool(bool),
    /// What Java computes in 32 bits: `i8`, `i16`, `i32`.
    Int(i32),
    Long(i64),
    Double(f64),
    Text(&'a str),
}

impl<'a> Operand<'a> {
    pub(super) fn text_or_null(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }

    /// `None` is unknown. What has no meaning (unlike types, an order of texts) is false.
    pub(super) fn compare(self, comparison: Comparison, other: Self) -> Option<bool> {
        match (self, other) {
            (Self::Null, _) | (_, Self::Null) => None,
            (Self::Bool(left), Self::Bool(right)) => Some(equality(comparison, left == right)),
            (Self::Text(left), Self::Text(right)) => Some(equality(comparison, left == right)),
            _ => Some(match Pair::of(self, other) {
                Some(Pair::Int(left, right)) => ordering(comparison, &left, &right),
                Some(Pair::Long(left, right)) => ordering(comparison, &left, &right),
                Some(Pair::Double(left, right)) => ordering(comparison, &left, &right),
                None => false,
            }),
        }
    }

    /// As Java computes, but for the division by an exact zero: that is null, as is every result with an operand that
    /// is no number.
    pub(super) fn calculate(self, arithmetic: Arithmetic, other: Self) -> Self {
        match Pair::of(self, other) {
            Some(Pair::Int(left, right)) => match arithmetic {
                Arithmetic::Add => Self::Int(left.wrapping_add(right)),
                Arithmetic::Subtract => Self::Int(left.wrapping_sub(right)),
                Arithmetic::Multiply => Self::Int(left.wrapping_mul(right)),
                Arithmetic::Divide if right == 0 => Self::Null,
                Arithmetic::Divide => Self::Int(left.wrapping_div(right)),
            },
            Some(Pair::Long(left, right)) => match arithmetic {
                Arithmetic::Add => Self::Long(left.wrapping_add(right)),
                Arithmetic::Subtract => Self::Long(left.wrapping_sub(right)),
                Arithmetic::Multiply => Self::Long(left.wrapping_mul(right)),
                Arithmetic::Divide if right == 0 => Self::Null,
                Arithmetic::Divide => Self::Long(left.wrapping_div(right)),
            },
            Some(Pair::Double(left, right)) => Self::Double(match arithmetic {
                Arithmetic::Add => left + right,
                Arithmetic::Subtract => left - right,
                Arithmetic::Multiply => left * right,
                Arithmetic::Divide => left / right,
            }),
            None => Self::Null,
        }
    }

    /// The number itself, or null for what is none.
    pub(super) fn affirm(self) -> Self {
        match self {
            Self::Int(_) | Self::Long(_) | Self::Double(_) => self,
            Self::Null | Self::Bool(_) | Self::Text(_) => Self::Null,
        }
    }

    pub(super) fn negate(self) -> Self {
        match self {
            Self::Int(value) => Self::Int(value.wrapping_neg()),
            Self::Long(value) => Self::Long(value.wrapping_neg()),
            Self::Double(value) => Self::Double(-value),
            Self::Null | Self::Bool(_) | Self::Text(_) => Self::Null,
        }
    }
}

impl<'a> From<&'a PropertyValue> for Operand<'a> {
    fn from(value: &'a PropertyValue) -> Self {
        match value {
            PropertyValue::Bool(value) => Self::Bool(*value),
            PropertyValue::I8(value) => Self::Int((*value).into()),
            PropertyValue::I16(value) => Self::Int((*value).into()),
            PropertyValue::I32(value) => Self::Int(*value),
            PropertyValue::I64(value) => Self::Long(*value),
            PropertyValue::F32(value) => Self::Double((*value).into()),
            PropertyValue::F64(value) => Self::Double(*value),
            PropertyValue::String(value) => Self::Text(value),
        }
    }
}

/// Two numbers of the type in which Java takes them together.
enum Pair {
    Int(i32, i32),
    Long(i64, i64),
    Double(f64, f64),
}

impl Pair {
    fn of(left: Operand<'_>, right: Operand<'_>) -> Option<Self> {
        Some(match (left, right) {
            (Operand::Int(left), Operand::Int(right)) => Self::Int(left, right),
            (Operand::Int(left), Operand::Long(right)) => Self::Long(left.into(), right),
            (Operand::Long(left), Operand::Int(right)) => Self::Long(left, right.into()),
            (Operand::Long(left), Operand::Long(right)) => Self::Long(left, right),
            _ => Self::Double(widened(left)?, widened(right)?),
        })
    }
}

/// Loses digits of a great `i64`, as Java does beside a `double`.
#[allow(clippy::cast_precision_loss)]
fn widened(number: Operand<'_>) -> Option<f64> {
    match number {
        Operand::Int(value) => Some(value.into()),
        Operand::Long(value) => Some(value as f64),
        Operand::Double(value) => Some(value),
        Operand::Null | Operand::Bool(_) | Operand::Text(_) => None,
    }
}

fn equality(comparison: Comparison, equal: bool) -> bool {
    match comparison {
        Comparison::Equal => equal,
        Comparison::NotEqual => !equal,
        _ => false,
    }
}

fn ordering<T: PartialOrd>(comparison: Comparison, left: &T, right: &T) -> bool {
    match comparison {
        Comparison::Equal => left == right,
        Comparison::NotEqual => left != right,
        Comparison::Less => left < right,
        Comparison::LessOrEqual => left <= right,
        Comparison::Greater => left > right,
        Comparison::GreaterOrEqual => left >= right,
    }
}
