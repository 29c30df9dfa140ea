//! A selector as drivers see it whose brokers select by another language.

use super::{
    Selector,
    header::Header,
    like::{Pattern, Unit},
    operator::Comparison,
    program::{Joint, Step, Test},
    source::Source,
};

/// A part of a selector, in postfix order: what joins stands after what it joins.
///
/// There is no `NOT`: it is in what the tests want. So the whole is true when enough of its tests give what they want, and
/// nothing depends on whether another test is false or unknown.
#[derive(Clone, Debug, PartialEq)]
pub enum SelectorPart<'a> {
    /// True when the test gives `wanted`, and not when it is unknown.
    Test {
        /// What is tested.
        test: SelectorTest<'a>,
        /// Whether it is to be true or to be false.
        wanted: bool,
    },
    /// Both of the last two.
    And,
    /// At least one of the last two.
    Or,
}

/// A condition without `AND`, `OR` and `NOT` before it.
#[derive(Clone, Debug, PartialEq)]
pub enum SelectorTest<'a> {
    /// A boolean that stands alone.
    Itself(SelectorOperand<'a>),
    /// Two values side by side.
    Compare(SelectorOperand<'a>, Comparison, SelectorOperand<'a>),
    /// `[NOT] BETWEEN`.
    Between {
        /// Whether there is a `NOT`.
        not: bool,
        /// What is tested.
        value: SelectorOperand<'a>,
        /// The first bound.
        low: SelectorOperand<'a>,
        /// The second bound.
        high: SelectorOperand<'a>,
    },
    /// `[NOT] IN`.
    In {
        /// Whether there is a `NOT`.
        not: bool,
        /// What is tested.
        value: SelectorOperand<'a>,
        /// Each once.
        texts: Vec<&'a str>,
    },
    /// `[NOT] LIKE`.
    Like {
        /// Whether there is a `NOT`.
        not: bool,
        /// What is tested.
        value: SelectorOperand<'a>,
        /// With [`ESCAPE`](Self::ESCAPE) before each `%`, `_` and `!` that stands for itself.
        pattern: String,
    },
    /// `IS [NOT] NULL`.
    IsNull {
        /// Whether there is a `NOT`.
        not: bool,
        /// What is tested.
        value: SelectorOperand<'a>,
    },
}

impl SelectorTest<'_> {
    /// The escape in patterns.
    pub const ESCAPE: char = '!';
}

/// A value in a selector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SelectorOperand<'a> {
    /// The result of arithmetic, about which no more is told.
    Computed,
    /// `TRUE` or `FALSE`.
    Bool(bool),
    /// An exact number.
    Integer(i64),
    /// An approximate number; it is finite.
    Float(f64),
    /// A text.
    Text(&'a str),
    /// A property's name.
    Property(&'a str),
    /// A header.
    Header(Header),
    /// What no message has.
    Missing,
}

impl Selector {
    /// Its parts, for drivers that translate them.
    pub fn parts(&self) -> impl Iterator<Item = SelectorPart<'_>> {
        let program = &self.0.program;
        let part = |joint: &Joint| match joint {
            Joint::And => Some(SelectorPart::And),
            Joint::Or => Some(SelectorPart::Or),
            Joint::Test(step) => match program.steps.get(*step) {
                Some(Step::Test { test, wanted }) => Some(SelectorPart::Test {
                    test: test.shown(),
                    wanted: *wanted,
                }),
                _ => None,
            },
        };
        program.joints.iter().filter_map(part)
    }
}

impl Test {
    fn shown(&self) -> SelectorTest<'_> {
        match self {
            Self::Itself(source) => SelectorTest::Itself(source.shown()),
            Self::Compare(comparison, left, right) => SelectorTest::Compare(left.shown(), *comparison, right.shown()),
            Self::Between { not, value, low, high } => SelectorTest::Between {
                not: *not,
                value: value.shown(),
                low: low.shown(),
                high: high.shown(),
            },
            Self::In { not, value, texts } => SelectorTest::In {
                not: *not,
                value: value.shown(),
                texts: texts.iter().map(AsRef::as_ref).collect(),
            },
            Self::Like { not, value, pattern } => SelectorTest::Like {
                not: *not,
                value: value.shown(),
                pattern: pattern.text(SelectorTest::ESCAPE),
            },
            Self::IsNull { not, value } => SelectorTest::IsNull {
                not: *not,
                value: value.shown(),
            },
        }
    }
}

impl Source {
    fn shown(&self) -> SelectorOperand<'_> {
        match self {
            Self::Stack => SelectorOperand::Computed,
            Self::Bool(value) => SelectorOperand::Bool(*value),
            Self::Int(value) => SelectorOperand::Integer((*value).into()),
            Self::Long(value) => SelectorOperand::Integer(*value),
            Self::Double(value) => SelectorOperand::Float(*value),
            Self::Text(text) => SelectorOperand::Text(text),
            Self::Property(name) => SelectorOperand::Property(name),
            Self::Header(header) => SelectorOperand::Header(*header),
            Self::Missing => SelectorOperand::Missing,
        }
    }
}

impl Pattern {
    /// The pattern's text with this escape.
    fn text(&self, escape: char) -> String {
        let mut text = String::new();
        for unit in self.units() {
            match unit {
                Unit::Any => text.push('%'),
                Unit::One => text.push('_'),
                Unit::Char(letter) => {
                    if matches!(letter, '%' | '_') || *letter == escape {
                        text.push(escape);
                    }
                    text.push(*letter);
                }
            }
        }
        text
    }
}
