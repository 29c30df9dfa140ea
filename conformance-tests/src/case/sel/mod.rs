//! SEL: selectors.

/// Selectors by what they must do with one message: `group! { yes: "t"; no: "fl"; bad: "t t"; }`.
macro_rules! group {
    (yes: $($yes:literal),*; no: $($no:literal),*; bad: $($bad:literal),*;) => {
        $crate::case::sel::expected::Group { yes: &[$($yes),*], no: &[$($no),*], bad: &[$($bad),*] }
    };
}

mod creation;
mod examples;
mod expected;
mod headers;
mod limits;
mod more;
mod queues;
mod table;
mod topics;
mod types;
mod words;

use expected::Row;
use table::Sample;

use super::{CaseFuture, Context, Failure, Passed, Verdict};

cases! {
    "SEL-01" => creation::no_selector,
    "SEL-02" => creation::malformed,
    "SEL-03" => sample("SEL-03"),
    "SEL-04" => sample("SEL-04"),
    "SEL-05" => sample("SEL-05"),
    "SEL-06" => sample("SEL-06"),
    "SEL-07" => sample("SEL-07"),
    "SEL-08" => words::identifiers,
    "SEL-09" => words::reserved,
    "SEL-10" => sample("SEL-10"),
    "SEL-11" => words::three_valued,
    "SEL-12" => sample("SEL-12"),
    "SEL-13" => sample("SEL-13"),
    "SEL-14" => sample("SEL-14"),
    "SEL-15" => sample("SEL-15"),
    "SEL-16" => sample("SEL-16"),
    "SEL-17" => sample("SEL-17"),
    "SEL-18" => types::arithmetic,
    "SEL-20" => sample("SEL-20"),
    "SEL-21" => sample("SEL-21"),
    "SEL-22" => sample("SEL-22"),
    "SEL-23" => sample("SEL-23"),
    "SEL-24" => sample("SEL-24"),
    "SEL-25" => sample("SEL-25"),
    "SEL-26" => words::patterns,
    "SEL-27" => sample("SEL-27"),
    "SEL-28" => sample("SEL-28"),
    "SEL-30" => sample("SEL-30"),
    "SEL-31" => headers::selectable,
    "SEL-32" => headers::delivery_mode,
    "SEL-33" => headers::others,
    "SEL-34" => headers::group,
    "SEL-35" => types::bodies,
    "SEL-37" => queues::unmatched_stay,
    "SEL-38" => topics::unmatched_never_enter,
    "SEL-39" => types::each_numeric,
    "SEL-40" => limits::huge,
}

/// The selectors of one id against the examples' message.
fn sample(id: &'static str) -> impl for<'a> Fn(&'a Context) -> CaseFuture<'a> {
    move |context| Box::pin(against_sample(context, rows(id)))
}

/// The selectors of one id that are about the examples' message.
fn rows(id: &str) -> Vec<Row> {
    [examples::rows(id), more::rows(id)].concat()
}

async fn against_sample(context: &Context, rows: Vec<Row>) -> Verdict {
    let sample = Sample::from(examples::message()?);
    Ok(table::check(context, &sample, &rows).await?.passed())
}

/// What several tables held.
fn passed(tables: &[table::Tried]) -> Result<Passed, Failure> {
    let first = tables.first().ok_or_else(|| Failure::new("no selector was tried"))?;
    let count = tables.iter().map(|table| table.seen.len()).sum();
    Ok(first.passed_of(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist;

    #[test]
    fn every_table_belongs_to_a_case() {
        for id in more::ids() {
            assert!(CASES.iter().any(|case| case.id == id), "{id}");
        }
    }

    #[test]
    fn every_id_has_a_case() {
        let ids: Vec<_> = checklist::all()
            .filter(|check| check.id.starts_with("SEL-"))
            .map(|check| check.id)
            .collect();
        assert_eq!(ids, CASES.iter().map(|case| case.id).collect::<Vec<_>>());
    }

    #[test]
    fn no_selector_of_an_id_stands_twice() {
        for case in CASES {
            let mut selectors: Vec<_> = rows(case.id).into_iter().map(|row| row.selector).collect();
            let count = selectors.len();
            selectors.sort();
            selectors.dedup();
            assert_eq!(selectors.len(), count, "{}", case.id);
        }
    }
}
