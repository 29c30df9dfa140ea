use std::{fmt, panic::Location};

use anymq_api::{Error, ErrorKind};

use crate::poll::TimedOut;

/// Why an assertion does not hold, and where in the suite that was found.
#[derive(Debug)]
pub struct Failure {
    text: String,
    location: &'static Location<'static>,
}

impl Failure {
    /// A failure found here.
    #[track_caller]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            location: Location::caller(),
        }
    }

    /// The same place, another text.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// The same, about one of several things that were tried.
    #[must_use]
    pub(super) fn about(self, what: &str) -> Self {
        let text = format!("{what}: {}", self.text);
        self.with_text(text)
    }

    /// This place, the other's text: for helpers, whose callers' places tell more than their own.
    #[must_use]
    pub(super) fn holding(&self, other: Self) -> Self {
        Self {
            text: other.text,
            location: self.location,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.location.file();
        let file = file.rsplit_once("/case/").map_or(file, |(_, file)| file);
        write!(f, "{} ({file}:{})", self.text, self.location.line())
    }
}

impl From<Error> for Failure {
    #[track_caller]
    fn from(error: Error) -> Self {
        let mut text = format!("unexpected error: {error}");
        let mut cause = std::error::Error::source(&error);
        while let Some(source) = cause {
            text += ", because ";
            text += &source.to_string();
            cause = source.source();
        }
        Self::new(text)
    }
}

impl From<TimedOut> for Failure {
    #[track_caller]
    fn from(error: TimedOut) -> Self {
        Self::new(error.to_string())
    }
}

impl From<tokio::task::JoinError> for Failure {
    #[track_caller]
    fn from(error: tokio::task::JoinError) -> Self {
        Self::new(format!("a task of the case failed: {error}"))
    }
}

impl From<tokio::time::error::Elapsed> for Failure {
    #[track_caller]
    fn from(_: tokio::time::error::Elapsed) -> Self {
        Self::new("it hangs")
    }
}

/// Fails unless the call was refused with this kind of error.
///
/// # Errors
/// [`Failure`] when it succeeded or failed otherwise.
#[track_caller]
pub fn expect_kind<T>(outcome: anymq_api::Result<T>, kind: ErrorKind) -> Result<Error, Failure> {
    match outcome {
        Ok(_) => Err(Failure::new(format!("succeeded instead of failing with: {kind}"))),
        Err(error) if error.kind() == kind => Ok(error),
        Err(error) => Err(Failure::new(format!(
            "expected {kind}, got {:?}: {error}",
            error.kind()
        ))),
    }
}

/// Fails unless the two lists are the same; tells apart what is missing, extra, doubled or out of order.
///
/// # Errors
/// [`Failure`] naming the differences.
#[track_caller]
pub fn expect_list<T: Ord + fmt::Debug>(got: &[T], expected: &[T]) -> Result<(), Failure> {
    if got == expected {
        return Ok(());
    }
    let mut differences = Vec::new();
    // Sorted, for the lists may be long.
    let mut sorted: Vec<_> = got.iter().collect();
    sorted.sort();
    let mut wanted: Vec<_> = expected.iter().collect();
    wanted.sort();
    let missing: Vec<_> = expected
        .iter()
        .filter(|item| sorted.binary_search(item).is_err())
        .collect();
    let extra: Vec<_> = got.iter().filter(|item| wanted.binary_search(item).is_err()).collect();
    let doubled: Vec<_> = sorted
        .windows(2)
        .filter(|pair| pair[0] == pair[1])
        .map(|pair| pair[0])
        .collect();
    for (name, items) in [("missing", missing), ("extra", extra), ("doubled", doubled)] {
        if !items.is_empty() {
            let shown: Vec<_> = items.iter().take(5).collect();
            differences.push(format!("{} {name} {shown:?}", items.len()));
        }
    }
    if differences.is_empty() {
        let at = got
            .iter()
            .zip(expected)
            .take_while(|(got, expected)| got == expected)
            .count();
        let shown: Vec<_> = got.iter().skip(at).take(5).collect();
        differences.push(format!("out of order from position {at}: {shown:?}"));
    }
    Err(Failure::new(differences.join(", ")))
}

/// As [`expect_list`], in any order.
///
/// # Errors
/// [`Failure`] naming the differences.
#[track_caller]
pub fn expect_set<T: Ord + Clone + fmt::Debug>(got: &[T], expected: &[T]) -> Result<(), Failure> {
    let sort = |items: &[T]| {
        let mut items = items.to_vec();
        items.sort();
        items
    };
    expect_list(&sort(got), &sort(expected))
}
