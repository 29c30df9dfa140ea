use super::{
    builder::DEEPEST,
    operand::Operand,
    operator::Comparison,
    program::{Computation, Program, Step, Test},
    source::Source,
    stack::Stack,
    subject::Subject,
};
use crate::Envelope;

impl Program {
    /// Whether the condition is true for this message.
    pub(super) fn holds(&self, envelope: &Envelope) -> bool {
        let subject = Subject::new(envelope);
        // Most selectors compute nothing, and need not prepare the stack.
        if self.depth == 0 {
            run::<0>(&self.steps, &subject)
        } else {
            run::<DEEPEST>(&self.steps, &subject)
        }
    }
}

/// Jumps lead forwards only, so this takes no more turns than there are steps.
fn run<const N: usize>(steps: &[Step], subject: &Subject<'_>) -> bool {
    let mut stack = Stack::<'_, N>::new();
    let mut holds = false;
    let mut at = 0;
    while let Some(step) = steps.get(at) {
        at += 1;
        match step {
            Step::Test { test, wanted } => holds = test.judge(subject, &mut stack) == Some(*wanted),
            Step::Jump { on, to } if holds == *on => at = *to,
            Step::Jump { .. } => {}
            Step::Compute(computation) => {
                let result = computation.compute(subject, &mut stack);
                stack.push(result);
            }
        }
    }
    holds
}

impl Computation {
    fn compute<'a, const N: usize>(&'a self, subject: &'a Subject<'_>, stack: &mut Stack<'a, N>) -> Operand<'a> {
        match self {
            Self::Binary(arithmetic, left, right) => {
                // The right one was pushed last.
                let right = right.read(subject, stack);
                left.read(subject, stack).calculate(*arithmetic, right)
            }
            Self::Negate(source) => source.read(subject, stack).negate(),
            Self::Affirm(source) => source.read(subject, stack).affirm(),
        }
    }
}

impl Test {
    /// `None` is unknown.
    fn judge<'a, const N: usize>(&'a self, subject: &'a Subject<'_>, stack: &mut Stack<'a, N>) -> Option<bool> {
        match self {
            Self::Itself(source) => match source.read(subject, stack) {
                Operand::Bool(value) => Some(value),
                _ => None,
            },
            Self::Compare(comparison, left, right) => {
                let right = right.read(subject, stack);
                left.read(subject, stack).compare(*comparison, right)
            }
            Self::Between { not, value, low, high } => {
                let high = high.read(subject, stack);
                let low = low.read(subject, stack);
                between(*not, value.read(subject, stack), low, high)
            }
            Self::In { not, value, texts } => {
                let text = text(value, subject, stack)?;
                let found = texts.binary_search_by(|item| item.as_ref().cmp(text)).is_ok();
                Some(found != *not)
            }
            Self::Like { not, value, pattern } => {
                let text = text(value, subject, stack)?;
                Some(pattern.matches(text) != *not)
            }
            Self::IsNull { not, value } => Some((value.read(subject, stack) == Operand::Null) != *not),
        }
    }
}

/// As the two comparisons that JMS says it stands for, so that unlike types make both forms false.
fn between(not: bool, value: Operand<'_>, low: Operand<'_>, high: Operand<'_>) -> Option<bool> {
    let (below, above) = if not {
        (Comparison::Less, Comparison::Greater)
    } else {
        (Comparison::GreaterOrEqual, Comparison::LessOrEqual)
    };
    // What settles it: one true of `a OR b`, one false of `a AND b`.
    let settling = Some(not);
    match (value.compare(below, low), value.compare(above, high)) {
        (left, right) if left == settling || right == settling => settling,
        (None, _) | (_, None) => None,
        _ => Some(!not),
    }
}

/// What is missing is unknown, and so is what is no text.
fn text<'a, const N: usize>(source: &'a Source, subject: &'a Subject<'_>, stack: &mut Stack<'a, N>) -> Option<&'a str> {
    match source.read(subject, stack) {
        Operand::Text(text) => Some(text),
        _ => None,
    }
}
