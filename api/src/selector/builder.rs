use super::{
    program::{Computation, Joint, Program, Step, Test},
    source::Source,
};

/// As many intermediate results may wait for another at once.
pub(super) const DEEPEST: usize = 32;

/// Appends steps, and counts what they leave on the stack.
#[derive(Debug, Default)]
pub(super) struct Builder {
    steps: Vec<Step>,
    joints: Vec<Joint>,
    waiting: usize,
    depth: usize,
}

impl Builder {
    /// Whether the stack has room for the result.
    #[must_use]
    pub(super) fn compute(&mut self, computation: Computation) -> bool {
        match &computation {
            Computation::Binary(_, left, right) => self.consume(&[left, right]),
            Computation::Negate(source) | Computation::Affirm(source) => self.consume(&[source]),
        }
        self.waiting += 1;
        self.depth = self.depth.max(self.waiting);
        self.steps.push(Step::Compute(computation));
        self.depth <= DEEPEST
    }

    pub(super) fn test(&mut self, test: Test, wanted: bool) {
        match &test {
            Test::Compare(_, left, right) => self.consume(&[left, right]),
            Test::Between { value, low, high, .. } => self.consume(&[value, low, high]),
            Test::Itself(value) | Test::In { value, .. } | Test::Like { value, .. } | Test::IsNull { value, .. } => {
                self.consume(&[value]);
            }
        }
        self.joints.push(Joint::Test(self.steps.len()));
        self.steps.push(Step::Test { test, wanted });
    }

    /// The last two conditions are one.
    pub(super) fn join(&mut self, joint: Joint) {
        self.joints.push(joint);
    }

    /// A jump to a place that [`land`](Self::land) tells later.
    pub(super) fn jump(&mut self, on: bool) -> usize {
        let jump = self.steps.len();
        self.steps.push(Step::Jump { on, to: jump + 1 });
        jump
    }

    /// The jump ends at the next step.
    pub(super) fn land(&mut self, jump: usize) {
        let next = self.steps.len();
        if let Some(Step::Jump { to, .. }) = self.steps.get_mut(jump) {
            *to = next;
        }
    }

    pub(super) fn finish(mut self) -> Program {
        self.shorten_jumps();
        Program {
            steps: self.steps.into(),
            depth: self.depth,
            joints: self.joints.into(),
        }
    }

    /// Lets jumps that end at another jump go to where that one leads. Backwards, so that a chain of any length is
    /// shortened at once; and the step after a jump is none, since an operand begins there.
    fn shorten_jumps(&mut self) {
        for index in (0..self.steps.len()).rev() {
            let Some(Step::Jump { on, to }) = self.steps.get(index) else {
                continue;
            };
            let further = match self.steps.get(*to) {
                Some(Step::Jump { on: same, to }) if same == on => *to,
                Some(Step::Jump { .. }) => *to + 1,
                _ => continue,
            };
            if let Some(Step::Jump { to, .. }) = self.steps.get_mut(index) {
                *to = further;
            }
        }
    }

    fn consume(&mut self, sources: &[&Source]) {
        let used = sources.iter().filter(|source| matches!(source, Source::Stack)).count();
        self.waiting = self.waiting.saturating_sub(used);
    }
}
