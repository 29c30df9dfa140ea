//! The cases: one function for each id, in one file for each area, through the public traits only.
//!
//! A case returns [`Passed`] or a [`Failure`]. It runs once for each place of its id that the provider declares, and in
//! the areas of delivery again with a prefetch of one; nothing is retried. [`Context`] gives it connections (closed
//! when it ends), fresh destinations, and the waits.

// The macros stand before the modules that use them.

/// Lists the cases of an area: `cases! { "CONN-01" => conn_01, … }`; one that needs no broker is a plain function, given
/// as `local(conn_01)`.
macro_rules! cases {
    ($($id:literal => $function:expr),* $(,)?) => {
        pub(super) const CASES: &[$crate::case::Case] = &[
            $($crate::case::Case { id: $id, run: |context| Box::pin($function(context)) },)*
        ];
    };
}

/// Fails the case unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return Err($crate::case::Failure::new(format!($($text)+)));
        }
    };
}

/// Fails the case unless the two are equal.
macro_rules! ensure_eq {
    ($got:expr, $expected:expr) => {
        ensure_eq!($got, $expected, "values differ")
    };
    ($got:expr, $expected:expr, $($text:tt)+) => {
        match (&$got, &$expected) {
            (got, expected) => if *got != *expected {
                let what = format!($($text)+);
                return Err($crate::case::Failure::new(format!("{what}: got {got:?}, expected {expected:?}")));
            }
        }
    };
}

mod ack;
mod async_send;
mod browsing;
mod brw;
mod bytes;
mod cid;
mod clock;
mod closed;
mod conn;
mod cons;
mod context;
mod dly;
mod dur;
mod durable;
mod ending;
mod err;
mod exl;
mod exp;
mod failure;
mod faulty;
mod flow;
mod grp;
mod hdr;
mod later;
mod line;
mod listening;
mod map;
mod meta;
mod msg;
mod obj;
mod p2p;
mod pri;
mod prod;
mod prop;
mod rdl;
mod rec;
mod recorder;
pub(crate) mod refusal;
mod rob;
mod rr;
mod sel;
mod selective;
mod ses;
mod setup;
mod shr;
mod stage;
mod strm;
mod tables;
mod text;
mod thr;
mod tmp;
mod top;
mod travel;
mod tx;
mod values;

pub use context::{Context, Pair, text_of, texts_of};
pub use failure::{Failure, expect_kind, expect_list, expect_set};

use std::pin::Pin;

/// How an assertion holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passed {
    /// As it stands.
    AsStated,
    /// As it stands; the report tells more, for example how many cells of a table were tried.
    With(String),
    /// The rule leaves a choice; this is what the provider chose. Only for observable ids.
    Observed(String),
    /// What the id is about does not exist here, by what the harness says of its provider.
    NotApplicable(String),
    /// The harness turned out not to be able to.
    NotRun(String),
}

/// What a case returns.
pub type Verdict = Result<Passed, Failure>;

/// The future of a case.
pub type CaseFuture<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// The case of one id.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The id it tries.
    pub id: &'static str,
    /// Tries it.
    pub run: for<'a> fn(&'a Context) -> CaseFuture<'a>,
}

/// The case of an id, if there is one yet.
pub fn find(id: &str) -> Option<&'static Case> {
    AREAS.iter().copied().flatten().find(|case| case.id == id)
}

/// Every case there is.
pub fn all() -> impl Iterator<Item = &'static Case> {
    AREAS.iter().copied().flatten()
}

const AREAS: &[&[Case]] = &[
    conn::CASES,
    cid::CASES,
    meta::CASES,
    exl::CASES,
    ses::CASES,
    ack::CASES,
    rec::CASES,
    tx::CASES,
    prod::CASES,
    async_send::CASES,
    cons::CASES,
    hdr::CASES,
    prop::CASES,
    msg::CASES,
    text::CASES,
    bytes::CASES,
    map::CASES,
    strm::CASES,
    obj::CASES,
    sel::CASES,
    p2p::CASES,
    top::CASES,
    dur::CASES,
    shr::CASES,
    brw::CASES,
    tmp::CASES,
    rr::CASES,
    rdl::CASES,
    exp::CASES,
    pri::CASES,
    dly::CASES,
    grp::CASES,
    err::CASES,
    thr::CASES,
    rob::CASES,
];

/// A case of message objects alone.
fn local(check: fn() -> Verdict) -> impl Fn(&Context) -> std::future::Ready<Verdict> {
    move |_| std::future::ready(check())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist;

    #[test]
    fn every_case_has_an_id_of_its_own_in_the_checklist() {
        let mut ids: Vec<_> = all().map(|case| case.id).collect();
        assert!(ids.iter().all(|id| checklist::find(id).is_some()));
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn what_types_rule_out_has_no_case() {
        assert!(all().all(|case| checklist::by_type::reason(case.id).is_none()));
    }
}
