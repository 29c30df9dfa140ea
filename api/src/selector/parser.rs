use super::{
    fault::Fault,
    header::{self, Meaning},
    lexer::Lexer,
    operator::{Arithmetic, Precedence},
    pending::Pending,
    program::Program,
    source::Source,
    term::Term,
    token::{Lexeme, Token, Word},
    writer::Writer,
};

/// Reads a selector by operator precedence.
///
/// What waits for its right side is kept in a list, not on the native stack, so no text can overflow that; and there
/// is no tree: the steps are written as soon as an operator has its operands.
#[derive(Debug)]
pub(super) struct Parser<'a> {
    lexer: Lexer<'a>,
    pub(super) next: Lexeme<'a>,
    pub(super) writer: Writer,
}

/// What has to follow.
enum Follow {
    Operand,
    Operator,
    Nothing,
}

impl<'a> Parser<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Program, Fault> {
        let mut lexer = Lexer::new(text);
        let mut parser = Self {
            next: lexer.read()?,
            lexer,
            writer: Writer::default(),
        };
        loop {
            parser.operand()?;
            loop {
                match parser.operator()? {
                    Follow::Operator => {}
                    Follow::Operand => break,
                    Follow::Nothing => return Ok(parser.writer.finish()),
                }
            }
        }
    }

    pub(super) fn advance(&mut self) -> Result<Lexeme<'a>, Fault> {
        let next = self.lexer.read()?;
        Ok(std::mem::replace(&mut self.next, next))
    }

    /// An operand, and what may stand before it.
    fn operand(&mut self) -> Result<(), Fault> {
        loop {
            let start = self.next.start;
            match self.next.token {
                Token::Open => self.writer.wait(Pending::Open(start), &self.next)?,
                Token::Word(Word::Not) if self.writer.takes_condition() => self.writer.not(&self.next)?,
                Token::Arithmetic(Arithmetic::Add) => self.writer.wait(Pending::Affirm(start), &self.next)?,
                Token::Arithmetic(Arithmetic::Subtract) => {
                    self.advance()?;
                    // The sign belongs to the literal, else the least `i64` had none.
                    if matches!(self.next.token, Token::Exact(_) | Token::Approximate(_)) {
                        return self.literal(start, true);
                    }
                    self.writer.wait(Pending::Negate(start), &self.next)?;
                    continue;
                }
                _ => return self.literal(start, false),
            }
            self.advance()?;
        }
    }

    fn literal(&mut self, start: usize, negative: bool) -> Result<(), Fault> {
        let end = self.next.end;
        let refused = |why| Fault::refused(start, end, why);
        let source = match self.next.token {
            Token::Name(name) => match Meaning::of(name) {
                Meaning::Property => Source::Property(name.into()),
                Meaning::Header(header) => Source::Header(header),
                Meaning::Missing => Source::Missing,
                Meaning::Refused => return Err(Fault::refused(start, end, header::refusal())),
            },
            Token::Text(raw) => Source::Text(unquoted(raw)),
            Token::Exact(exact) => Source::exact(exact, negative).map_err(refused)?,
            Token::Approximate(value) => Source::Double(if negative { -value } else { value }),
            Token::Word(Word::True) => Source::Bool(true),
            Token::Word(Word::False) => Source::Bool(false),
            _ => return Err(Fault::expected("an identifier, a literal or `(`", &self.next)),
        };
        self.writer.operand(Term::operand(source, start, end));
        self.advance()?;
        Ok(())
    }

    /// What may stand after an operand.
    fn operator(&mut self) -> Result<Follow, Fault> {
        match self.next.token {
            Token::Arithmetic(arithmetic) => {
                self.writer.apply_from(arithmetic.precedence(), &self.next)?;
                self.writer.wait(Pending::Arithmetic(arithmetic), &self.next)?;
            }
            Token::Comparison(comparison) => {
                self.writer.apply_from(Precedence::Comparison, &self.next)?;
                self.writer.wait(Pending::Compare(comparison), &self.next)?;
            }
            Token::Word(Word::And) => self.writer.and(&self.next)?,
            Token::Word(Word::Or) => self.writer.or(&self.next)?,
            Token::Word(Word::Between) => self.writer.between(false, &self.next)?,
            Token::Word(Word::Not) => return self.negated(),
            Token::Word(word @ (Word::In | Word::Is | Word::Like)) => {
                self.predicate(word, false)?;
                return Ok(Follow::Operator);
            }
            Token::Close => {
                self.writer.close(&self.next)?;
                self.advance()?;
                return Ok(Follow::Operator);
            }
            Token::End => {
                self.writer.end(&self.next)?;
                return Ok(Follow::Nothing);
            }
            _ => return Err(Fault::expected("an operator", &self.next)),
        }
        self.advance()?;
        Ok(Follow::Operand)
    }

    /// After an operand, `NOT` belongs to the word after it.
    fn negated(&mut self) -> Result<Follow, Fault> {
        self.advance()?;
        match self.next.token {
            Token::Word(Word::Between) => {
                self.writer.between(true, &self.next)?;
                self.advance()?;
                Ok(Follow::Operand)
            }
            Token::Word(word @ (Word::In | Word::Like)) => {
                self.predicate(word, true)?;
                Ok(Follow::Operator)
            }
            _ => Err(Fault::expected("BETWEEN, IN or LIKE", &self.next)),
        }
    }
}

/// Two quotes inside a text stand for one.
pub(super) fn unquoted(raw: &str) -> Box<str> {
    raw.replace("''", "'").into()
}
