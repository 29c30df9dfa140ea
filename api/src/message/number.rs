//! Numbers as texts and back, in Java's forms.

use std::str::FromStr;

/// As `Byte.parseByte` and its siblings: decimal digits after an optional sign, no white space.
pub(super) fn parse_integer<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// As `Float.parseFloat` and `Double.parseDouble`, but for hexadecimal floats: white space around it is ignored, one
/// of `f F d D` may end it, `NaN` and `Infinity` are written so, and what is too great is infinite.
pub(super) fn parse_float<T: FromStr>(text: &str) -> Option<T> {
    let text = text.trim_matches(|c| c <= ' ');
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned == "NaN" || unsigned == "Infinity" {
        return text.parse().ok();
    }
    // Keeps out the other spellings that Rust accepts: `inf`, `nan`, any case.
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    text.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(text).parse().ok()
}

/// As `Float.toString`: the shortest digits that parse back to the same value.
pub(super) fn f32_text(value: f32) -> String {
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        format!("{value:?}")
    } else if value.is_finite() {
        scientific(&format!("{value:E}"))
    } else {
        special(f64::from(value)).to_owned()
    }
}

/// As `Double.toString`: the shortest digits that parse back to the same value.
pub(super) fn f64_text(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        format!("{value:?}")
    } else if value.is_finite() {
        scientific(&format!("{value:E}"))
    } else {
        special(value).to_owned()
    }
}

fn special(value: f64) -> &'static str {
    if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

/// Java always writes a fraction: `1.0E10`.
fn scientific(text: &str) -> String {
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_parse_as_in_java() {
        assert_eq!(parse_integer::<i8>("+127"), Some(127));
        assert_eq!(parse_integer::<i8>("-128"), Some(-128));
        assert_eq!(parse_integer::<i64>("-9223372036854775808"), Some(i64::MIN));
        for bad in ["", "+", "-", "128", " 1", "1 ", "1.0", "0x1", "1_0", "--1", "one"] {
            assert_eq!(parse_integer::<i8>(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn floats_parse_as_in_java() {
        for (text, value) in [
            ("1", 1.0),
            (" \t1.5\n", 1.5),
            ("1.", 1.0),
            (".5", 0.5),
            ("+2e3", 2000.0),
            ("-2E-3", -0.002),
            ("1f", 1.0),
            ("1.5D", 1.5),
            ("1e400", f64::INFINITY),
            ("Infinity", f64::INFINITY),
            ("+Infinity", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
        ] {
            assert_eq!(parse_float::<f64>(text), Some(value), "{text:?}");
        }
        for text in ["NaN", "-NaN", "+NaN"] {
            assert!(parse_float::<f32>(text).is_some_and(f32::is_nan), "{text}");
        }
        assert_eq!(parse_float("-0").map(f64::is_sign_negative), Some(true));
        for bad in [
            "", " ", ".", "e5", "inf", "nan", "infinity", "NaNf", "+-1", "1ff", "1 f", "f", "1,5", "\u{a0}1",
        ] {
            assert_eq!(parse_float::<f64>(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn floats_have_java_s_text() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (-1.5e300, "-1.5E300"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(f64_text(value), text);
        }
        assert_eq!(f32_text(0.1), "0.1");
        assert_eq!(f32_text(f32::MAX), "3.4028235E38");
        assert_eq!(f32_text(f32::NAN), "NaN");
    }

    #[test]
    fn prop_07_texts_of_floats_parse_back() {
        for value in [
            f64::MIN,
            f64::MAX,
            f64::MIN_POSITIVE,
            5e-324,
            1.0 / 3.0,
            -0.0,
            f64::INFINITY,
        ] {
            assert_eq!(
                parse_float::<f64>(&f64_text(value)).map(f64::to_bits),
                Some(value.to_bits())
            );
        }
        for value in [
            f32::MIN,
            f32::MAX,
            f32::MIN_POSITIVE,
            1e-45,
            1.0 / 3.0,
            -0.0,
            f32::NEG_INFINITY,
        ] {
            assert_eq!(
                parse_float::<f32>(&f32_text(value)).map(f32::to_bits),
                Some(value.to_bits())
            );
        }
    }
}
