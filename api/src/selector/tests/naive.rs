//! A second evaluator, over trees, with nothing of the first one: only to be obviously right.

use super::tree::{Condition, Number, Side};
use crate::{Envelope, PropertyValue};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Truth {
    False,
    Unknown,
    True,
}

use Truth::{False, True, Unknown};

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { True } else { False }
    }
}

impl Truth {
    fn not(self) -> Self {
        match self {
            False => True,
            Unknown => Unknown,
            True => False,
        }
    }

    fn not_if(self, not: bool) -> Self {
        if not { self.not() } else { self }
    }
}

#[derive(Clone, Debug)]
enum Value {
    Null,
    Bool(bool),
    Text(String),
    /// With its width in bits.
    Integer(i128, u32),
    Float(f64),
}

pub(super) fn truth(condition: &Condition, message: &Envelope) -> Truth {
    let inner = |it: &Condition| truth(it, message);
    match condition {
        Condition::True => True,
        Condition::False => False,
        Condition::Name(name) => match property(name, message) {
            Value::Bool(value) => value.into(),
            _ => Unknown,
        },
        Condition::Not(it) => inner(it).not(),
        Condition::And(left, right) => inner(left).min(inner(right)),
        Condition::Or(left, right) => inner(left).max(inner(right)),
        Condition::Compare(operator, left, right) => compare(operator, &side(left, message), &side(right, message)),
        Condition::Between(not, value, low, high) => {
            let [value, low, high] = [value, low, high].map(|it| number(it, message));
            if *not {
                compare("<", &value, &low).max(compare(">", &value, &high))
            } else {
                compare(">=", &value, &low).min(compare("<=", &value, &high))
            }
        }
        Condition::In(not, name, texts) => match property(name, message) {
            Value::Text(text) => Truth::from(texts.contains(&text.as_str())).not_if(*not),
            _ => Unknown,
        },
        Condition::Like(not, name, pattern, escape) => match property(name, message) {
            Value::Text(text) => {
                let pattern: Vec<_> = pattern.chars().collect();
                let text: Vec<_> = text.chars().collect();
                Truth::from(like(&pattern, *escape, &text)).not_if(*not)
            }
            _ => Unknown,
        },
        Condition::IsNull(not, name) => Truth::from(matches!(property(name, message), Value::Null)).not_if(*not),
    }
}

fn property(name: &str, message: &Envelope) -> Value {
    match message.message().property(name) {
        None => Value::Null,
        Some(PropertyValue::Bool(value)) => Value::Bool(*value),
        Some(PropertyValue::I8(value)) => Value::Integer((*value).into(), 32),
        Some(PropertyValue::I16(value)) => Value::Integer((*value).into(), 32),
        Some(PropertyValue::I32(value)) => Value::Integer((*value).into(), 32),
        Some(PropertyValue::I64(value)) => Value::Integer((*value).into(), 64),
        Some(PropertyValue::F32(value)) => Value::Float((*value).into()),
        Some(PropertyValue::F64(value)) => Value::Float(*value),
        Some(PropertyValue::String(value)) => Value::Text(value.to_string()),
    }
}

fn side(side: &Side, message: &Envelope) -> Value {
    match side {
        Side::Number(it) => number(it, message),
        Side::Text(text) => Value::Text((*text).to_owned()),
        Side::Bool(value) => Value::Bool(*value),
    }
}

fn number(it: &Number, message: &Envelope) -> Value {
    match it {
        Number::Name(name) => property(name, message),
        Number::Int(value) => Value::Integer((*value).into(), 32),
        Number::Long(value) => Value::Integer((*value).into(), 64),
        Number::Double(value) => Value::Float(*value),
        Number::Sign(sign, it) => {
            // `-x` is `-1 * x`, zeros included.
            let one = if *sign == '-' { -1 } else { 1 };
            calculate('*', &Value::Integer(one, 32), &number(it, message))
        }
        Number::Binary(operator, left, right) => calculate(*operator, &number(left, message), &number(right, message)),
    }
}

#[allow(clippy::cast_possible_truncation)]
fn calculate(operator: char, left: &Value, right: &Value) -> Value {
    if let (Value::Integer(left, width), Value::Integer(right, other)) = (left, right) {
        let exact = match operator {
            '+' => left + right,
            '-' => left - right,
            '*' => left * right,
            _ if *right == 0 => return Value::Null,
            _ => left / right,
        };
        return match width.max(other) {
            32 => Value::Integer((exact as i32).into(), 32),
            _ => Value::Integer((exact as i64).into(), 64),
        };
    }
    match (float(left), float(right)) {
        (Some(left), Some(right)) => Value::Float(match operator {
            '+' => left + right,
            '-' => left - right,
            '*' => left * right,
            _ => left / right,
        }),
        _ => Value::Null,
    }
}

#[allow(clippy::cast_precision_loss)]
fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(value, _) => Some(*value as f64),
        Value::Float(value) => Some(*value),
        Value::Null | Value::Bool(_) | Value::Text(_) => None,
    }
}

fn compare(operator: &str, left: &Value, right: &Value) -> Truth {
    let order = match (left, right) {
        (Value::Null, _) | (_, Value::Null) => return Unknown,
        (Value::Bool(left), Value::Bool(right)) => return same(operator, left == right),
        (Value::Text(left), Value::Text(right)) => return same(operator, left == right),
        (Value::Integer(left, _), Value::Integer(right, _)) => Some(left.cmp(right)),
        _ => match (float(left), float(right)) {
            (Some(left), Some(right)) => left.partial_cmp(&right),
            _ => return False,
        },
    };
    // Not a number is unequal to everything, and in no order to anything.
    Truth::from(match operator {
        "=" => order.is_some_and(std::cmp::Ordering::is_eq),
        "<>" => !order.is_some_and(std::cmp::Ordering::is_eq),
        "<" => order.is_some_and(std::cmp::Ordering::is_lt),
        "<=" => order.is_some_and(std::cmp::Ordering::is_le),
        ">" => order.is_some_and(std::cmp::Ordering::is_gt),
        _ => order.is_some_and(std::cmp::Ordering::is_ge),
    })
}

fn same(operator: &str, equal: bool) -> Truth {
    match operator {
        "=" => equal.into(),
        "<>" => (!equal).into(),
        _ => False,
    }
}

fn like(pattern: &[char], escape: Option<char>, text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [first, second, rest @ ..] if Some(*first) == escape => {
            text.first() == Some(second) && like(rest, escape, &text[1..])
        }
        ['%', rest @ ..] => (0..=text.len()).any(|start| like(rest, escape, &text[start..])),
        ['_', rest @ ..] => !text.is_empty() && like(rest, escape, &text[1..]),
        [first, rest @ ..] => text.first() == Some(first) && like(rest, escape, &text[1..]),
    }
}
