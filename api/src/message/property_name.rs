use crate::{Error, ErrorKind, PropertyValue, Result, error::excerpt};

const RESERVED: [&str; 11] = [
    "NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE",
];

/// Whether an application may set this property to this value.
///
/// Source: Jakarta Messaging 3.1, sections 3.5.1, 3.5.9 and 3.8.1.1.
pub(super) fn check(name: &str, value: &PropertyValue) -> Result<()> {
    if name.is_empty() {
        return refuse(ErrorKind::InvalidArgument, "a property's name is empty".into());
    }
    if name.starts_with("JMS") {
        return check_standard(name, value);
    }
    if !is_identifier(name) {
        let detail = format!(
            "`{}` is no selector identifier, so it cannot name a property",
            excerpt(name)
        );
        return refuse(ErrorKind::InvalidArgument, detail);
    }
    if RESERVED.iter().any(|word| word.eq_ignore_ascii_case(name)) {
        let detail = format!("`{name}` is a word of the selector language, so it cannot name a property");
        return refuse(ErrorKind::InvalidArgument, detail);
    }
    Ok(())
}

fn check_standard(name: &str, value: &PropertyValue) -> Result<()> {
    match (name, value) {
        ("JMSXGroupID", PropertyValue::String(_)) | ("JMSXGroupSeq", PropertyValue::I32(_)) => Ok(()),
        ("JMSXGroupID", _) => refuse(ErrorKind::MessageFormat, "JMSXGroupID is a text".into()),
        ("JMSXGroupSeq", _) => refuse(ErrorKind::MessageFormat, "JMSXGroupSeq is an i32".into()),
        _ => {
            let detail = format!(
                "`{}` is not the application's to set: names starting with JMS are reserved",
                excerpt(name)
            );
            refuse(ErrorKind::InvalidArgument, detail)
        }
    }
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(starts_identifier) && chars.all(continues_identifier)
}

/// Whether an identifier of a selector may start with this character.
pub(crate) fn starts_identifier(char: char) -> bool {
    char.is_alphabetic() || matches!(char, '_' | '$')
}

/// Whether this character may follow in an identifier of a selector.
pub(crate) fn continues_identifier(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '_' | '$')
}

fn refuse(kind: ErrorKind, detail: String) -> Result<()> {
    Err(Error::new(kind, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, value: impl Into<PropertyValue>) -> Option<ErrorKind> {
        check(name, &value.into()).err().map(|error| error.kind())
    }

    #[test]
    fn prop_12_a_name_is_not_empty() {
        assert_eq!(kind("", 1), Some(ErrorKind::InvalidArgument));
    }

    #[test]
    fn prop_13_a_name_is_a_selector_identifier() {
        for good in ["a", "_", "$", "a1", "$_9", "größe", "数量", "JM", "jmsx", "jMS"] {
            assert_eq!(kind(good, 1), None, "{good}");
        }
        for bad in ["1a", "a b", " a", "a.b", "a-b", "a\0", "a'b", "☕", "a:b"] {
            assert_eq!(kind(bad, 1), Some(ErrorKind::InvalidArgument), "{bad}");
        }
    }

    #[test]
    fn errors_show_a_bounded_name_without_control_characters() {
        for name in [
            "a\nFAKE LINE",
            "JMS\u{1b}[31m",
            &"-".repeat(1_000_000),
            &"JMS".repeat(1_000_000),
        ] {
            let shown = check(name, &1.into()).unwrap_err().to_string();
            assert!(!shown.contains(char::is_control) && shown.len() < 300, "{shown}");
        }
    }

    #[test]
    fn prop_14_reserved_words_are_no_names() {
        for word in RESERVED {
            let lower = word.to_lowercase();
            let capitalised = format!("{}{}", &word[..1], &lower[1..]);
            for name in [word, &lower, &capitalised] {
                assert_eq!(kind(name, 1), Some(ErrorKind::InvalidArgument), "{name}");
            }
            assert_eq!(kind(&format!("{word}s"), 1), None);
        }
    }

    #[test]
    fn prop_24_standard_names_are_refused_but_for_the_group() {
        for name in [
            "JMS",
            "JMSXDeliveryCount",
            "JMSXUserID",
            "JMSMessageID",
            "JMSPriority",
            "JMS_vendor",
            "JMSx",
        ] {
            assert_eq!(kind(name, 1), Some(ErrorKind::InvalidArgument), "{name}");
        }
        assert_eq!(kind("JMSXGroupID", "g"), None);
        assert_eq!(kind("JMSXGroupID", 1), Some(ErrorKind::MessageFormat));
        assert_eq!(kind("JMSXGroupSeq", 1), None);
        assert_eq!(kind("JMSXGroupSeq", 1_i64), Some(ErrorKind::MessageFormat));
        assert_eq!(kind("JMSXGroupSeq", "1"), Some(ErrorKind::MessageFormat));
    }
}
