use super::operand::Operand;

/// Intermediate results of arithmetic, in place: judging a message allocates nothing.
///
/// The compiler counts what a program needs, so neither end is ever overrun.
#[derive(Debug)]
pub(super) struct Stack<'a, const N: usize> {
    slots: [Operand<'a>; N],
    length: usize,
}

impl<'a, const N: usize> Stack<'a, N> {
    pub(super) fn new() -> Self {
        Self {
            slots: [Operand::Null; N],
            length: 0,
        }
    }

    pub(super) fn push(&mut self, value: Operand<'a>) {
        if let Some(slot) = self.slots.get_mut(self.length) {
            *slot = value;
            self.length += 1;
        }
    }

    pub(super) fn pop(&mut self) -> Operand<'a> {
        self.length = self.length.saturating_sub(1);
        self.slots.get(self.length).copied().unwrap_or(Operand::Null)
    }
}
