//! `BETWEEN`, `IN`, `LIKE` and `IS NULL`.

use super::*;

#[test]
fn sel_21_22_between() {
    for (text, expected) in [
        ("n BETWEEN 7 AND 7", 'T'),
        ("n NOT BETWEEN 7 AND 7", 'F'),
        ("n BETWEEN miss AND 9", 'U'),
        ("n BETWEEN miss AND 6", 'F'),
        ("n BETWEEN 8 AND miss", 'F'),
        ("n NOT BETWEEN 8 AND miss", 'T'),
        ("n NOT BETWEEN 7 AND miss", 'U'),
        ("miss BETWEEN 1 AND 2", 'U'),
        ("miss NOT BETWEEN 1 AND 2", 'U'),
        ("num BETWEEN 5 AND 10", 'F'),
        ("num NOT BETWEEN 5 AND 10", 'F'),
        ("NOT n BETWEEN 8 AND 9 AND t", 'T'),
        ("n BETWEEN 1 AND 9 AND n BETWEEN 6 + 1 AND 7 * 1 OR fl", 'T'),
        ("n + 1 BETWEEN n - 1 AND (n + (2))", 'T'),
        ("-n NOT BETWEEN -8 AND -6", 'F'),
    ] {
        assert_eq!(truth(text), expected, "{text}");
    }
    invalid(&[
        "s BETWEEN 'a' AND 'b'",
        "n BETWEEN 1 AND TRUE",
        "'a' BETWEEN 1 AND 2",
        "n BETWEEN 1",
        "n BETWEEN AND 2",
        "n BETWEEN 1 AND",
        "n BETWEEN 1, 2",
        "n BETWEEN 1 OR 2",
        "n BETWEEN (1 AND 2)",
        "n BETWEEN 1 = 1 AND 2",
        "(n = 1) BETWEEN 1 AND 2",
        "(n BETWEEN 1) AND 2",
        "n BETWEEN NOT 1 AND 2",
    ]);
}

#[test]
fn sel_23_24_25_in() {
    for (text, expected) in [
        ("s IN('z','blue','a','blue')", 'T'),
        ("s IN ('blu', 'bluee', '')", 'F'),
        ("empty IN ('')", 'T'),
        ("q IN ('it''s')", 'T'),
        ("miss IN ('a')", 'U'),
        ("miss NOT IN ('a')", 'U'),
        ("n IN ('7')", 'U'),
        ("t NOT IN ('a')", 'U'),
        ("s NOT IN ('red')", 'T'),
        ("JMSType IN ('car') AND JMSDeliveryMode NOT IN ('NON_PERSISTENT')", 'T'),
    ] {
        assert_eq!(truth(text), expected, "{text}");
    }
    invalid(&[
        "s IN ()",
        "s IN ('a',)",
        "s IN ('a' 'b')",
        "s IN 'a'",
        "s IN (u)",
        "s IN (7)",
        "s IN ('a'",
        "'a' IN ('a')",
        "(s) IN ('a')",
        "n + 1 IN ('a')",
        "-n IN ('a')",
        "s = u IN ('a')",
        "t AND TRUE IN ('a')",
        "s NOT NOT IN ('a')",
        "(n = 7) IN ('a')",
        "IN ('a')",
        "s IN ('a') IN ('b')",
        "7 LIKE 'a'",
        "'a' IS NULL",
        "(s) LIKE 'a'",
        "n + n IS NULL",
        "NULL IS NULL",
    ]);
}

#[test]
fn sel_27_28_like() {
    for (text, expected) in [
        ("u LIKE '\\_%' ESCAPE '\\'", 'T'),
        ("pct LIKE '50%%%%' ESCAPE '%'", 'F'),
        ("pct LIKE '50%% off' ESCAPE '%'", 'T'),
        ("q LIKE 'it''s'", 'T'),
        ("q LIKE 'it''''s' ESCAPE ''''", 'T'),
        ("uni LIKE '日_' ESCAPE '本'", 'T'),
        ("miss LIKE '%'", 'U'),
        ("miss NOT LIKE 'a'", 'U'),
        ("n LIKE '%'", 'U'),
        ("n NOT LIKE 'a'", 'U'),
        ("s LIKE '' OR empty LIKE ''", 'T'),
        ("s NOT LIKE 'b%' AND t", 'F'),
    ] {
        assert_eq!(truth(text), expected, "{text}");
    }
    invalid(&[
        "s LIKE",
        "s LIKE 7",
        "s LIKE u",
        "s LIKE ('a')",
        "s LIKE 'a' ESCAPE",
        "s LIKE 'a' ESCAPE ''",
        "s LIKE 'a' ESCAPE x",
        "s LIKE 'a' ESCAPE 'xy'",
        "s LIKE 'ax' ESCAPE 'x'",
        "s LIKE 'a' 'b'",
        "s NOT LIKE",
        "s LIKE NOT 'a'",
    ]);
}

#[test]
fn sel_30_is_null() {
    for (text, expected) in [
        ("miss IS NULL", 'T'),
        ("miss IS NOT NULL", 'F'),
        ("n IS NULL", 'F'),
        ("t IS NOT NULL AND s is not null", 'T'),
        (
            "JMSCorrelationID IS NULL AND JMSType IS NOT NULL AND JMSXGroupID IS NULL",
            'T',
        ),
        (
            "JMSXDeliveryCount IS NULL AND JMSXUserID IS NULL AND JMSXGroupSeq IS NULL",
            'T',
        ),
        ("JMSXDeliveryCount = 1", 'U'),
    ] {
        assert_eq!(truth(text), expected, "{text}");
    }
    invalid(&[
        "n IS",
        "n IS 7",
        "n IS TRUE",
        "n IS NOT TRUE",
        "n NOT IS NULL",
        "n = NULL",
        "n IS NULL NULL",
    ]);
}
