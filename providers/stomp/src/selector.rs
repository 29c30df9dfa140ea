//! Selectors of queues in the words of `ActiveMQ`, which has properties that came by STOMP as texts and compares them by
//! coercion: what is written here is true there exactly when the selector is true.

mod clause;
mod field;
mod number;
mod property;

use anymq_api::{
    Capability, Error, ErrorKind, Result, Selector,
    spi::{SelectorComparison as Comparison, SelectorOperand as Operand, SelectorPart as Part, SelectorTest as Test},
};

use self::{clause::Clause, field::Field, number::Number};
use crate::error::error;

/// The broker cuts headers that are longer, and has to hold the rest of the line, too.
const LONGEST: usize = 10_000;
/// Parentheses in each other; the broker reads them by recursion.
const DEEPEST: u32 = 100;
/// In one pattern; the broker tries all places for all of them.
const MOST_WILDCARDS: usize = 8;

/// What makes a test true, and what makes it false; neither when it is unknown.
struct Outcome {
    yes: Clause,
    no: Clause,
}

impl Outcome {
    fn never() -> Self {
        Self {
            yes: Clause::Always(false),
            no: Clause::Always(false),
        }
    }

    /// True by `yes`, unknown where `known` is not so, else false.
    fn of(yes: Clause, known: Clause) -> Self {
        Self {
            no: known.and(yes.clone().not()),
            yes,
        }
    }

    fn opposite_if(self, not: bool) -> Self {
        match self {
            Self { yes, no } if not => Self { yes: no, no: yes },
            same => same,
        }
    }
}

/// A value that stands in the selector itself.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Literal<'a> {
    Bool(bool),
    Number(Number),
    Text(&'a str),
}

/// # Errors
/// `Unsupported`, naming the part that the broker cannot judge exactly; `ResourceAllocation` for what is too much for it;
/// `InvalidSelector`.
pub(crate) fn translate(text: &str) -> Result<String> {
    let selector = Selector::parse(text)?;
    let mut stack: Vec<Clause> = Vec::new();
    for part in selector.parts() {
        let clause = match part {
            Part::Test { test, wanted } => {
                let outcome = outcome(&test)?;
                if wanted { outcome.yes } else { outcome.no }
            }
            Part::And | Part::Or => {
                // What joins stands after what it joins.
                let (Some(right), Some(left)) = (stack.pop(), stack.pop()) else {
                    return Err(refused("this"));
                };
                if part == Part::And {
                    left.and(right)
                } else {
                    left.or(right)
                }
            }
        };
        check(&clause)?;
        stack.push(clause);
    }
    stack
        .pop()
        .map(Clause::into_text)
        .ok_or_else(|| refused("an empty condition"))
}

fn check(clause: &Clause) -> Result<()> {
    if clause.depth() > DEEPEST {
        return Err(too_much("it is nested too deeply for the broker"));
    }
    if clause.len() > LONGEST {
        return Err(too_much("it is too long for the broker"));
    }
    Ok(())
}

fn outcome(test: &Test<'_>) -> Result<Outcome> {
    match test {
        Test::Itself(Operand::Bool(value)) => Ok(Outcome::of(Clause::Always(*value), Clause::Always(true))),
        Test::Itself(value) => Ok(Field::of(value)?.itself()),
        Test::Compare(left, comparison, right) => compare(left, *comparison, right),
        Test::Between { not, value, low, high } => between(*not, value, low, high),
        Test::In { not, value, texts } => {
            for text in texts {
                check_text(text)?;
            }
            Ok(Field::of(value)?.is_in(texts).opposite_if(*not))
        }
        Test::Like { not, value, pattern } => {
            check_text(pattern)?;
            if pattern.matches('%').count() > MOST_WILDCARDS {
                return Err(too_much("a pattern has too many `%` for the broker"));
            }
            Ok(Field::of(value)?.like(pattern).opposite_if(*not))
        }
        Test::IsNull { not, value } => Ok(Field::of(value)?.is_null().opposite_if(*not)),
    }
}

fn compare(left: &Operand<'_>, comparison: Comparison, right: &Operand<'_>) -> Result<Outcome> {
    match (literal(left)?, literal(right)?) {
        (None, Some(value)) => Field::of(left)?.compare(comparison, value),
        (Some(value), None) => Field::of(right)?.compare(mirrored(comparison), value),
        (None, None) => Err(refused("a comparison of two properties or headers")),
        (Some(_), Some(_)) => Err(refused("a comparison of two literals")),
    }
}

/// As the two comparisons that it stands for.
fn between(not: bool, value: &Operand<'_>, low: &Operand<'_>, high: &Operand<'_>) -> Result<Outcome> {
    let (below, above) = if not {
        (Comparison::Less, Comparison::Greater)
    } else {
        (Comparison::GreaterOrEqual, Comparison::LessOrEqual)
    };
    let (low, high) = (compare(value, below, low)?, compare(value, above, high)?);
    Ok(if not {
        Outcome {
            yes: low.yes.or(high.yes),
            no: low.no.and(high.no),
        }
    } else {
        Outcome {
            yes: low.yes.and(high.yes),
            no: low.no.or(high.no),
        }
    })
}

/// Nothing for what the message decides.
fn literal<'a>(operand: &Operand<'a>) -> Result<Option<Literal<'a>>> {
    Ok(Some(match *operand {
        Operand::Computed => return Err(refused("arithmetic")),
        Operand::Bool(value) => Literal::Bool(value),
        Operand::Integer(value) => Literal::Number(Number::Integer(value)),
        Operand::Float(value) => Literal::Number(Number::Float(value)),
        Operand::Text(text) => {
            check_text(text)?;
            Literal::Text(text)
        }
        Operand::Property(_) | Operand::Header(_) | Operand::Missing => return Ok(None),
    }))
}

/// NUL is encoded in properties, and no header can carry it.
fn check_text(text: &str) -> Result<()> {
    if text.contains('\0') {
        return Err(refused("a text with NUL"));
    }
    Ok(())
}

fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    }
}

fn refused(part: &str) -> Error {
    let capability = Capability::QueueSelectors;
    let detail = format!("the broker's selectors are not exact for {part}");
    error(ErrorKind::Unsupported { capability }, detail)
}

fn too_much(why: &str) -> Error {
    error(ErrorKind::ResourceAllocation, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> ErrorKind {
        translate(text).map(|it| panic!("{text}: {it}")).unwrap_err().kind()
    }

    #[test]
    fn what_is_not_exact_is_refused_by_name() {
        for (text, part) in [
            ("n + 1 = 8", "arithmetic"),
            ("NOT (t AND -n = 7)", "arithmetic"),
            ("n = m", "a comparison of two properties or headers"),
            ("n BETWEEN m AND 5", "a comparison of two properties or headers"),
            ("1 = 1", "a comparison of two literals"),
            ("größe = 1", "`größe`, which is no name to it"),
            ("xpath = 1", "`xpath`, which is no name to it"),
            ("type = 'a'", "`type`, which is no name to it"),
            ("JMSXGroupSeq = 1", "`JMSXGroupSeq`, which is no name to it"),
            ("n = 1E300", "a number that is too great for `f32`"),
        ] {
            let error = translate(text).unwrap_err();
            let capability = Capability::QueueSelectors;
            assert_eq!(error.kind(), ErrorKind::Unsupported { capability }, "{text}");
            assert!(error.detail().ends_with(part), "{text}: {}", error.detail());
        }
    }

    #[test]
    fn what_is_too_much_or_none_at_all_is_refused() {
        let many = vec!["n = 7"; 1000].join(" OR ");
        let deep = "n = 1 AND (t OR ".repeat(500) + "t" + &")".repeat(500);
        for text in [many.as_str(), &deep, "s LIKE '%a%a%a%a%a%a%a%a%b'"] {
            assert_eq!(kind(text), ErrorKind::ResourceAllocation, "{text}");
        }
        assert_eq!(kind("n =="), ErrorKind::InvalidSelector);
    }

    #[test]
    fn texts_and_numbers_are_told_apart_by_their_types() {
        assert_eq!(
            translate("s = 'it''s'").unwrap(),
            "(JMS_anymq_types IS NULL OR NOT (JMS_anymq_types LIKE '%;s=%' ESCAPE '!')) AND s = 'it''s'"
        );
        assert_eq!(
            translate("n_1 = 7").unwrap(),
            "(JMS_anymq_types LIKE '%;n!_1=i%' ESCAPE '!' OR JMS_anymq_types LIKE '%;n!_1=f%' ESCAPE '!' \
             OR JMS_anymq_types IS NULL) AND n_1 = 7.0"
        );
        assert_eq!(
            translate("miss IS NULL AND NOT FALSE").unwrap(),
            "NOT (miss IS NOT NULL)"
        );
    }
}
