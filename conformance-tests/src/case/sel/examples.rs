//! The examples of appendix 1 of the checklist: one message, and what selectors do with it.

use anymq_api::{Message, Result};

use super::expected::{
    Expected::{self, Invalid, Match, NoMatch},
    Row,
};

/// The message. `miss` and `S` are absent, as are a correlation id and a group; it is sent with the default options.
///
/// # Errors
/// None: its properties have valid names.
pub(super) fn message() -> Result<Message> {
    Message::text("sample")
        .with_message_type("car")
        .with_property("s", "blue")?
        .with_property("q", "it's")?
        .with_property("u", "_foo")?
        .with_property("uni", "日本")?
        .with_property("empty", "")?
        .with_property("phone", "12993")?
        .with_property("num", "7")?
        .with_property("pct", "50% off")?
        .with_property("dot", "abc")?
        .with_property("nl", "a\nb")?
        .with_property("n", 7)?
        .with_property("neg", -5)?
        .with_property("eight", 8)?
        .with_property("b8", 127_i8)?
        .with_property("big", 9_007_199_254_740_993_i64)?
        .with_property("lmin", i64::MIN)?
        .with_property("f", 0.1_f32)?
        .with_property("d", 2.5)?
        .with_property("t", true)?
        .with_property("fl", false)?
        .with_property("_x$1", 1)
}

/// The examples of one id.
pub(super) fn rows(id: &str) -> Vec<Row> {
    let own = EXAMPLES.iter().filter(|(_, of, ..)| *of == id);
    own.map(|&(_, _, expected, selector)| Row::new(expected, selector))
        .collect()
}

/// The number of the example, the id that tries it, what it does, and the selector. Some numbers hold several.
const EXAMPLES: &[(u8, &str, Expected, &str)] = &[
    (1, "SEL-01", Match, ""),
    (2, "SEL-03", Match, "t"),
    (3, "SEL-03", NoMatch, "fl"),
    (4, "SEL-03", NoMatch, "miss"),
    (5, "SEL-11", Match, "NOT fl"),
    (6, "SEL-11", NoMatch, "NOT miss"),
    (7, "SEL-20", Match, "TRUE"),
    (8, "SEL-20", NoMatch, "false"),
    (9, "SEL-13", Match, "n = 7"),
    (10, "SEL-10", NoMatch, "n<>7"),
    (11, "SEL-13", Match, "n = 7.0"),
    (12, "SEL-13", Match, "n > 6.9 AND n < 7.1"),
    (13, "SEL-14", NoMatch, "n = '7'"),
    (14, "SEL-14", NoMatch, "n <> '7'"),
    (15, "SEL-14", Match, "NOT (n = '7')"),
    (16, "SEL-17", NoMatch, "num = 7"),
    (17, "SEL-17", NoMatch, "num > 1"),
    (18, "SEL-17", Match, "num = '7'"),
    (19, "SEL-17", NoMatch, "num + 1 = 8"),
    (20, "SEL-05", Match, "s = 'blue'"),
    (21, "SEL-05", NoMatch, "s = 'Blue'"),
    (22, "SEL-04", NoMatch, "S = 'blue'"),
    (23, "SEL-15", Match, "s <> 'red'"),
    (24, "SEL-16", NoMatch, "miss <> 'red'"),
    (25, "SEL-05", Match, "q = 'it''s'"),
    (26, "SEL-05", Match, "empty = ''"),
    (27, "SEL-30", NoMatch, "empty IS NULL"),
    (28, "SEL-15", Invalid, "s > 'a'"),
    (29, "SEL-15", Invalid, "'foo' >= TRUE"),
    (30, "SEL-15", Match, "t <> FALSE"),
    (31, "SEL-14", NoMatch, "t = 'true'"),
    (32, "SEL-11", Match, "miss = 1 OR TRUE"),
    (33, "SEL-11", NoMatch, "miss = 1 AND fl"),
    (34, "SEL-11", Match, "NOT (miss = 1 AND fl)"),
    (35, "SEL-11", NoMatch, "NOT (miss = 1)"),
    (36, "SEL-11", NoMatch, "NOT (miss = 1 OR fl)"),
    (37, "SEL-16", NoMatch, "miss = miss"),
    (38, "SEL-30", Match, "miss IS NULL"),
    (39, "SEL-30", Match, "s IS NOT NULL AND NOT s IS NULL"),
    (40, "SEL-21", Match, "n BETWEEN 7 AND 9"),
    (41, "SEL-21", NoMatch, "n BETWEEN 8 AND 9"),
    (42, "SEL-21", Match, "n NOT BETWEEN 8 AND 9"),
    (43, "SEL-21", NoMatch, "n BETWEEN 9 AND 5"),
    (44, "SEL-21", Match, "n NOT BETWEEN 9 AND 5"),
    (45, "SEL-21", Match, "NOT (n BETWEEN miss AND 5)"),
    (46, "SEL-21", NoMatch, "NOT (n BETWEEN miss AND 9)"),
    (47, "SEL-22", NoMatch, "num BETWEEN 5 AND 10"),
    (48, "SEL-22", Invalid, "s BETWEEN 'a' AND 'z'"),
    (49, "SEL-21", Match, "n + 1 BETWEEN 2 * 4 AND 9"),
    (50, "SEL-23", Match, "s IN ('red', 'blue')"),
    (51, "SEL-23", NoMatch, "s NOT IN ('red','blue')"),
    (52, "SEL-24", NoMatch, "miss NOT IN ('a')"),
    (53, "SEL-24", NoMatch, "n NOT IN ('a')"),
    (54, "SEL-23", Invalid, "s IN ()"),
    (55, "SEL-23", Invalid, "n IN (7,8)"),
    (56, "SEL-25", Invalid, "'a' IN ('a')"),
    (57, "SEL-26", Match, "phone LIKE '12%3'"),
    (58, "SEL-26", NoMatch, "phone LIKE '12%4'"),
    (59, "SEL-26", Match, "s LIKE 'bl_e'"),
    (60, "SEL-26", NoMatch, "s LIKE 'BL%'"),
    (61, "SEL-26", NoMatch, "s LIKE 'lue'"),
    (62, "SEL-26", Match, "empty LIKE '%'"),
    (63, "SEL-26", NoMatch, "empty LIKE '_'"),
    (64, "SEL-27", Match, "u LIKE '\\_%' ESCAPE '\\'"),
    (65, "SEL-27", NoMatch, "s LIKE '\\_%' ESCAPE '\\'"),
    (66, "SEL-27", Match, "pct LIKE '50!%%' ESCAPE '!'"),
    (67, "SEL-26", Match, "s NOT LIKE 'r%'"),
    (68, "SEL-28", NoMatch, "miss NOT LIKE 'r%'"),
    (69, "SEL-28", NoMatch, "n LIKE '7'"),
    (70, "SEL-28", Invalid, "s LIKE 7"),
    (71, "SEL-27", Invalid, "s LIKE 'a' ESCAPE 'xy'"),
    (72, "SEL-28", Invalid, "s LIKE u"),
    (73, "SEL-26", NoMatch, "dot LIKE 'a.c'"),
    (74, "SEL-26", Match, "uni LIKE '__' AND uni = '日本'"),
    (75, "SEL-26", Match, "nl LIKE 'a%b' AND nl LIKE 'a_b'"),
    (76, "SEL-18", Match, "n / 2 = 3"),
    (77, "SEL-18", Match, "n / 2.0 = 3.5"),
    (78, "SEL-12", Match, "-n = -7 AND - neg = 5 AND +n = 7"),
    (79, "SEL-12", Match, "n + 2 * 3 = 13"),
    (80, "SEL-12", Match, "(n + 2) * 3 = 27"),
    (81, "SEL-12", Match, "n - 2 - 1 = 4"),
    (82, "SEL-18", Match, "b8 + 1 = 128"),
    (83, "SEL-13", NoMatch, "f = 0.1"),
    (84, "SEL-07", Match, "d = 25E-1 AND d = 2.5 AND d > .25e1 - 1."),
    (85, "SEL-13", Match, "big = 9007199254740993"),
    (86, "SEL-13", NoMatch, "big = 9007199254740992"),
    (87, "SEL-06", Match, "lmin = -9223372036854775808"),
    (88, "SEL-06", Match, "n = 0x7 AND eight = 010 AND n = 7L"),
    (89, "SEL-12", Match, "t OR t AND fl"),
    (90, "SEL-12", NoMatch, "(t OR t) AND fl"),
    (91, "SEL-12", NoMatch, "NOT fl AND fl"),
    (92, "SEL-12", Match, "NOT n = 8"),
    (93, "SEL-31", Match, "JMSType = 'car' AND JMSPriority = 4"),
    (94, "SEL-32", Match, "JMSDeliveryMode = 'PERSISTENT'"),
    (95, "SEL-32", NoMatch, "JMSDeliveryMode = 2"),
    (96, "SEL-30", Match, "JMSCorrelationID IS NULL AND JMSXGroupID IS NULL"),
    (97, "SEL-31", Match, "JMSTimestamp > 0 AND JMSMessageID LIKE 'ID:%'"),
    (98, "SEL-08", Match, "_x$1 = 1"),
    (99, "SEL-04", Match, "s iS nOt NuLl aNd n bEtWeEn 1 And 9"),
    (100, "SEL-10", Match, "\t\n\u{c}n\t\n\u{c}=\t\n\u{c}7\t\n\u{c}"),
    (101, "SEL-09", Invalid, "Between = 1"),
    (102, "SEL-09", Invalid, "NULL = 0"),
    (102, "SEL-09", Invalid, "TRUE = 0"),
    (102, "SEL-09", Invalid, "escape = 0"),
    (102, "SEL-09", Invalid, "in = 0"),
    (103, "SEL-20", Invalid, "3 + 5"),
    (103, "SEL-20", Invalid, "'abc'"),
    (103, "SEL-20", Invalid, "n + 1"),
    (104, "SEL-02", Invalid, "= 7"),
    (104, "SEL-02", Invalid, "n ="),
    (104, "SEL-02", Invalid, "n == 7"),
    (104, "SEL-02", Invalid, "n != 7"),
    (104, "SEL-02", Invalid, "n = 7 AND"),
    (104, "SEL-02", Invalid, "n = 7 n = 8"),
    (105, "SEL-02", Invalid, "(n = 7"),
    (105, "SEL-02", Invalid, "n = 7)"),
    (105, "SEL-02", Invalid, "()"),
    (106, "SEL-05", Invalid, "s = 'x"),
    (106, "SEL-05", Invalid, "s = x'"),
    (106, "SEL-05", Invalid, "s = \"blue\""),
    (107, "SEL-08", Invalid, "1n = 1"),
    (107, "SEL-08", Invalid, "a.b = 1"),
    (107, "SEL-08", Invalid, "#a = 1"),
    (108, "SEL-02", Invalid, "s IS 'x'"),
    (108, "SEL-02", Invalid, "s IS NOT"),
    (108, "SEL-02", Invalid, "n BETWEEN 1"),
    (108, "SEL-02", Invalid, "s NOT = 'x'"),
    (109, "SEL-02", Invalid, "/* c */ n = 7"),
    (109, "SEL-02", Invalid, "n = 7 AMD t"),
    (110, "SEL-23", Invalid, "s IN ('a',)"),
    (110, "SEL-23", Invalid, "s IN 'a'"),
    (110, "SEL-23", Invalid, "s IN (u)"),
    (111, "SEL-11", Match, "t AND t AND t AND n = 7 AND s = 'blue'"),
    (111, "SEL-11", Match, "fl OR fl OR miss OR n = 8 OR s = 'blue'"),
    (
        111,
        "SEL-11",
        Match,
        "NOT fl AND NOT fl AND NOT n = 8 AND NOT s = 'red' AND NOT fl",
    ),
    (112, "SEL-12", Match, "miss = 1 AND miss = 1 OR n = 7"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist;

    #[test]
    fn all_are_there_and_belong_to_an_id() {
        let mut numbers: Vec<_> = EXAMPLES.iter().map(|(number, ..)| *number).collect();
        // Those of the appendix, and the two further forms of the long chain.
        assert_eq!(numbers.len(), 134 + 2);
        numbers.dedup();
        assert_eq!(numbers, (1..=112).collect::<Vec<_>>());
        for (number, id, ..) in EXAMPLES {
            assert!(id.starts_with("SEL-") && checklist::find(id).is_some(), "E{number}");
        }
    }

    #[test]
    fn the_message_is_valid() {
        assert_eq!(message().unwrap().properties().len(), 21);
    }
}
