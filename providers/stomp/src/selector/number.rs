//! Numbers beside properties, which are texts at the broker: a literal says by its form as what they are read there.

use anymq_api::{Result, spi::SelectorComparison as Comparison};

use super::{clause::Clause, refused};

/// A number that stands in a selector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Integer(i64),
    Float(f64),
}

impl Number {
    /// Beside an integer. Without a point it would be read in 32 bits, if it has no more itself.
    pub(super) fn beside_integer(self, name: &str, comparison: Comparison) -> Clause {
        match self {
            Self::Integer(value) => match i32::try_from(value) {
                Ok(value) => float(name, comparison, value.into()),
                Err(_) => Clause::new(format!("{name} {} {value}", symbol(comparison))),
            },
            Self::Float(value) => float(name, comparison, value),
        }
    }

    /// Beside an `f64`.
    pub(super) fn beside_f64(self, name: &str, comparison: Comparison) -> Clause {
        float(name, comparison, self.widened())
    }

    /// Beside an `f32`, which its shortest decimal form stands for: that has the same place between those of other `f32`,
    /// but not between other numbers. So the next `f32` stand in for such a number.
    pub(super) fn beside_f32(self, name: &str, comparison: Comparison) -> Result<Clause> {
        let (below, above) =
            neighbours(self.widened()).ok_or_else(|| refused("a number that is too great for `f32`"))?;
        let is_exact = below.to_bits() == above.to_bits();
        let number = match comparison {
            Comparison::Equal | Comparison::NotEqual if !is_exact => {
                return Ok(Clause::Always(comparison == Comparison::NotEqual));
            }
            Comparison::Less | Comparison::GreaterOrEqual => above,
            _ => below,
        };
        Ok(decimal(name, comparison, &format!("{number:?}"), number == 0.0))
    }

    /// As beside a float.
    #[allow(clippy::cast_precision_loss)]
    fn widened(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

/// The greatest `f32` that is not greater, and the least that is not less.
#[allow(clippy::cast_possible_truncation)]
fn neighbours(value: f64) -> Option<(f32, f32)> {
    let near = value as f32;
    let (below, above) = match f64::from(near).total_cmp(&value) {
        std::cmp::Ordering::Less => (near, near.next_up()),
        std::cmp::Ordering::Equal => (near, near),
        std::cmp::Ordering::Greater => (near.next_down(), near),
    };
    (below.is_finite() && above.is_finite()).then_some((below, above))
}

fn float(name: &str, comparison: Comparison, value: f64) -> Clause {
    decimal(name, comparison, &format!("{value:?}"), value == 0.0)
}

/// The broker orders as Java's `compareTo`: NaN is the greatest, and -0 is less than 0.
fn decimal(name: &str, comparison: Comparison, digits: &str, is_zero: bool) -> Clause {
    let digits = if is_zero { "0.0" } else { digits };
    let plain = Clause::new(format!("{name} {} {}", symbol(comparison), digits.to_uppercase()));
    let is_text = |text: &str| Clause::new(format!("{name} = '{text}'"));
    let is_not = |text: &str| Clause::new(format!("{name} <> '{text}'"));
    match comparison {
        Comparison::Equal if is_zero => plain.or(is_text("-0")),
        Comparison::NotEqual | Comparison::Less if is_zero => plain.and(is_not("-0")),
        Comparison::GreaterOrEqual if is_zero => plain.and(is_not("NaN")).or(is_text("-0")),
        Comparison::Greater | Comparison::GreaterOrEqual => plain.and(is_not("NaN")),
        _ => plain,
    }
}

pub(super) fn symbol(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::NotEqual => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_f32_lies_between_two() {
        let (below, above) = neighbours(0.1).unwrap();
        assert!(f64::from(below) < 0.1 && f64::from(above) > 0.1);
        assert_eq!(neighbours(2.5), Some((2.5, 2.5)));
        assert_eq!(neighbours(1e300), None);
        let text = |number: Number, comparison| number.beside_f32("f", comparison).unwrap().into_text();
        assert_eq!(text(Number::Float(0.1), Comparison::Equal), "FALSE");
        assert_eq!(text(Number::Integer(7), Comparison::Less), "f < 7.0");
    }

    #[test]
    fn integers_are_exact() {
        let text = |value| {
            Number::Integer(value)
                .beside_integer("n", Comparison::Equal)
                .into_text()
        };
        assert_eq!(text(7), "n = 7.0");
        assert_eq!(text(9_007_199_254_740_993), "n = 9007199254740993");
        assert_eq!(text(i64::MIN), "n = -9223372036854775808");
        assert_eq!(text(0), "n = 0.0 OR n = '-0'");
    }
}
