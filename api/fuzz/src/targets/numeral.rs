//! Java's numerals, read with nothing of the crate's code.

/// A sign and digits, within `bits`.
pub(super) fn integer(text: &str, bits: u32) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0_i128;
    for digit in digits.bytes() {
        if !digit.is_ascii_digit() {
            return None;
        }
        // Beyond every type, and far from an overflow.
        value = (value * 10 + i128::from(digit - b'0')).min(1 << 100);
    }
    let value = if negative { -value } else { value };
    let least = -(1_i128 << (bits - 1));
    if (least..-least).contains(&value) {
        i64::try_from(value).ok()
    } else {
        None
    }
}

/// The part of a floating-point numeral that Rust reads, too: without the blanks around it and the suffix.
pub(super) fn float(text: &str) -> Option<&str> {
    let text = text.trim_matches(|c: char| u32::from(c) <= 0x20);
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if ["NaN", "Infinity"].contains(&unsigned) {
        return Some(text);
    }
    let whole = after_digits(unsigned);
    let fraction = whole.strip_prefix('.').map(after_digits);
    let digits = unsigned.len() - fraction.unwrap_or(whole).len() - usize::from(fraction.is_some());
    let rest = fraction.unwrap_or(whole);
    if digits == 0 {
        return None;
    }
    let rest = match rest.strip_prefix(['e', 'E']) {
        Some(exponent) => {
            let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
            let rest = after_digits(exponent);
            if rest.len() == exponent.len() {
                return None;
            }
            rest
        }
        None => rest,
    };
    let number = &text[..text.len() - rest.len()];
    ["", "f", "F", "d", "D"].contains(&rest).then_some(number)
}

fn after_digits(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_ascii_digit())
}
