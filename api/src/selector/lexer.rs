use super::{
    fault::Fault,
    number,
    operator::{Arithmetic, Comparison},
    token::{Lexeme, Token, Word},
};
use crate::message::{continues_identifier, starts_identifier};

const SPACE: [char; 5] = [' ', '\t', '\x0c', '\r', '\n'];

/// Cuts a text into tokens, one at a time.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token; again and again [`Token::End`] after the last.
    pub(super) fn read(&mut self) -> Result<Lexeme<'a>, Fault> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let rest = rest.trim_start_matches(SPACE);
        let start = self.text.len() - rest.len();
        let (token, length) = scan(rest).map_err(|(length, why)| Fault::refused(start, start + length, why))?;
        self.at = start + length;
        Ok(Lexeme {
            token,
            start,
            end: self.at,
        })
    }
}

type Scan<'a> = Result<(Token<'a>, usize), (usize, &'static str)>;

fn scan(rest: &str) -> Scan<'_> {
    let mut chars = rest.chars();
    let (first, second) = (chars.next(), chars.next());
    match (first, second) {
        (None, _) => Ok((Token::End, 0)),
        (Some('\''), _) => text(rest),
        (Some('.'), Some('0'..='9')) | (Some('0'..='9'), _) => number(rest),
        (Some(first), _) if starts_identifier(first) => Ok(name(rest)),
        (Some(first), second) => symbol(first, second),
    }
}

/// A quote inside is doubled.
fn text(rest: &str) -> Scan<'_> {
    let mut end = 1;
    while let Some(quote) = rest.get(end..).and_then(|inner| inner.find('\'')) {
        end += quote;
        if !rest.get(end + 1..).is_some_and(|after| after.starts_with('\'')) {
            return Ok((Token::Text(rest.get(1..end).unwrap_or_default()), end + 1));
        }
        end += 2;
    }
    Err((rest.len(), "the closing quote is missing"))
}

fn number(rest: &str) -> Scan<'_> {
    let (token, length) = number::scan(rest)?;
    match rest.get(length..).and_then(|after| after.chars().next()) {
        Some(next) if continues_identifier(next) => Err((
            length + next.len_utf8(),
            "a number ends before this, and a name cannot start here",
        )),
        _ => Ok((token, length)),
    }
}

fn name(rest: &str) -> (Token<'_>, usize) {
    let end = rest.find(|c| !continues_identifier(c)).unwrap_or(rest.len());
    let name = rest.get(..end).unwrap_or(rest);
    (Word::find(name).map_or(Token::Name(name), Token::Word), end)
}

fn symbol(first: char, second: Option<char>) -> Scan<'static> {
    let token = match (first, second) {
        ('<', Some('>')) => return Ok((Token::Comparison(Comparison::NotEqual), 2)),
        ('<', Some('=')) => return Ok((Token::Comparison(Comparison::LessOrEqual), 2)),
        ('>', Some('=')) => return Ok((Token::Comparison(Comparison::GreaterOrEqual), 2)),
        // Else `n = 7 --why` would be arithmetic with a property that nobody meant.
        ('-', Some('-')) => return Err((2, "there are no comments here; between two signs stands a space")),
        ('/', Some('*')) => return Err((2, "there are no comments here")),
        ('<', _) => Token::Comparison(Comparison::Less),
        ('>', _) => Token::Comparison(Comparison::Greater),
        ('=', _) => Token::Comparison(Comparison::Equal),
        ('+', _) => Token::Arithmetic(Arithmetic::Add),
        ('-', _) => Token::Arithmetic(Arithmetic::Subtract),
        ('*', _) => Token::Arithmetic(Arithmetic::Multiply),
        ('/', _) => Token::Arithmetic(Arithmetic::Divide),
        ('(', _) => Token::Open,
        (')', _) => Token::Close,
        (',', _) => Token::Comma,
        ('"', _) => return Err((1, "a text stands in single quotes")),
        (other, _) => return Err((other.len_utf8(), "no token starts with this character")),
    };
    Ok((token, 1))
}
