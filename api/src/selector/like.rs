/// A pattern of `LIKE`, cut into its units.
#[derive(Debug)]
pub(super) struct Pattern(Box<[Unit]>);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Unit {
    /// `%`
    Any,
    /// `_`
    One,
    Char(char),
}

impl Pattern {
    /// `None` when nothing follows the last escape. Any character may be escaped, and stands for itself then.
    pub(super) fn new(text: &str, escape: Option<char>) -> Option<Self> {
        let mut units = Vec::with_capacity(text.len());
        let mut chars = text.chars();
        while let Some(char) = chars.next() {
            let unit = match char {
                _ if Some(char) == escape => Unit::Char(chars.next()?),
                '%' => Unit::Any,
                '_' => Unit::One,
                _ => Unit::Char(char),
            };
            // Two `%` in a row say no more than one.
            if unit != Unit::Any || units.last() != Some(&Unit::Any) {
                units.push(unit);
            }
        }
        Some(Self(units.into()))
    }

    pub(super) fn units(&self) -> &[Unit] {
        &self.0
    }

    /// Whether the pattern covers the whole text.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.matches_counted(text).0
    }

    /// Also how many steps it took: at most the product of both lengths, for a `%` never gives back what an earlier
    /// one took. To try later places for the last `%` alone is enough.
    pub(super) fn matches_counted(&self, text: &str) -> (bool, u64) {
        let (mut units, mut rest) = (self.0.as_ref(), text.chars());
        let mut retry = None;
        let mut steps = 0;
        loop {
            steps += 1;
            let mut after = rest.clone();
            match (units.split_first(), after.next()) {
                (Some((Unit::Any, tail)), _) => {
                    if tail.is_empty() {
                        return (true, steps);
                    }
                    (units, retry) = (tail, Some((tail, rest.clone())));
                }
                (Some((unit, tail)), Some(char)) if *unit == Unit::One || *unit == Unit::Char(char) => {
                    (units, rest) = (tail, after);
                }
                (None, None) => return (true, steps),
                // The text is used up, and no later place is shorter.
                (Some(_), None) => return (false, steps),
                (_, Some(_)) => {
                    let Some((tail, start)) = &mut retry else {
                        return (false, steps);
                    };
                    start.next();
                    (units, rest) = (tail, start.clone());
                }
            }
        }
    }
}
