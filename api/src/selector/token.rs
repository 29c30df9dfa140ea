use super::operator::{Arithmetic, Comparison};

/// A word or sign of the language.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Name(&'a str),
    Word(Word),
    /// What stands between the quotes, with inner quotes still doubled.
    Text(&'a str),
    Exact(Exact),
    Approximate(f64),
    Comparison(Comparison),
    Arithmetic(Arithmetic),
    Open,
    Close,
    Comma,
    End,
}

/// A token and the bytes where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lexeme<'a> {
    pub(super) token: Token<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// An exact numeric literal, without a sign: that of the least `i64` belongs to it, but is another token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Exact {
    pub(super) magnitude: u64,
    /// Whether it ends in `L`.
    pub(super) long: bool,
}

/// The reserved words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Word {
    And,
    Between,
    Escape,
    False,
    In,
    Is,
    Like,
    Not,
    Null,
    Or,
    True,
}

const WORDS: [(&str, Word); 11] = [
    ("AND", Word::And),
    ("BETWEEN", Word::Between),
    ("ESCAPE", Word::Escape),
    ("FALSE", Word::False),
    ("IN", Word::In),
    ("IS", Word::Is),
    ("LIKE", Word::Like),
    ("NOT", Word::Not),
    ("NULL", Word::Null),
    ("OR", Word::Or),
    ("TRUE", Word::True),
];

impl Word {
    /// In any letter case.
    pub(super) fn find(name: &str) -> Option<Self> {
        let mut words = WORDS.iter();
        words
            .find(|(word, _)| word.eq_ignore_ascii_case(name))
            .map(|(_, word)| *word)
    }
}
