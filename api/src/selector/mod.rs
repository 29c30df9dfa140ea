//! Message selectors: conditions over headers and properties, parsed once and judged without allocating.
//!
//! The text becomes tokens ([`lexer`]), is read by operator precedence ([`parser`]), and is written as steps in a row
//! ([`writer`], [`program`]), which the [`evaluator`] follows. No part recurses, so no selector overflows a stack: not
//! when it is parsed, not when it is judged, not when it is dropped. [`Selector`] says where the language departs from
//! the specification.

mod builder;
mod evaluator;
mod fault;
mod header;
mod lexer;
mod like;
mod number;
mod operand;
mod operator;
mod parser;
mod parts;
mod pending;
mod predicate;
mod program;
mod source;
mod stack;
mod subject;
mod term;
#[cfg(test)]
mod tests;
mod token;
mod writer;

use std::{
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
    sync::Arc,
};

pub use self::{
    header::Header as SelectorHeader,
    operator::Comparison as SelectorComparison,
    parts::{SelectorOperand, SelectorPart, SelectorTest},
};

use self::{fault::Fault, parser::Parser, program::Program};
use crate::{Envelope, Error, ErrorKind, Result};

/// Longer selectors are refused.
const LONGEST: usize = 256 * 1024;

/// A message selector: a condition that tells which messages a consumer gets.
///
/// Parsed once and cheap to clone. Judging a message allocates nothing and takes time linear in the selector, but for
/// `LIKE`, which takes at most the product of the lengths of pattern and text. JMS: the message selector.
///
/// ```
/// use anymq_api::{Destination, Envelope, ErrorKind, Headers, Message, Queue, Selector};
///
/// let selector = Selector::parse("table BETWEEN 1 AND 9 AND guest LIKE 'A%'")?;
/// let headers = Headers::new(Queue::new("orders")?.address().clone());
/// let order = Message::empty().with_property("table", 7)?.with_property("guest", "Ada")?;
/// assert!(selector.matches(&Envelope::new(headers.clone(), order)));
/// assert!(!selector.matches(&Envelope::new(headers, Message::empty())));
///
/// let error = Selector::parse("table == 7").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidSelector);
/// assert_eq!(error.detail(), "at character 8: expected an identifier, a literal or `(`, found `=`");
/// # Ok::<(), anymq_api::Error>(())
/// ```
///
/// # The language
/// That of Jakarta Messaging 3.1, section 3.8.1, checked strictly. Where that text leaves something open, or this crate
/// is narrower than it:
///
/// - An identifier is what may name a property ([`Message::with_property`](crate::Message::with_property)): letters
///   and digits of any script, `_` and `$`; not Java's further currency and connecting signs.
/// - Of the headers, `JMSCorrelationID`, `JMSDeliveryMode`, `JMSMessageID`, `JMSPriority`, `JMSTimestamp` and `JMSType`
///   are usable; every other one, and every other name that JMS keeps for itself, is refused. `JMSXGroupID` and
///   `JMSXGroupSeq` are properties, other names with `JMSX` are missing values, names with `JMS_` are properties of
///   foreign messages. An unset header, the timestamp too, is null.
/// - Integers have Java's types: 32 bits, or 64 for an `i64`, an `L` and what is too great for 32. They wrap around,
///   and a division by an exact zero is null. Each float is a `double`; the suffix `f` rounds a literal to `f32` first.
///   Octal and hexadecimal literals mean the number that they write, never a negative one; a literal beyond `i64`, or
///   beyond the floats, is refused. There are no binary literals, no `_` between digits and no hexadecimal floats.
/// - A comparison without a meaning, of unlike types or of the order of texts, is false; `BETWEEN` is as the comparisons
///   that it stands for, `NOT BETWEEN` as theirs. Arithmetic with a value that is no number is null; `IN`, `LIKE` and a
///   bare identifier are unknown where the value's type does not fit, so `NOT` does not make them true.
/// - Where the text alone shows it, an operand of the wrong type is refused: a text in arithmetic, the order of a text,
///   `TRUE` compared to a text or a number. Texts and numbers compared by `=` and `<>` are false, as in the
///   specification.
/// - A condition is no operand: there is no `a = b = c`, no `(a = b) = TRUE`. Before `IS`, `IN` and `LIKE` stands an
///   identifier without parentheses.
/// - In the pattern of `LIKE`, any character may follow the escape, and stands for itself; none is refused.
/// - Comments are refused, hence also `--` (write `- -n`), and double quotes.
/// - A selector has at most 256 KiB; at most 8192 operators and parentheses may be open at once, and at most 32
///   intermediate results of arithmetic. What is beyond is refused, too, as [`ErrorKind::InvalidSelector`].
///
/// ```
/// # use anymq_api::Selector;
/// for refused in ["JMSReplyTo = 'a'", "a = b = c", "guest > 'A'", "a + 'b' = 1", "(a) IS NULL", "a = --1", "a = 0b1"] {
///     assert!(Selector::parse(refused).is_err());
/// }
/// ```
#[derive(Clone)]
pub struct Selector(Arc<Inner>);

struct Inner {
    text: Box<str>,
    program: Program,
}

impl Selector {
    /// Parses and checks a selector. Callers take the empty text as no selector; here it is invalid.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSelector`], with the place and the reason, for what is no condition, and for what is too long
    /// or too deeply nested.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > LONGEST {
            let why = format!("a selector of {} bytes is longer than {LONGEST}", text.len());
            return Err(Error::new(ErrorKind::InvalidSelector, why));
        }
        let program = Parser::parse(text).map_err(|fault: Fault| fault.into_error(text))?;
        let text = text.into();
        Ok(Self(Arc::new(Inner { text, program })))
    }

    /// Its text, as it was given.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Whether the condition is true for this message: neither false nor unknown.
    pub fn matches(&self, envelope: &Envelope) -> bool {
        self.0.program.holds(envelope)
    }
}

impl FromStr for Selector {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl PartialEq for Selector {
    /// By the text: `a = 1` and `a=1` differ.
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Selector {}

impl Hash for Selector {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text().hash(state);
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Debug for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Selector({:?})", self.text())
    }
}
