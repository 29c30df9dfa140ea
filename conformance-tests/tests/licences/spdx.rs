//! SPDX licence expressions: `OR`, `AND`, `WITH`, parentheses, and the `/` for `OR` of older crates.

use std::iter::Peekable;
use std::vec::IntoIter;

/// Whether an expression can be satisfied with licences that are `allowed`. A licence with an exception is asked for as
/// a whole, such as `Apache-2.0 WITH LLVM-exception`.
pub(crate) fn is_satisfied(expression: &str, allowed: impl Fn(&str) -> bool) -> Result<bool, String> {
    let mut parser = Parser {
        tokens: tokens(expression).into_iter().peekable(),
        allowed,
    };
    let satisfied = parser.or()?;
    match parser.tokens.next() {
        None => Ok(satisfied),
        Some(token) => Err(format!("unexpected {token}")),
    }
}

fn tokens(expression: &str) -> Vec<String> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    spaced.split_whitespace().map(str::to_owned).collect()
}

/// Recursive descent; `AND` binds closer than `OR`. Both sides are always read, so that faults are always found.
struct Parser<A> {
    tokens: Peekable<IntoIter<String>>,
    allowed: A,
}

impl<A: Fn(&str) -> bool> Parser<A> {
    fn or(&mut self) -> Result<bool, String> {
        let mut satisfied = self.and()?;
        while self.take("OR") {
            satisfied |= self.and()?;
        }
        Ok(satisfied)
    }

    fn and(&mut self) -> Result<bool, String> {
        let mut satisfied = self.operand()?;
        while self.take("AND") {
            satisfied &= self.operand()?;
        }
        Ok(satisfied)
    }

    fn operand(&mut self) -> Result<bool, String> {
        if !self.take("(") {
            return self.licence();
        }
        let satisfied = self.or()?;
        if self.take(")") {
            Ok(satisfied)
        } else {
            Err("a parenthesis is not closed".to_owned())
        }
    }

    fn licence(&mut self) -> Result<bool, String> {
        let mut licence = self.name()?;
        if self.take("WITH") {
            licence = format!("{licence} WITH {}", self.name()?);
        }
        Ok((self.allowed)(&licence))
    }

    fn name(&mut self) -> Result<String, String> {
        match self.tokens.next() {
            None => Err("it ends where a licence should stand".to_owned()),
            Some(token) if matches!(token.as_str(), "OR" | "AND" | "WITH" | "(" | ")") => {
                Err(format!("{token} where a licence should stand"))
            }
            Some(name) => Ok(name),
        }
    }

    fn take(&mut self, token: &str) -> bool {
        self.tokens.next_if(|next| next == token).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_mit_and_isc(expression: &str) -> Result<bool, String> {
        let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"];
        is_satisfied(expression, |licence| allowed.contains(&licence))
    }

    #[test]
    fn what_is_satisfied() {
        for expression in [
            "MIT",
            "MIT OR GPL-2.0",
            "GPL-2.0 OR MIT",
            "GPL-2.0/MIT",
            "MIT AND ISC",
            "GPL-2.0 OR MIT AND ISC",
            "(GPL-2.0 OR MIT) AND ISC",
            "((MIT))",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        ] {
            assert_eq!(with_mit_and_isc(expression), Ok(true), "{expression}");
        }
    }

    #[test]
    fn what_is_not() {
        for expression in [
            "GPL-2.0",
            "MIT AND GPL-2.0",
            "GPL-2.0 AND MIT OR GPL-3.0",
            "(MIT OR ISC) AND GPL-2.0",
            "Apache-2.0",
            "MIT WITH LLVM-exception",
            "mit",
        ] {
            assert_eq!(with_mit_and_isc(expression), Ok(false), "{expression}");
        }
    }

    #[test]
    fn what_is_no_expression() {
        for expression in [
            "",
            "OR",
            "MIT OR",
            "AND MIT",
            "(MIT",
            "MIT)",
            "()",
            "MIT ISC",
            "MIT WITH",
            "MIT/",
            "MIT OR (ISC AND )",
            "GPL-2.0 AND",
        ] {
            assert!(with_mit_and_isc(expression).is_err(), "{expression}");
        }
    }
}
