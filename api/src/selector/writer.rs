use super::{
    builder::Builder,
    fault::Fault,
    operator::{Comparison, Precedence},
    pending::Pending,
    program::{Computation, Joint, Program, Test},
    source::{Kind, Source},
    term::Term,
    token::Lexeme,
};

/// As many operators and parentheses may wait at once.
const MOST_PENDING: usize = 8192;

/// Turns operands and operators, as they are read, into steps.
///
/// `NOT` writes none. It swaps what the tests inside want and what the jumps inside do, by De Morgan's laws, which hold
/// for three values too. Then nothing is left but `AND` and `OR` of tests; and whether that is true depends only on
/// which tests are true, so that from there on false and unknown are one.
#[derive(Debug, Default)]
pub(super) struct Writer {
    builder: Builder,
    terms: Vec<Term>,
    pending: Vec<Pending>,
    /// Whether an odd number of `NOT`s is around this place.
    negative: bool,
}

impl Writer {
    pub(super) fn operand(&mut self, term: Term) {
        self.terms.push(term);
    }

    pub(super) fn wait(&mut self, pending: Pending, at: &Lexeme<'_>) -> Result<(), Fault> {
        if self.pending.len() >= MOST_PENDING {
            return Err(Fault::refused(at.start, at.end, "nested too deeply"));
        }
        self.pending.push(pending);
        Ok(())
    }

    /// Whether a condition may stand here, not an operand only.
    pub(super) fn takes_condition(&self) -> bool {
        self.pending.last().is_none_or(|pending| pending.takes_condition())
    }

    pub(super) fn not(&mut self, at: &Lexeme<'_>) -> Result<(), Fault> {
        self.wait(Pending::Not(at.start), at)?;
        self.negative = !self.negative;
        Ok(())
    }

    pub(super) fn and(&mut self, at: &Lexeme<'_>) -> Result<(), Fault> {
        self.apply_from(Precedence::Sum, at)?;
        if let Some(Pending::Between { not }) = self.pending.last().copied() {
            self.pending.pop();
            return self.wait(Pending::BetweenAnd { not }, at);
        }
        self.apply_from(Precedence::And, at)?;
        self.condition(at)?;
        let jump = self.builder.jump(self.negative);
        self.wait(Pending::And(jump), at)
    }

    pub(super) fn or(&mut self, at: &Lexeme<'_>) -> Result<(), Fault> {
        self.apply_from(Precedence::Or, at)?;
        self.condition(at)?;
        let jump = self.builder.jump(!self.negative);
        self.wait(Pending::Or(jump), at)
    }

    pub(super) fn between(&mut self, not: bool, at: &Lexeme<'_>) -> Result<(), Fault> {
        self.apply_from(Precedence::Comparison, at)?;
        self.wait(Pending::Between { not }, at)
    }

    pub(super) fn close(&mut self, at: &Lexeme<'_>) -> Result<(), Fault> {
        self.apply_from(Precedence::Or, at)?;
        let Some(Pending::Open(start)) = self.pending.pop() else {
            return Err(Fault::refused(at.start, at.end, "no parenthesis is open here"));
        };
        let inside = self.term(at)?;
        self.terms.push(inside.in_parentheses(start, at));
        Ok(())
    }

    pub(super) fn end(&mut self, at: &Lexeme<'_>) -> Result<(), Fault> {
        self.apply_from(Precedence::Or, at)?;
        if let Some(Pending::Open(start)) = self.pending.last() {
            return Err(Fault::refused(*start, *start + 1, "this parenthesis is never closed"));
        }
        self.condition(at)
    }

    pub(super) fn finish(self) -> Program {
        self.builder.finish()
    }

    /// The operand before `IS`, `IN` or `LIKE`, and where it starts.
    pub(super) fn identifier(&mut self) -> Result<(Source, usize), Fault> {
        let term = self.terms.pop();
        let (start, _) = term.as_ref().map_or((0, 0), Term::span);
        let identifier = term.map(Term::into_identifier).transpose()?;
        Ok((identifier.unwrap_or(Source::Missing), start))
    }

    pub(super) fn test(&mut self, test: Test, start: usize, end: usize) {
        self.builder.test(test, !self.negative);
        self.terms.push(Term::condition(start, end));
    }

    /// Applies what waits and binds at least as strongly.
    pub(super) fn apply_from(&mut self, precedence: Precedence, at: &Lexeme<'_>) -> Result<(), Fault> {
        while let Some(pending) = self.pending.last().copied() {
            if pending.precedence().is_none_or(|waiting| waiting < precedence) {
                break;
            }
            self.pending.pop();
            self.apply(pending, at)?;
        }
        Ok(())
    }

    fn apply(&mut self, pending: Pending, at: &Lexeme<'_>) -> Result<(), Fault> {
        match pending {
            Pending::Or(jump) | Pending::And(jump) => {
                self.condition(at)?;
                self.builder.land(jump);
                let is_and = matches!(pending, Pending::And(_)) != self.negative;
                self.builder.join(if is_and { Joint::And } else { Joint::Or });
                let right = self.term(at)?;
                let left = self.term(at)?;
                self.terms.push(Term::condition(left.span().0, right.span().1));
            }
            Pending::Not(start) => {
                self.condition(at)?;
                self.negative = !self.negative;
                let (_, end) = self.term(at)?.span();
                self.terms.push(Term::condition(start, end));
            }
            Pending::Compare(comparison) => self.compare(comparison, at)?,
            Pending::BetweenAnd { not } => {
                let (high, low, value) = (self.term(at)?, self.term(at)?, self.term(at)?);
                let ((start, _), (_, end)) = (value.span(), high.span());
                let (value, low, high) = (value.into_number()?, low.into_number()?, high.into_number()?);
                self.test(Test::Between { not, value, low, high }, start, end);
            }
            Pending::Arithmetic(arithmetic) => {
                let (right, left) = (self.term(at)?, self.term(at)?);
                let result = Term::joined(&left, &right, Source::Stack);
                let (left, right) = (left.into_number()?, right.into_number()?);
                self.compute(Computation::Binary(arithmetic, left, right), result)?;
            }
            Pending::Negate(start) => {
                let term = self.term(at)?;
                let result = Term::operand(Source::Stack, start, term.span().1);
                self.compute(Computation::Negate(term.into_number()?), result)?;
            }
            Pending::Affirm(start) => {
                let term = self.term(at)?;
                let result = Term::operand(Source::Stack, start, term.span().1);
                self.compute(Computation::Affirm(term.into_number()?), result)?;
            }
            Pending::Between { .. } => return Err(Fault::expected("the AND of BETWEEN", at)),
            Pending::Open(start) => return Err(Fault::refused(start, start + 1, "this parenthesis is never closed")),
        }
        Ok(())
    }

    fn compare(&mut self, comparison: Comparison, at: &Lexeme<'_>) -> Result<(), Fault> {
        let (right, left) = (self.term(at)?, self.term(at)?);
        for side in [&left, &right] {
            if comparison.is_ordering() && matches!(side.kind(), Some(Kind::Text | Kind::Bool)) {
                return Err(side.refused("only numbers have an order; this allows = and <> only"));
            }
        }
        match (left.kind(), right.kind()) {
            (Some(Kind::Bool), Some(Kind::Number | Kind::Text)) => {
                return Err(left.refused("TRUE and FALSE compare to a boolean only"));
            }
            (Some(Kind::Number | Kind::Text), Some(Kind::Bool)) => {
                return Err(right.refused("TRUE and FALSE compare to a boolean only"));
            }
            _ => {}
        }
        let ((start, _), (_, end)) = (left.span(), right.span());
        let (left, right) = (left.into_operand()?, right.into_operand()?);
        self.test(Test::Compare(comparison, left, right), start, end);
        Ok(())
    }

    fn compute(&mut self, computation: Computation, result: Term) -> Result<(), Fault> {
        if !self.builder.compute(computation) {
            return Err(result.refused("this computation needs too many intermediate results"));
        }
        self.terms.push(result);
        Ok(())
    }

    /// Makes the last term a condition, if it is an operand yet.
    fn condition(&mut self, at: &Lexeme<'_>) -> Result<(), Fault> {
        let term = self.term(at)?;
        let (start, end) = term.span();
        if let Some(source) = term.into_test()? {
            self.builder.test(Test::Itself(source), !self.negative);
        }
        self.terms.push(Term::condition(start, end));
        Ok(())
    }

    /// The last term. There always is one: operators are applied after their operands.
    fn term(&mut self, at: &Lexeme<'_>) -> Result<Term, Fault> {
        self.terms.pop().ok_or_else(|| Fault::expected("an operand", at))
    }
}
