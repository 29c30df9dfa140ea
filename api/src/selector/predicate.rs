//! The operators whose right side is no expression.

use super::{
    fault::Fault,
    like::Pattern,
    operator::Precedence,
    parser::{Parser, unquoted},
    program::Test,
    source::Source,
    token::{Token, Word},
};

impl Parser<'_> {
    /// `IS`, `IN` or `LIKE`, which is the next token.
    pub(super) fn predicate(&mut self, word: Word, not: bool) -> Result<(), Fault> {
        self.writer.apply_from(Precedence::Comparison, &self.next)?;
        let (value, start) = self.writer.identifier()?;
        self.advance()?;
        let test = match word {
            Word::In => self.set(not, value)?,
            Word::Like => self.like(not, value)?,
            _ => self.is_null(value)?,
        };
        self.writer.test(test, start, self.next.start);
        Ok(())
    }

    fn is_null(&mut self, value: Source) -> Result<Test, Fault> {
        let not = self.next.token == Token::Word(Word::Not);
        if not {
            self.advance()?;
        }
        self.skip(Token::Word(Word::Null), if not { "NULL" } else { "NULL or NOT NULL" })?;
        Ok(Test::IsNull { not, value })
    }

    fn set(&mut self, not: bool, value: Source) -> Result<Test, Fault> {
        self.skip(Token::Open, "`(`")?;
        let mut texts = vec![self.text()?];
        while self.next.token == Token::Comma {
            self.advance()?;
            texts.push(self.text()?);
        }
        self.skip(Token::Close, "`,` or `)`")?;
        texts.sort_unstable();
        texts.dedup();
        let texts = texts.into();
        Ok(Test::In { not, value, texts })
    }

    fn like(&mut self, not: bool, value: Source) -> Result<Test, Fault> {
        let (start, end) = (self.next.start, self.next.end);
        let text = self.text()?;
        let mut escape = None;
        if self.next.token == Token::Word(Word::Escape) {
            self.advance()?;
            escape = Some(self.escape()?);
        }
        match Pattern::new(&text, escape) {
            Some(pattern) => Ok(Test::Like { not, value, pattern }),
            None => Err(Fault::refused(start, end, "nothing follows the last escape")),
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let (start, end) = (self.next.start, self.next.end);
        let text = self.text()?;
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(escape), None) => Ok(escape),
            _ => Err(Fault::refused(start, end, "an escape is one character")),
        }
    }

    fn text(&mut self) -> Result<Box<str>, Fault> {
        let Token::Text(raw) = self.next.token else {
            return Err(Fault::expected("a text in single quotes", &self.next));
        };
        self.advance()?;
        Ok(unquoted(raw))
    }

    fn skip(&mut self, token: Token<'_>, what: &'static str) -> Result<(), Fault> {
        if self.next.token != token {
            return Err(Fault::expected(what, &self.next));
        }
        self.advance()?;
        Ok(())
    }
}
