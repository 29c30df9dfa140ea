use std::borrow::Cow;

use super::token::Lexeme;
use crate::{Error, ErrorKind, error::excerpt_of};

/// What is wrong with a selector, and where.
#[derive(Debug)]
pub(super) struct Fault {
    start: usize,
    end: usize,
    complaint: Complaint,
}

#[derive(Debug)]
enum Complaint {
    /// Something else should stand here.
    Expected(&'static str),
    /// What stands here is understood, and not allowed.
    Refused(Cow<'static, str>),
}

/// More of the text than this does not help to find the place.
const SHOWN: usize = 30;

impl Fault {
    pub(super) fn expected(what: &'static str, found: &Lexeme<'_>) -> Self {
        Self {
            start: found.start,
            end: found.end,
            complaint: Complaint::Expected(what),
        }
    }

    /// `start` and `end` are byte offsets.
    pub(super) fn refused(start: usize, end: usize, why: impl Into<Cow<'static, str>>) -> Self {
        Self {
            start,
            end,
            complaint: Complaint::Refused(why.into()),
        }
    }

    /// The error for people, who count characters, and from one.
    pub(super) fn into_error(self, text: &str) -> Error {
        let place = text.get(..self.start).unwrap_or(text).chars().count() + 1;
        let found = shown(text.get(self.start..self.end).unwrap_or_default());
        let detail = match self.complaint {
            Complaint::Expected(what) => format!("at character {place}: expected {what}, found {found}"),
            Complaint::Refused(why) => format!("at character {place}: {found}: {why}"),
        };
        Error::new(ErrorKind::InvalidSelector, detail)
    }
}

fn shown(found: &str) -> String {
    if found.is_empty() {
        "the end".to_owned()
    } else {
        format!("`{}`", excerpt_of(found, SHOWN))
    }
}
