//! Conditions as trees, and their texts.

use std::fmt;

#[derive(Clone, Debug)]
pub(super) enum Condition {
    True,
    False,
    Name(&'static str),
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    /// One of `=`, `<>`, `<`, `<=`, `>`, `>=`.
    Compare(&'static str, Side, Side),
    Between(bool, Number, Number, Number),
    In(bool, &'static str, Vec<&'static str>),
    Like(bool, &'static str, String, Option<char>),
    IsNull(bool, &'static str),
}

#[derive(Clone, Debug)]
pub(super) enum Side {
    Number(Number),
    Text(&'static str),
    Bool(bool),
}

#[derive(Clone, Debug)]
pub(super) enum Number {
    Name(&'static str),
    Int(i32),
    Long(i64),
    Double(f64),
    /// One of `+`, `-`.
    Sign(char, Box<Number>),
    /// One of `+`, `-`, `*`, `/`.
    Binary(char, Box<Number>, Box<Number>),
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn not(not: bool) -> &'static str {
    if not { " NOT" } else { "" }
}

impl fmt::Display for Condition {
    /// With no more parentheses than needed, so that precedences are tried as well.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = |it: &Self, brackets: bool| if brackets { format!("({it})") } else { it.to_string() };
        match self {
            Self::True => f.write_str("TRUE"),
            Self::False => f.write_str("false"),
            Self::Name(name) => f.write_str(name),
            Self::Not(it) => write!(f, "NOT {}", inner(it, matches!(**it, Self::And(..) | Self::Or(..)))),
            Self::And(left, right) => {
                let left = inner(left, matches!(**left, Self::Or(..)));
                write!(
                    f,
                    "{left} AND {}",
                    inner(right, matches!(**right, Self::And(..) | Self::Or(..)))
                )
            }
            Self::Or(left, right) => write!(f, "{left} or {}", inner(right, matches!(**right, Self::Or(..)))),
            Self::Compare(operator, left, right) => write!(f, "{left}{operator}{right}"),
            Self::Between(no, value, low, high) => write!(f, "{value}{} BETWEEN {low} AND {high}", not(*no)),
            Self::In(no, name, texts) => {
                let texts: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
                write!(f, "{name}{} IN ({})", not(*no), texts.join(","))
            }
            Self::Like(no, name, pattern, escape) => {
                write!(f, "{name}{} LIKE {}", not(*no), quoted(pattern))?;
                match escape {
                    Some(escape) => write!(f, " ESCAPE {}", quoted(&escape.to_string())),
                    None => Ok(()),
                }
            }
            Self::IsNull(no, name) => write!(f, "{name} IS{} NULL", not(*no)),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Bool(value) => write!(f, "{value}"),
        }
    }
}

impl Number {
    fn is_sum(&self) -> bool {
        matches!(self, Self::Binary('+' | '-', ..))
    }

    fn is_binary(&self) -> bool {
        matches!(self, Self::Binary(..))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = |it: &Self, brackets: bool| if brackets { format!("({it})") } else { it.to_string() };
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Int(value) => write!(f, "{value}"),
            Self::Long(value) => write!(f, "{value}L"),
            Self::Double(value) => write!(f, "{value:e}d"),
            // A sign before a literal would be the literal's.
            Self::Sign(sign, it) => write!(f, "{sign} ({it})"),
            Self::Binary(operator @ ('*' | '/'), left, right) => {
                let (left, right) = (inner(left, left.is_sum()), inner(right, right.is_binary()));
                write!(f, "{left} {operator} {right}")
            }
            Self::Binary(operator, left, right) => write!(f, "{left} {operator} {}", inner(right, right.is_sum())),
        }
    }
}
