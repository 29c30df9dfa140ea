//! Which parts of selectors `ActiveMQ` cannot judge exactly on queues, because properties are texts there.

use anymq_api::{
    Selector,
    spi::{SelectorOperand as Operand, SelectorPart as Part, SelectorTest as Test},
};

/// Whether there is one in this selector; `false` for what is none.
pub(super) fn is_lacking(text: &str) -> bool {
    let Ok(selector) = Selector::parse(text) else {
        return false;
    };
    let lacks = |part| match part {
        Part::Test { test, .. } => is_lacking_test(&test),
        Part::And | Part::Or => false,
    };
    selector.parts().any(lacks)
}

fn is_lacking_test(test: &Test<'_>) -> bool {
    match test {
        Test::Compare(left, _, right) => is_lacking_pair(left, right),
        Test::Between { value, low, high, .. } => is_lacking_pair(value, low) || is_lacking_pair(value, high),
        Test::Itself(value) | Test::In { value, .. } | Test::Like { value, .. } | Test::IsNull { value, .. } => {
            is_lacking_operand(value)
        }
    }
}

/// Only a property or header beside a literal is judged.
fn is_lacking_pair(left: &Operand<'_>, right: &Operand<'_>) -> bool {
    let is_literal = |operand: &Operand<'_>| {
        matches!(
            operand,
            Operand::Bool(_) | Operand::Integer(_) | Operand::Float(_) | Operand::Text(_)
        )
    };
    is_literal(left) == is_literal(right) || is_lacking_operand(left) || is_lacking_operand(right)
}

fn is_lacking_operand(operand: &Operand<'_>) -> bool {
    match operand {
        Operand::Computed => true,
        // Those that do not go as they are called, and those that the broker's language has no room for.
        Operand::Property(name) => *name == "JMSXGroupSeq" || !name.is_ascii(),
        Operand::Float(value) => value.abs() > f32::MAX.into(),
        _ => false,
    }
}
