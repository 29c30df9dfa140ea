//! Properties: plain values, and a header that says which of them are no texts.

use anymq_api::{Result, spi::SelectorComparison as Comparison};

use super::{
    Literal, Outcome,
    clause::{Clause, quoted},
    number::{Number, symbol},
    refused,
};
use crate::codec::{TYPES, is_plain_name};

/// Words of the broker that none of ours are.
const WORDS: [&str; 2] = ["XPATH", "XQUERY"];

/// A property by a name that the broker's selectors can name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Property<'a>(&'a str);

impl<'a> Property<'a> {
    pub(super) fn new(name: &'a str) -> Result<Self> {
        let is_word = WORDS.iter().any(|word| word.eq_ignore_ascii_case(name));
        if !name.is_ascii() || is_word || !is_plain_name(name) {
            return Err(refused(&format!("`{name}`, which is no name to it")));
        }
        Ok(Self(name))
    }

    pub(super) fn present(self) -> Clause {
        Clause::new(format!("{} IS NOT NULL", self.0))
    }

    /// Its types begin so.
    fn has_type(self, start: &str) -> Clause {
        let name = self.0.replace('_', "!_");
        Clause::new(format!("{TYPES} LIKE '%;{name}={start}%' ESCAPE '!'"))
    }

    /// A text that stands for itself, if it is there.
    fn is_plain(self) -> Clause {
        foreign().or(self.has_type("").not())
    }

    /// A text that is encoded because of a NUL in it.
    fn is_encoded(self) -> Clause {
        self.has_type("!%")
    }

    pub(super) fn compare(self, comparison: Comparison, literal: Literal<'_>) -> Result<Outcome> {
        let yes = match literal {
            Literal::Bool(value) => self.is_bool(value == (comparison == Comparison::Equal)),
            Literal::Number(number) => self.compare_number(comparison, number)?,
            Literal::Text(text) => {
                let compared = Clause::new(format!("{} {} {}", self.0, symbol(comparison), quoted(text)));
                let plain = self.is_plain().and(compared);
                match comparison {
                    // What holds a NUL is none that can stand in a selector.
                    Comparison::NotEqual => plain.or(self.is_encoded()),
                    _ => plain,
                }
            }
        };
        Ok(Outcome::of(yes, self.present()))
    }

    /// Where the same is written for several types, it is written once.
    fn compare_number(self, comparison: Comparison, number: Number) -> Result<Clause> {
        let integer = number.beside_integer(self.0, comparison);
        let (f32, f64) = (
            number.beside_f32(self.0, comparison)?,
            number.beside_f64(self.0, comparison),
        );
        let types = |start| self.has_type(start);
        if integer == f64 && f64 == f32 {
            return Ok(types("i").or(types("f")).or(foreign()).and(integer));
        }
        let of_integers = types("i").or(foreign()).and(integer);
        if f64 == f32 {
            return Ok(of_integers.or(types("f").and(f64)));
        }
        Ok(of_integers.or(types("f64").and(f64)).or(types("f32").and(f32)))
    }

    fn is_bool(self, value: bool) -> Clause {
        let ours = Clause::new(format!("{} = '{value}'", self.0));
        // One of Java's is not equal to a text.
        let theirs = Clause::new(format!("{} = {value}", self.0));
        self.has_type("b").and(ours).or(foreign().and(theirs))
    }

    pub(super) fn itself(self) -> Outcome {
        Outcome {
            yes: self.is_bool(true),
            no: self.is_bool(false),
        }
    }

    pub(super) fn is_in(self, texts: &[&str]) -> Outcome {
        let texts: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
        let is_in = Clause::new(format!("{} IN ({})", self.0, texts.join(", ")));
        Outcome {
            yes: self.is_plain().and(is_in.clone()),
            no: self
                .is_plain()
                .and(self.present())
                .and(is_in.not())
                .or(self.is_encoded()),
        }
    }

    pub(super) fn like(self, pattern: &str) -> Outcome {
        let like = Clause::new(format!("{} LIKE {} ESCAPE '!'", self.0, quoted(pattern)));
        Outcome {
            yes: self.is_plain().and(like.clone()),
            no: self.is_plain().and(self.present()).and(like.not()),
        }
    }
}

/// The message is not ours, so the broker's own rules are all there is.
pub(super) fn foreign() -> Clause {
    Clause::new(format!("{TYPES} IS NULL"))
}
