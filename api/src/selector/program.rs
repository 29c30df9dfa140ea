use super::{
    like::Pattern,
    operator::{Arithmetic, Comparison},
    source::Source,
};

/// A selector in the form in which messages are judged: steps in a row, and jumps forward over some of them.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) steps: Box<[Step]>,
    /// How many intermediate results it holds at once.
    pub(super) depth: usize,
    /// The same as a formula, in postfix order, for those who translate it.
    pub(super) joints: Box<[Joint]>,
}

/// A test, by its step, or what joins the last two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Joint {
    Test(usize),
    And,
    Or,
}

#[derive(Debug)]
pub(super) enum Step {
    /// Leaves a result on the stack.
    Compute(Computation),
    /// Settles whether the condition holds so far: when the test gives `wanted`, and not when it is unknown.
    Test { test: Test, wanted: bool },
    /// Goes on at another step when the condition holds so far, or when it does not.
    Jump { on: bool, to: usize },
}

#[derive(Debug)]
pub(super) enum Computation {
    Binary(Arithmetic, Source, Source),
    Negate(Source),
    Affirm(Source),
}

#[derive(Debug)]
pub(super) enum Test {
    /// A boolean that stands alone.
    Itself(Source),
    Compare(Comparison, Source, Source),
    Between {
        not: bool,
        value: Source,
        low: Source,
        high: Source,
    },
    In {
        not: bool,
        value: Source,
        /// In order, each once.
        texts: Box<[Box<str>]>,
    },
    Like {
        not: bool,
        value: Source,
        pattern: Pattern,
    },
    IsNull {
        not: bool,
        value: Source,
    },
}
