//! Conditions in the broker's words.

/// A condition, which is folded where it does not depend on the message.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Clause {
    Always(bool),
    Text(Written),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Written {
    words: String,
    outermost: Outermost,
    /// Parentheses in each other.
    depth: u32,
}

/// What binds the weakest in a text.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outermost {
    Or,
    And,
    Nothing,
}

impl Clause {
    /// A condition without `AND`, `OR` and `NOT`.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self::Text(Written {
            words: text.into(),
            outermost: Outermost::Nothing,
            depth: 0,
        })
    }

    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always(true), rest) | (rest, Self::Always(true)) => rest,
            (Self::Always(false), _) | (_, Self::Always(false)) => Self::Always(false),
            (Self::Text(left), Self::Text(right)) => Self::Text(left.joined("AND", Outermost::And, right)),
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always(false), rest) | (rest, Self::Always(false)) => rest,
            (Self::Always(true), _) | (_, Self::Always(true)) => Self::Always(true),
            (Self::Text(left), Self::Text(right)) => Self::Text(left.joined("OR", Outermost::Or, right)),
        }
    }

    /// Only for what is never unknown where it counts.
    pub(super) fn not(self) -> Self {
        match self {
            Self::Always(value) => Self::Always(!value),
            Self::Text(text) => Self::Text(Written {
                words: format!("NOT ({})", text.words),
                outermost: Outermost::Nothing,
                depth: text.depth + 1,
            }),
        }
    }

    pub(super) fn depth(&self) -> u32 {
        match self {
            Self::Always(_) => 0,
            Self::Text(text) => text.depth,
        }
    }

    /// In bytes of a header, escapes included.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Always(_) => 0,
            Self::Text(text) => {
                let escaped = text.words.matches([':', '\\', '\r', '\n']).count();
                text.words.len() + escaped
            }
        }
    }

    pub(super) fn into_text(self) -> String {
        match self {
            Self::Always(true) => "TRUE".to_owned(),
            Self::Always(false) => "FALSE".to_owned(),
            Self::Text(text) => text.words,
        }
    }
}

impl Written {
    fn joined(self, word: &str, outermost: Outermost, other: Self) -> Self {
        let (left, right) = (self.within(outermost), other.within(outermost));
        Self {
            words: format!("{} {word} {}", left.words, right.words),
            outermost,
            depth: left.depth.max(right.depth),
        }
    }

    /// In parentheses, unless what joins it is what it is joined by.
    fn within(self, outermost: Outermost) -> Self {
        if self.outermost == Outermost::Nothing || self.outermost == outermost {
            return self;
        }
        Self {
            words: format!("({})", self.words),
            outermost: Outermost::Nothing,
            depth: self.depth + 1,
        }
    }
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parentheses_stand_where_they_are_needed() {
        let [a, b, c] = ["a", "b", "c"].map(Clause::new);
        let or = a.clone().or(b.clone()).or(c.clone());
        assert_eq!(or.clone().into_text(), "a OR b OR c");
        let and = or.and(a.clone()).and(b.not());
        assert_eq!(and.depth(), 1);
        assert_eq!(and.into_text(), "(a OR b OR c) AND a AND NOT (b)");
        assert_eq!(a.and(Clause::Always(false)).or(c).into_text(), "c");
    }
}
