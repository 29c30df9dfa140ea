//! Names of destinations as topics, and back.
//!
//! Every name has one topic and every topic one name. A name is its topic but for what a topic cannot hold, or means something
//! else there: `+`, `#`, `*` (which RabbitMQ gives back as `+`), `?` (where ActiveMQ reads options), `$` at the
//! beginning, and letters that no string may hold; these are percent-encoded. A percent
//! sign is encoded only where it would be taken for the beginning of one of these: before such a code, or before any number of
//! `25` and such a code. So `100%` and `a%41` stay what they are.

use std::borrow::Cow;

use anymq_api::{Address, DestinationKind, Error, ErrorKind, Result};

use super::escape::{hex, is_forbidden, percent_encode, push_encoded};
use crate::error::error;

/// The option of a topic whose name is a filter.
const FILTER: &str = "filter";

/// What the broker says of topics.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    /// Whether filters may have wildcards.
    pub(crate) wildcards: bool,
}

impl Names {
    /// Whether this is a filter, to be consumed from only.
    pub(crate) fn is_filter(address: &Address) -> bool {
        address.option(FILTER) == Some("true")
    }

    /// What is subscribed to.
    pub(crate) fn filter(address: &Address) -> String {
        if Self::is_filter(address) {
            return address.name().to_owned();
        }
        topic(address.name())
    }

    /// Where it is published.
    ///
    /// # Errors
    /// Nothing can be published to a filter.
    pub(crate) fn topic(address: &Address) -> Result<String> {
        if Self::is_filter(address) {
            return Err(invalid("nothing can be sent to a filter"));
        }
        Ok(topic(address.name()))
    }

    /// The destination of a message that came by this topic.
    pub(crate) fn address(topic: &str) -> Option<Address> {
        Address::new(DestinationKind::Topic, name(topic)).ok()
    }

    /// Refuses options that are not known, and filters that are none.
    pub(crate) fn check(self, address: &Address) -> Result<()> {
        for (option, value) in address.options() {
            match (option, value) {
                (FILTER, "false") => {}
                (FILTER, "true") if address.kind() == DestinationKind::Topic => self.check_filter(address.name())?,
                (FILTER, _) => return Err(invalid("the option `filter` is `true` or `false`, and of topics")),
                _ => return Err(invalid(&format!("the option `{option}` is unknown"))),
            }
        }
        Ok(())
    }

    fn check_filter(self, filter: &str) -> Result<()> {
        if filter.contains(is_forbidden) || !rumqttc::valid_filter(filter) {
            return Err(invalid("it is no filter of topics"));
        }
        if filter.starts_with("$share/") {
            return Err(invalid("subscriptions are shared by their own call"));
        }
        if !self.wildcards && filter.contains(['+', '#']) {
            return Err(invalid("the broker takes no wildcards"));
        }
        Ok(())
    }
}

/// Whether a message that came by this topic is one of this topic that was subscribed to. To RabbitMQ `.` and `/` are the same,
/// and it gives back `/` for both.
pub(crate) fn is_same(came_by: &str, topic: &str) -> bool {
    came_by == topic || came_by == with_one_separator(topic)
}

/// A topic as RabbitMQ gives it back.
pub(crate) fn with_one_separator(topic: &str) -> Cow<'_, str> {
    if topic.contains('.') {
        Cow::Owned(topic.replace('.', "/"))
    } else {
        Cow::Borrowed(topic)
    }
}

/// The filter of a shared subscription.
pub(crate) fn share(client_id: Option<&str>, name: &str, filter: &str) -> String {
    format!("$share/{}/{filter}", group(client_id, name))
}

/// Where the members of a shared subscription leave messages to each other. The beginning is this provider's own.
pub(crate) fn handover_topic(client_id: Option<&str>, name: &str, filter: &str) -> String {
    format!("anymq/handover/{}/{}", group(client_id, name), encode_level(filter))
}

/// What names a group must not hold what is special in a topic.
fn group(client_id: Option<&str>, name: &str) -> String {
    let name = encode_level(name);
    match client_id {
        Some(client_id) => format!("{}:{name}", encode_level(client_id)),
        None => name.into_owned(),
    }
}

fn encode_level(text: &str) -> Cow<'_, str> {
    percent_encode(text, |letter| {
        matches!(letter, '/' | '+' | '#' | '%' | ':') || is_forbidden(letter)
    })
}

fn invalid(detail: &str) -> Error {
    error(ErrorKind::InvalidDestination, detail)
}

/// The topic of a name.
fn topic(name: &str) -> String {
    let mut topic = String::with_capacity(name.len() + 4);
    for (at, letter) in name.char_indices() {
        let is_special = match letter {
            '%' => is_ambiguous(&name[at + 1..], at == 0),
            letter => is_special(letter, at == 0),
        };
        if is_special {
            push_encoded(&mut topic, letter);
        } else {
            topic.push(letter);
        }
    }
    topic
}

/// The name of a topic.
fn name(topic: &str) -> String {
    let mut name = String::with_capacity(topic.len());
    let mut rest = topic;
    while let Some(letter) = rest.chars().next() {
        let is_first = rest.len() == topic.len();
        let after = &rest[letter.len_utf8()..];
        let (letter, after) = if letter != '%' {
            (letter, after)
        } else if let Some((special, length)) = code(after, is_first) {
            (special, &after[length..])
        } else {
            let encoded = after.strip_prefix(PERCENT).filter(|rest| is_ambiguous(rest, is_first));
            ('%', encoded.unwrap_or(after))
        };
        name.push(letter);
        rest = after;
    }
    name
}

/// Behind a percent sign: the code of one.
const PERCENT: &str = "25";

fn is_special(letter: char, is_first: bool) -> bool {
    matches!(letter, '+' | '#' | '*' | '?') || letter == '$' && is_first || is_forbidden(letter)
}

/// Whether this, behind a percent sign, would be taken for the code of a special letter, or of what would.
fn is_ambiguous(mut after: &str, is_first: bool) -> bool {
    loop {
        if code(after, is_first).is_some() {
            return true;
        }
        match after.strip_prefix(PERCENT) {
            Some(rest) => after = rest,
            None => return false,
        }
    }
}

/// The special letter whose code, but for its first percent sign, this begins with; and the length of that.
fn code(after: &str, is_first: bool) -> Option<(char, usize)> {
    let after = after.as_bytes();
    let mut bytes = [0; 4];
    for count in 1..=bytes.len() {
        let begin = 3 * (count - 1);
        let digits = after.get(begin..begin + 2)?;
        let is_chained = begin == 0 || after.get(begin - 1) == Some(&b'%');
        if !is_chained || digits.iter().any(u8::is_ascii_lowercase) {
            return None;
        }
        bytes[count - 1] = hex(digits)?;
        if let Ok(text) = std::str::from_utf8(&bytes[..count]) {
            let letter = text.chars().next()?;
            return is_special(letter, is_first).then_some((letter, begin + 2));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_stay_readable() {
        for (name, expected) in [
            ("prices.eu", "prices.eu"),
            ("sensors/kitchen", "sensors/kitchen"),
            ("a+b#c*d?e", "a%2Bb%23c%2Ad%3Fe"),
            ("$SYS/x$", "%24SYS/x$"),
            ("100%", "100%"),
            ("a%41", "a%41"),
            ("a%2B", "a%252B"),
            ("a%252B", "a%25252B"),
            ("%24", "%2524"),
            ("a%24", "a%24"),
            ("a\u{fffe}", "a%EF%BF%BE"),
        ] {
            assert_eq!(topic(name), expected);
            assert_eq!(super::name(expected), name);
        }
    }

    #[test]
    fn a_broker_may_know_one_separator() {
        for (came_by, topic, expected) in [
            ("a.b", "a.b", true),
            ("a/b", "a.b", true),
            ("a.b", "a/b", false),
            ("a/b", "a.c", false),
            ("a/b", "a.b.c", false),
        ] {
            assert_eq!(is_same(came_by, topic), expected, "{came_by} {topic}");
        }
    }

    #[test]
    fn shares_of_other_clients_and_names_are_others() {
        assert_eq!(share(None, "a", "t/u"), "$share/a/t/u");
        assert_eq!(share(Some("c"), "a", "t"), "$share/c:a/t");
        assert_eq!(share(Some("c/d"), "a:b", "t"), "$share/c%2Fd:a%3Ab/t");
        assert_ne!(share(None, "c:a", "t"), share(Some("c"), "a", "t"));
    }

    #[test]
    fn wildcards_are_asked_for() {
        let names = Names { wildcards: true };
        let check = |text: &str| names.check(&text.parse().unwrap());
        for good in [
            "topic:a",
            "topic:a/%2B?filter=true",
            "topic:$SYS/%23?filter=true",
            "temp-queue:a",
        ] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "topic:a?filter=yes",
            "topic:a+?filter=true",
            "queue:a?filter=true",
            "topic:$share/a/b?filter=true",
            "topic:a?qos=1",
        ] {
            assert_eq!(check(bad).unwrap_err().kind(), ErrorKind::InvalidDestination, "{bad}");
        }
        let none = Names { wildcards: false };
        assert!(none.check(&"topic:a/%2B?filter=true".parse().unwrap()).is_err());
        let filter: Address = "topic:a/%2B?filter=true".parse().unwrap();
        assert_eq!(Names::filter(&filter), "a/+");
        assert!(Names::topic(&filter).is_err());
        let plain: Address = "topic:a/%2B".parse().unwrap();
        assert_eq!(Names::topic(&plain).unwrap(), "a/%2B");
    }

    proptest! {
        #[test]
        fn every_name_has_one_topic(name in "[%2345BFE$+#a/]{0,10}|\\PC{0,6}") {
            let topic = topic(&name);
            prop_assert!(!topic.contains(['+', '#']) && !topic.starts_with('$') && !topic.contains(is_forbidden));
            prop_assert_eq!(super::name(&topic), name);
        }

        #[test]
        fn every_topic_has_one_name(topic in "[%2345BFEa/][%2345BFE$a/]{0,10}") {
            prop_assert_eq!(super::topic(&name(&topic)), topic);
        }
    }
}
