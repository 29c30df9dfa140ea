//! SEL: selectors of hostile sizes.

use std::time::Instant;

use anymq_api::Message;

use super::{
    expected::{Expected, Row, Seen},
    table,
};
use crate::case::{Context, Failure, Passed, Verdict};

/// Of a long selector.
const LONG: usize = 64 * 1024;
/// Of whatever there are many of.
const MANY: usize = 1000;
/// Of parentheses that fill a long selector.
const DEEP: usize = LONG / 2 - 8;

pub(super) async fn huge(context: &Context) -> Verdict {
    let message = Message::text("huge")
        .with_property("n", 7)?
        .with_property("t", true)?
        .with_property("s", "blue")?
        .with_property("long", "a".repeat(MANY))?;
    let begin = Instant::now();
    let rows = rows();
    let tried = table::check(context, &message.into(), &rows).await?;
    // What grows exponentially does not end at all; this is for what is only slow.
    let took = begin.elapsed();
    let limit = context.timing().wait * 6;
    if took > limit {
        return Err(Failure::new(format!("{} selectors take {took:?}", rows.len())));
    }
    let refused = tried
        .seen
        .iter()
        .filter(|seen| matches!(seen, Seen::Refused(_)))
        .count();
    Ok(Passed::With(format!("{} selectors, {refused} refused", rows.len())))
}

fn rows() -> Vec<Row> {
    let yes = |selector: String| Row::new(Expected::MatchOrRefused, selector);
    let no = |selector: String| Row::new(Expected::NoMatchOrRefused, selector);
    let items: Vec<_> = (0..MANY).map(|number| format!("'item {number}'")).collect();
    let items = items.join(", ");
    // Long enough to have no end where every `%` tries every place.
    let runs = "%a".repeat(30);
    vec![
        yes(format!("s <> '{}'", "x".repeat(LONG))),
        no(format!("s = '{}'", "x".repeat(LONG))),
        yes(format!("{}s = 'blue'", "n = 1 OR ".repeat(LONG / 9))),
        no(format!("{}s = 'red'", "n = 7 AND ".repeat(LONG / 10))),
        yes(format!("n{} = 7", " + 0".repeat(LONG / 4))),
        yes(format!("{} IS NULL", "x".repeat(LONG))),
        yes(format!("s IN ({items}, 'blue')")),
        no(format!("s IN ({items})")),
        yes(format!("s NOT IN ({items})")),
        yes(format!("{}n = 7{}", "(".repeat(MANY), ")".repeat(MANY))),
        no(format!("{}n = 8{}", "(".repeat(MANY), ")".repeat(MANY))),
        yes(format!("{}n{} = 7", "(".repeat(MANY), ")".repeat(MANY))),
        yes(format!("{}t{}", "NOT (".repeat(MANY), ")".repeat(MANY))),
        yes(format!("{}n = 7", "- ".repeat(MANY))),
        yes(format!("{}t{}", "(t AND ".repeat(MANY), ")".repeat(MANY))),
        yes(format!("{}t{}", "(".repeat(DEEP), ")".repeat(DEEP))),
        yes(format!("{}n = 7", "-".repeat(LONG))),
        no(format!("long LIKE '{runs}%b'")),
        yes(format!("long LIKE '{runs}%'")),
        no(format!("long LIKE '{}b'", "%".repeat(MANY))),
        no(format!("long LIKE '{}'", "%_".repeat(MANY + 1))),
        yes(format!("long LIKE '{}'", "%_".repeat(MANY))),
        yes(format!("long LIKE '{}'", "_".repeat(MANY))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_as_long_as_they_say() {
        let rows = rows();
        let longest = rows.iter().map(|row| row.selector.len()).max();
        assert!(longest.is_some_and(|length| (LONG..LONG + 100).contains(&length)));
        let paired = |row: &Row| {
            let count = |sign: char| row.selector.chars().filter(|c| *c == sign).count();
            count('(') == count(')')
        };
        assert!(rows.iter().all(paired));
    }
}
