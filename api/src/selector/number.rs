//! Numeric literals in Java's forms.

use super::token::{Exact, Token};

/// A literal and its length, or the length of what is none and the reason.
type Scan = Result<(Token<'static>, usize), (usize, &'static str)>;

const TOO_GREAT: &str = "this number is beyond 64 bits";

/// Reads the number that `text` starts with.
pub(super) fn scan(text: &str) -> Scan {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => hexadecimal(digits),
        None => decimal(text),
    }
}

fn hexadecimal(text: &str) -> Scan {
    let (digits, rest) = split(text, |c| c.is_ascii_hexdigit());
    let length = "0x".len() + digits.len();
    if digits.is_empty() {
        return Err((length, "hexadecimal digits are missing"));
    }
    exact(digits, 16, length, rest)
}

fn decimal(text: &str) -> Scan {
    let (whole, rest) = digits(text);
    let fraction = rest.strip_prefix('.').map(digits);
    let (_, rest) = fraction.unwrap_or(("", rest));
    let mut approximate = fraction.is_some();
    let mut end = rest;
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let (digits, after) = digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
        if digits.is_empty() {
            return Err((text.len() - rest.len() + 1, "the exponent's digits are missing"));
        }
        (approximate, end) = (true, after);
    }
    let length = text.len() - end.len();
    if !approximate && !end.starts_with(['f', 'F', 'd', 'D']) {
        let radix = if whole.len() > 1 && whole.starts_with('0') {
            8
        } else {
            10
        };
        return exact(whole, radix, length, end);
    }
    let number = text.get(..length).unwrap_or_default();
    let (value, suffix) = if end.starts_with(['f', 'F']) {
        (number.parse::<f32>().map(f64::from), 1)
    } else {
        (number.parse::<f64>(), usize::from(end.starts_with(['d', 'D'])))
    };
    match value {
        Ok(value) if value.is_finite() => Ok((Token::Approximate(value), length + suffix)),
        _ => Err((length + suffix, "this number is beyond a float's range")),
    }
}

fn exact(digits: &str, radix: u32, length: usize, rest: &str) -> Scan {
    let long = rest.starts_with(['l', 'L']);
    let length = length + usize::from(long);
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Err((length, "a number that starts with 0 is octal"));
    }
    match u64::from_str_radix(digits, radix) {
        Ok(magnitude) => Ok((Token::Exact(Exact { magnitude, long }), length)),
        Err(_) => Err((length, TOO_GREAT)),
    }
}

impl Exact {
    /// With its sign; the least `i64` has one, or is no literal.
    pub(super) fn value(self, negative: bool) -> Result<i64, &'static str> {
        let value = if negative {
            0_i64.checked_sub_unsigned(self.magnitude)
        } else {
            self.magnitude.try_into().ok()
        };
        value.ok_or(TOO_GREAT)
    }
}

fn digits(text: &str) -> (&str, &str) {
    split(text, |c| c.is_ascii_digit())
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}
