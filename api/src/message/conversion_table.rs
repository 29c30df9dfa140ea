//! Appendix 2 of the conformance checklist, as tests read it.

use bytes::Bytes;

use crate::{ErrorKind, PropertyValue, Result, Value};

/// Sample values and what each reader makes of them, in the order bool, i8, i16, char, i32, i64, f32, f64, string,
/// bytes: `+` converts, `x` `MessageFormat`, `N` `NumberFormat`, `A` `InvalidArgument`.
pub(super) fn rows() -> Vec<(Value, &'static str)> {
    vec![
        (true.into(), "+xxxxxxx+x"),
        (1_i8.into(), "x++x++xx+x"),
        (1_i16.into(), "xx+x++xx+x"),
        ('1'.into(), "xxx+xxxx+x"),
        (1_i32.into(), "xxxx++xx+x"),
        (1_i64.into(), "xxxxx+xx+x"),
        (1_f32.into(), "xxxxxx+++x"),
        (1_f64.into(), "xxxxxxx++x"),
        ("1".into(), "+++x+++++x"),
        ("one".into(), "+NNxNNNN+x"),
        (Bytes::from_static(b"1").into(), "xxxxxxxxx+"),
        (Value::Null, "+NNANNNN++"),
    ]
}

/// The rows and columns that properties have: no char, no bytes.
pub(super) fn property_rows() -> Vec<(PropertyValue, String)> {
    let properties = rows().into_iter().filter_map(|(value, row)| {
        let columns = row.chars().enumerate().filter(|(column, _)| ![3, 9].contains(column));
        Some((value.try_into().ok()?, columns.map(|(_, cell)| cell).collect()))
    });
    properties.collect()
}

/// How a cell came out.
pub(super) fn symbol<T>(result: &Result<T>) -> char {
    match result {
        Ok(_) => '+',
        Err(error) => match error.kind() {
            ErrorKind::MessageFormat => 'x',
            ErrorKind::NumberFormat => 'N',
            ErrorKind::InvalidArgument => 'A',
            _ => '?',
        },
    }
}

#[test]
fn the_tables_are_complete() {
    assert_eq!(rows().len(), 12);
    assert!(rows().iter().all(|(_, row)| row.len() == 10));
    assert_eq!(property_rows().len(), 9);
    assert!(property_rows().iter().all(|(_, row)| row.len() == 8));
}
