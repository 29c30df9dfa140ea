//! SEL: the parts of the language that have a message or a list of their own.

use anymq_api::Message;

use super::{
    against_sample, examples,
    expected::{Expected, Group, Row},
    passed, rows, table,
    table::Sample,
};
use crate::case::{Context, Verdict};

pub(super) async fn identifiers(context: &Context) -> Verdict {
    const NAMES: Group = group! {
        yes: "$a = 1 AND _ = 2 AND größe = 3 AND 日本 = 4 AND x9_$ = 5", "$a+_=größe", "GRÖSSE IS NULL";
        no: "$A = 1", "GRÖßE = 3", "größe <> 3", "x9_ = 5", "日 = 4";
        bad: "9x = 5", "größe.x = 3", "größe# = 3";
    };
    let named = Message::text("named")
        .with_property("$a", 1)?
        .with_property("_", 2)?
        .with_property("größe", 3)?
        .with_property("日本", 4)?
        .with_property("x9_$", 5)?;
    let sample = Sample::from(examples::message()?);
    passed(&[
        table::check(context, &sample, &rows("SEL-08")).await?,
        table::check(context, &named.into(), &NAMES.rows()).await?,
    ])
}

pub(super) async fn reserved(context: &Context) -> Verdict {
    const WORDS: [[&str; 3]; 11] = [
        ["NULL", "null", "Null"],
        ["TRUE", "true", "True"],
        ["FALSE", "false", "fAlSe"],
        ["NOT", "not", "nOt"],
        ["AND", "and", "anD"],
        ["OR", "or", "oR"],
        ["BETWEEN", "between", "betweeN"],
        ["LIKE", "like", "Like"],
        ["IN", "in", "In"],
        ["IS", "is", "iS"],
        ["ESCAPE", "escape", "EsCaPe"],
    ];
    let mut rows = rows("SEL-09");
    let mut invalid = |selector: String| {
        if !rows.iter().any(|row| row.selector == selector) {
            rows.push(Row::new(Expected::Invalid, selector));
        }
    };
    for word in WORDS.into_iter().flatten() {
        invalid(format!("{word} = 0"));
        invalid(format!("{word} IS NULL"));
        invalid(format!("{word} LIKE 'a'"));
    }
    against_sample(context, rows).await
}

/// Every cell of the tables: a whole that is true matches, one that is false matches when it is negated, and an unknown
/// one does neither.
pub(super) async fn three_valued(context: &Context) -> Verdict {
    let mut rows = rows("SEL-11");
    for (a, of_a) in OPERANDS {
        push(&mut rows, &format!("NOT {a}"), of_a.map(|value| !value));
        for (b, of_b) in OPERANDS {
            push(&mut rows, &format!("{a} AND {b}"), and(of_a, of_b));
            let either = and(of_a.map(|value| !value), of_b.map(|value| !value)).map(|value| !value);
            push(&mut rows, &format!("{a} OR {b}"), either);
        }
    }
    against_sample(context, rows).await
}

/// Comparisons, of the examples' message; `None` is unknown.
const OPERANDS: [(&str, Option<bool>); 3] = [("n = 7", Some(true)), ("n = 8", Some(false)), ("miss = 7", None)];

const fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn push(rows: &mut Vec<Row>, whole: &str, value: Option<bool>) {
    let matches = |condition| if condition { Expected::Match } else { Expected::NoMatch };
    rows.push(Row::new(matches(value == Some(true)), whole));
    rows.push(Row::new(matches(value == Some(false)), format!("NOT ({whole})")));
}

pub(super) async fn patterns(context: &Context) -> Verdict {
    const ODD: Group = group! {
        yes: "emoji LIKE '_'", "emoji LIKE '😀'", "emoji LIKE '%'", "pair LIKE '__'", "pair LIKE '😀_'", "pair LIKE '_b'",
            "meta LIKE 'a.c*[x](y)^$+?{1}|\\'", "meta LIKE 'a.c*[x]%|_'", "lines LIKE 'a__b'", "lines LIKE '%\r%'",
            "accent LIKE '__'", "long LIKE '%b%'", "long LIKE 'a%a'";
        no: "emoji LIKE '__'", "emoji LIKE '😁'", "pair LIKE '___'", "pair LIKE '_'", "meta LIKE 'abc%'", "lines LIKE 'a_b'",
            "lines LIKE 'a'", "accent LIKE '_'", "long LIKE '%c%'", "long LIKE 'b%'";
        bad: ;
    };
    let odd = Message::text("odd")
        .with_property("emoji", "😀")?
        .with_property("pair", "😀b")?
        .with_property("meta", "a.c*[x](y)^$+?{1}|\\")?
        .with_property("lines", "a\r\nb")?
        // Two code points that show as one character.
        .with_property("accent", "e\u{301}")?
        .with_property("long", format!("{0}b{0}", "a".repeat(200)))?;
    let sample = Sample::from(examples::message()?);
    passed(&[
        table::check(context, &sample, &rows("SEL-26")).await?,
        table::check(context, &odd.into(), &ODD.rows()).await?,
    ])
}
