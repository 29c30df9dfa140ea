//! What the ids say of the examples' message beyond the examples.

use super::expected::{Group, Row};

/// The further selectors of one id.
pub(super) fn rows(id: &str) -> Vec<Row> {
    let own = MORE.iter().filter(|(of, _)| *of == id);
    own.flat_map(|(_, group)| group.rows()).collect()
}

/// The ids that have any.
#[cfg(test)]
pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    MORE.iter().map(|(id, _)| *id)
}

const MORE: &[(&str, Group)] = &[
    (
        "SEL-03",
        group! {
            yes: "n = 7";
            no: "n = 8", "miss = 7";
            bad: ;
        },
    ),
    (
        "SEL-04",
        group! {
            yes: "t aNd NoT FaLsE", "tRuE", "s lIkE 'bl%'", "s iN ('blue') Or fl", "u Like '!_%' eScApE '!'";
            no: "T", "N = 7", "t and not FL", "D = 2.5", "fAlSe", "jmstype = 'car'";
            bad: ;
        },
    ),
    (
        "SEL-05",
        group! {
            yes: "uni = '日本'", "uni <> '日'", "q <> ''''", "empty <> ' '", "s <> '\"blue\"'", "nl = 'a\nb'", "s <> '/* blue */'";
            no: "s = ''", "q = 'it'", "q = 'it''''s'", "s = ' blue'", "s = 'blue '", "nl = 'a\\nb'";
            bad: "s = '", "s = 'it's'", "s = 'blue''", "s = blue'";
        },
    ),
    (
        "SEL-06",
        group! {
            yes: "n = 07", "n = 0X7", "n = 7l", "n = +7", "neg = -5", "neg = -5L", "neg = -0x5", "eight = 0x8", "b8 = 0x7F",
                "b8 = 0x7f", "b8 = 0177", "n > 0", "big = 9007199254740993L", "lmin = -9223372036854775808L",
                "lmin < -9223372036854775807", "big < 9223372036854775807", "lmin + 9223372036854775807 = -1";
            no: "n = 8", "eight = 10", "neg = 5", "lmin = -9223372036854775807", "b8 = 177";
            bad: ;
        },
    ),
    (
        "SEL-07",
        group! {
            yes: "n = 7.", "n < .7e4", "n < 7E3", "neg > -57.9E2", "d < +6.2", "d = 25e-1", "d = .25E+1", "d = 0.25e01",
                "d = 2.5d", "d = 2.5D", "d = 2.5f", "d = 2.5F", "n = 7f", "n = 7D", "n = 7e0", "n = 70e-1", "neg = -5.0";
            no: "d = 2.6", "d = 25e1", "d = .25", "n = .7", "n > 7E3";
            bad: "d = 2.5e", "d = .", "d = 2.5.0";
        },
    ),
    (
        "SEL-08",
        group! {
            yes: "$dollar IS NULL", "_ IS NULL", "$ IS NULL", "a1b2 IS NULL", "größe IS NULL", "日本 IS NULL", "naïve_2$ IS NULL";
            no: "_x$2 = 1", "_X$1 = 1", "_x$1 IS NULL";
            bad: "@a = 1", "a@b = 1", "a#b = 1", "n = 1n", ".a = 1", "a. = 1", "a b = 1", "2 IS NULL", "a? = 1";
        },
    ),
    // Names that hold a reserved word, or begin with one.
    (
        "SEL-09",
        group! {
            yes: "nullable IS NULL", "order_ IS NULL", "inn IS NULL", "NOTE IS NULL", "is_ IS NULL", "betweens IS NULL",
                "liked IS NULL", "escape1 IS NULL", "TRUEST IS NULL", "$FALSE IS NULL", "_and IS NULL";
            no: "nullable = 1";
            bad: ;
        },
    ),
    (
        "SEL-10",
        group! {
            yes: "n=7", "(n=7)AND(t)", "NOT(fl)", "s IN('red','blue')", "n+1=8", "n*2>13", "-n=-7",
                "t\tAND\tt", "t\nAND\nt", "t\u{c}AND\u{c}t", "t\rAND\rt", "t\r\nAND\r\nt", "  t  ", "( \t( t )\n)",
                "s\tNOT\nIN\r(\u{c}'red' \t, 'green'\n)", "n\nBETWEEN\t7\u{c}AND\r9", "s\u{c}IS\tNOT\nNULL";
            no: "n>7", "n=8", "fl\tOR\nfl";
            bad: "n < > 7", "n > = 7";
        },
    ),
    (
        "SEL-12",
        group! {
            yes: "2 + n * 2 = 16", "n * 2 + 2 = 16", "eight / 4 * 2 = 4", "eight / 2 / 2 = 2", "n - 2 + 1 = 6",
                "n - -1 = 8", "-n + 14 = 7", "- n * 2 = -14", "n * (2 + 1) = 21", "n + 1 > 5 + 2", "n - (2 - 1) = 6",
                "t OR miss AND fl", "fl AND fl OR t", "t OR fl AND fl", "NOT t OR t", "NOT (fl) AND t", "((((n)))) = 7",
                "((t))", "NOT n + 1 = 7", "n = 7 AND NOT s = 'red' OR fl", "n + 1 BETWEEN 8 AND 8 AND t", "NOT fl OR miss";
            no: "fl AND (fl OR t)", "(t OR miss) AND fl", "NOT (t OR t)", "NOT n + 1 = 8", "n - (2 - 1) = 4",
                "eight / (2 / 2) = 4", "-(n + 14) = 7", "NOT t AND fl OR fl";
            bad: "(t))", "((t)", "t (AND) t", "t AND OR t";
        },
    ),
    (
        "SEL-13",
        group! {
            yes: "n >= 7", "n <= 7", "n >= 6.5", "n <> 7.5", "b8 = 127.0", "d > 2", "d < 3", "n > d", "f > 0.1", "f < 0.11",
                "big > n", "big >= 9007199254740993", "big < 9007199254740994", "big <> 9007199254740992", "lmin < neg",
                "big = 9007199254740992.0", "neg < 0", "eight > n", "b8 > d", "7 = n", "6.9 < n", "lmin < d";
            no: "n < 7", "n > 7", "n <> 7", "n <> 7.0", "d >= n", "n = b8", "d = 2", "f <= 0.1", "big > 9007199254740993";
            bad: ;
        },
    ),
    (
        "SEL-14",
        group! {
            yes: "NOT (s = 7)", "NOT (s <> 7)", "NOT (t = 'true')", "NOT (t <> 'x')", "NOT (n <> TRUE)", "s = 7 OR t";
            no: "s = 7", "s <> 7", "t = 1", "t <> 1", "t <> 'x'", "n = TRUE", "n <> TRUE", "s = TRUE", "s <> TRUE",
                "s = n", "s <> n", "t = n", "t <> n", "s <> t", "d = '2.5'", "d <> '2.5'", "f <> ''", "b8 <> FALSE";
            bad: ;
        },
    ),
    (
        "SEL-15",
        group! {
            yes: "s = s", "t = t", "t = TRUE", "fl = FALSE", "t <> fl", "s <> u", "s = 'blue' AND t = TRUE", "'blue' = s";
            no: "s <> 'blue'", "t = FALSE", "t <> TRUE", "s <> s", "s > u", "s < u", "s >= s", "s <= s", "t >= t", "t > fl",
                "fl < t", "s > n", "n > s", "s < 5", "t > 0";
            bad: "s < 'a'", "s <= 'a'", "s >= 'a'", "t < TRUE", "t <= FALSE", "t > TRUE", "t >= FALSE", "'a' < s",
                "TRUE > t", "n > 'a'", "n < TRUE", "'a' < 'b'";
        },
    ),
    (
        "SEL-16",
        group! {
            yes: "miss = 1 OR n + 0 = 7";
            no: "miss = 1", "NOT (miss = 1)", "miss <> 1", "NOT (miss <> 1)", "miss < 1", "NOT (miss < 1)", "miss <= 1",
                "NOT (miss <= 1)", "miss > 1", "NOT (miss > 1)", "miss >= 1", "NOT (miss >= 1)", "miss <> miss",
                "miss + 1 = 1", "NOT (miss + 1 = 1)", "miss - 1 <> 0", "NOT (n * miss <> 0)", "NOT (n / miss = 7)",
                "-miss = 0", "NOT (-miss = 0)", "1 + miss > n", "s <> miss", "NOT (s = miss)", "NOT (miss = 'x')",
                "miss = TRUE", "NOT (miss = TRUE)", "miss <> FALSE", "n > miss", "NOT (n > miss)";
            bad: ;
        },
    ),
    (
        "SEL-17",
        group! {
            yes: "num <> '8'", "phone = '12993'";
            no: "num <> 7", "num <> 8", "num < 8", "num >= 7", "num = 7.0", "num * 1 = 7", "num - 0 = 7", "-num = -7",
                "phone > 1", "phone = 12993", "num = n", "num <> n", "n + num = 14";
            bad: ;
        },
    ),
    (
        "SEL-18",
        group! {
            yes: "big + 0 = 9007199254740993", "big - 1 = 9007199254740992", "n / eight = 0", "neg / 2 = -2", "n * d = 17.5",
                "d / n < 0.36", "n + 0.5 = 7.5", "b8 + b8 = 254", "b8 * n = 889", "f * 1 > 0.1", "b8 / 2 = 63", "n / 2 * 2 = 6";
            no: "n / 2 = 3.5", "n / eight > 0", "s + 1 = 1", "s * 2 = 0", "s - 1 <> 0", "t + 1 = 2", "-s = 0", "n + t > 0",
                "n / s < 100", "s / s = 1", "t * fl = 0", "d + s > 0";
            bad: ;
        },
    ),
    (
        "SEL-20",
        group! {
            yes: "t", "(t)", "TRUE AND t", "fl OR TRUE", "NOT FALSE", "miss OR t", "t AND n = 7", "n = 7 AND t";
            no: "fl", "miss", "FALSE", "NOT TRUE", "NOT t", "t AND miss", "miss OR fl", "n = 7 AND fl";
            bad: "1", "-1", "3 * 2", "''", "1.5", "-n", "(3 + 5)", "3 + 5 AND t", "t OR 'abc'", "n + 1 OR t";
        },
    ),
    (
        "SEL-21",
        group! {
            yes: "n BETWEEN 5 AND 7", "n BETWEEN 7 AND 7", "n NOT BETWEEN 9 AND 8", "d BETWEEN 2 AND 3", "d BETWEEN 2.5 AND 2.5",
                "n BETWEEN neg AND eight", "n BETWEEN eight - 1 AND eight * 2", "n BETWEEN 6.5 AND 7.5", "neg BETWEEN -5 AND -5",
                "n NOT BETWEEN miss AND 5", "n NOT BETWEEN 9 AND miss", "NOT (n BETWEEN 9 AND miss)",
                "t AND n BETWEEN 1 AND 9 AND t", "fl OR n NOT BETWEEN 1 AND 2 AND t", "7 BETWEEN n AND n", "NOT n BETWEEN 8 AND 9";
            no: "n NOT BETWEEN 7 AND 7", "n NOT BETWEEN 6 AND 8", "n BETWEEN -1 AND 6", "n BETWEEN 1 AND miss",
                "n NOT BETWEEN 1 AND miss", "n NOT BETWEEN miss AND 9", "n BETWEEN miss AND 5", "miss BETWEEN 1 AND 9",
                "NOT (miss BETWEEN 1 AND 9)", "miss NOT BETWEEN 1 AND 9", "n BETWEEN miss AND miss", "n + miss NOT BETWEEN 1 AND 2";
            bad: "n BETWEEN 1, 9", "n BETWEEN (1 AND 9)", "n BETWEEN AND 9", "n NOT BETWEEN 1", "BETWEEN 1 AND 9";
        },
    ),
    (
        "SEL-22",
        group! {
            yes: "n BETWEEN 5 AND 10";
            no: "s BETWEEN 1 AND 2", "s NOT BETWEEN 1 AND 2", "num NOT BETWEEN 50 AND 60", "n BETWEEN s AND 9",
                "n BETWEEN 1 AND s", "t BETWEEN 0 AND 2", "t NOT BETWEEN 5 AND 6", "s BETWEEN s AND s";
            bad: "s NOT BETWEEN 'a' AND 'z'", "n BETWEEN 'a' AND 'z'", "n BETWEEN 1 AND 'z'", "n BETWEEN 'a' AND 9",
                "'b' BETWEEN 'a' AND 'z'", "'b' BETWEEN 1 AND 9";
        },
    ),
    (
        "SEL-23",
        group! {
            yes: "s IN ('blue')", "s NOT IN ('red')", "q IN ('it''s')", "empty IN ('')", "uni IN ('x', '日本', 'y')",
                "NOT s IN ('red')", "s IN ('blue', 'blue')", "num IN ('7')";
            no: "s IN ('Blue')", "s IN ('blu', 'e')", "s NOT IN ('blue')", "empty IN ('a')", "NOT s IN ('blue')", "s IN ('bl%')";
            bad: "s NOT IN ()", "s IN (s)", "s IN ('a', 1)", "s IN ('a', u)", "s IN ('a' 'b')", "s IN (,'a')", "s IN ('a'",
                "s IN", "s IN (TRUE)", "s IN (1.5)", "s IN (NULL)", "n NOT IN (7)", "s IN (('a'))", "IN ('a')";
        },
    ),
    (
        "SEL-24",
        group! {
            yes: "miss IN ('a') OR t";
            no: "miss IN ('a')", "NOT (miss IN ('a'))", "NOT (miss NOT IN ('a'))", "NOT miss IN ('a')", "n IN ('7')",
                "t IN ('true')", "t NOT IN ('x')", "d IN ('2.5')", "d NOT IN ('x')", "f NOT IN ('x')", "b8 NOT IN ('x')";
            bad: ;
        },
    ),
    (
        "SEL-25",
        group! {
            yes: ;
            no: ;
            bad: "'a' NOT IN ('a')", "1 IN ('a')", "1.5 IN ('a')", "TRUE IN ('true')", "n + 1 IN ('a')", "'a' LIKE 'a'",
                "'a' NOT LIKE 'a'", "1 LIKE 'a'", "TRUE LIKE 'true'", "n + 1 LIKE 'a'", "-n LIKE 'a'", "'a' IS NULL",
                "'a' IS NOT NULL", "1 IS NULL", "1 IS NOT NULL", "TRUE IS NULL", "n + 1 IS NULL", "NULL IS NULL",
                "-n IS NOT NULL", "(n = 7) IS NULL";
        },
    ),
    (
        "SEL-26",
        group! {
            yes: "s LIKE 'blue'", "s LIKE '%'", "s LIKE '%%'", "s LIKE 'blue%'", "s LIKE '%blue'", "s LIKE '____'",
                "s LIKE 'b%e'", "s LIKE '%l%'", "s LIKE '_%_'", "empty LIKE ''", "pct LIKE '50% off'", "pct LIKE '50_ off'",
                "uni LIKE '日_'", "uni LIKE '%本'", "nl LIKE 'a%'", "nl LIKE '%b'", "nl LIKE '___'", "nl LIKE 'a\nb'",
                "q LIKE 'it''s'", "q LIKE '%''%'", "dot NOT LIKE 'a.c'", "s NOT LIKE 'BLUE'", "s NOT LIKE 'lue'";
            no: "s LIKE '___'", "s LIKE '_____'", "s LIKE ''", "s LIKE 'blu'", "s LIKE '_LUE'", "s NOT LIKE 'b%'",
                "dot LIKE '.*'", "dot LIKE '[a]bc'", "dot LIKE 'a|abc'", "dot LIKE '^abc$'", "dot LIKE 'ab+c'",
                "dot LIKE '(abc)'", "dot LIKE 'ab?c'", "dot LIKE 'a{1}bc'", "dot LIKE '\\Qabc\\E'", "dot LIKE 'a\\bc'",
                "dot LIKE '*'", "dot LIKE 'a?c'", "u LIKE '\\_foo'", "uni LIKE '_'", "uni LIKE '___'", "nl LIKE 'a'", "nl LIKE 'b'";
            bad: ;
        },
    ),
    (
        "SEL-27",
        group! {
            yes: "pct LIKE '50!% off' ESCAPE '!'", "pct LIKE '50x%%' ESCAPE 'x'", "pct LIKE '50%% off' ESCAPE '%'",
                "u LIKE '!_f__' ESCAPE '!'", "u LIKE '__foo' ESCAPE '_'", "u LIKE '''_foo' ESCAPE ''''", "u LIKE '日_%' ESCAPE '日'",
                "u LIKE '😀_foo' ESCAPE '😀'", "u LIKE '._foo' ESCAPE '.'", "u LIKE ' _foo' ESCAPE ' '", "u LIKE '^_foo' ESCAPE '^'",
                "s NOT LIKE '!_%' ESCAPE '!'", "s LIKE 'bl_e' ESCAPE '!'";
            no: "s LIKE 'bl!_e' ESCAPE '!'", "s LIKE 'b!%' ESCAPE '!'", "u NOT LIKE '!_%' ESCAPE '!'", "dot LIKE 'ab._' ESCAPE '.'";
            bad: "s LIKE 'a' ESCAPE ''", "s LIKE 'a' ESCAPE 1", "s LIKE 'a' ESCAPE", "s LIKE 'a' ESCAPE u", "s LIKE ESCAPE '!'",
                "s NOT LIKE 'a' ESCAPE 'xy'", "s ESCAPE '!'", "s = 'a' ESCAPE '!'", "s LIKE 'a' ESCAPE '日本'";
        },
    ),
    (
        "SEL-28",
        group! {
            yes: "miss LIKE '%' OR t", "num LIKE '7'";
            no: "miss LIKE '%'", "NOT (miss LIKE '%')", "NOT (miss NOT LIKE '%')", "NOT miss LIKE 'a'", "n LIKE '%'",
                "n NOT LIKE 'x'", "t LIKE 'true'", "t LIKE '%'", "t NOT LIKE 'x'", "d LIKE '2.5'", "d NOT LIKE 'x'", "b8 LIKE '127'";
            bad: "s LIKE TRUE", "s LIKE miss", "s LIKE 1.5", "s NOT LIKE 7", "s NOT LIKE u", "s LIKE", "s LIKE NULL",
                "s LIKE ('a')", "LIKE 'a'";
        },
    ),
    (
        "SEL-30",
        group! {
            yes: "NOT (miss IS NOT NULL)", "fl IS NOT NULL", "n IS NOT NULL", "JMSType IS NOT NULL", "JMSMessageID IS NOT NULL",
                "JMSXGroupSeq IS NULL", "empty IS NOT NULL", "miss IS NULL AND NOT n IS NULL";
            no: "miss IS NOT NULL", "NOT (miss IS NULL)", "n IS NULL", "fl IS NULL", "JMSType IS NULL",
                "JMSCorrelationID IS NOT NULL", "JMSMessageID IS NULL", "JMSXGroupID IS NOT NULL", "NOT s IS NOT NULL";
            bad: "n IS", "n IS TRUE", "n IS NULL NOT", "n NOT NULL", "n NOT IS NULL", "IS NULL", "n = NULL";
        },
    ),
    (
        "SEL-32",
        group! {
            yes: "JMSDeliveryMode <> 'NON_PERSISTENT'", "JMSDeliveryMode IN ('PERSISTENT')", "JMSDeliveryMode LIKE 'PERS%'";
            no: "JMSDeliveryMode = 'NON_PERSISTENT'", "JMSDeliveryMode <> 'PERSISTENT'", "JMSDeliveryMode = 1",
                "JMSDeliveryMode <> 1", "JMSDeliveryMode = 'persistent'", "JMSDeliveryMode IS NULL";
            bad: ;
        },
    ),
    (
        "SEL-34",
        group! {
            yes: "JMSXGroupID IS NULL", "JMSXGroupSeq IS NULL", "JMSXNoSuch IS NULL";
            no: "JMSXGroupID = 'g'", "NOT (JMSXGroupID = 'g')", "JMSXGroupSeq > 0", "NOT (JMSXGroupSeq > 0)", "JMSXNoSuch = 1",
                "NOT (JMSXNoSuch = 1)";
            bad: ;
        },
    ),
];
