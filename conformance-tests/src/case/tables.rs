//! Appendix 2 of the checklist, as cases read it: which value converts to which type.

use anymq_api::{ErrorKind, Map, Message, Properties, PropertyValue, Result, Stream, StreamReader, Value};

use super::{Failure, values::same};

/// A type to read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Bool,
    I8,
    I16,
    Char,
    I32,
    I64,
    F32,
    F64,
    Text,
    Bytes,
}

impl Column {
    /// Those of table 2b: what map entries and stream elements read as.
    pub(super) const ALL: [Self; 10] = [
        Self::Bool,
        Self::I8,
        Self::I16,
        Self::Char,
        Self::I32,
        Self::I64,
        Self::F32,
        Self::F64,
        Self::Text,
        Self::Bytes,
    ];

    /// Those of table 2a: what properties read as.
    pub(super) const OF_PROPERTIES: [Self; 8] = [
        Self::Bool,
        Self::I8,
        Self::I16,
        Self::I32,
        Self::I64,
        Self::F32,
        Self::F64,
        Self::Text,
    ];

    /// The numbers.
    pub(super) const NUMBERS: [Self; 6] = [Self::I8, Self::I16, Self::I32, Self::I64, Self::F32, Self::F64];

    fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(_) => Self::Bool,
            Value::I8(_) => Self::I8,
            Value::I16(_) => Self::I16,
            Value::Char(_) => Self::Char,
            Value::I32(_) => Self::I32,
            Value::I64(_) => Self::I64,
            Value::F32(_) => Self::F32,
            Value::F64(_) => Self::F64,
            Value::String(_) => Self::Text,
            Value::Bytes(_) => Self::Bytes,
        })
    }
}

/// A value, and what it gives to each type that it converts to.
#[derive(Debug)]
pub(super) struct Row {
    /// A name for a property or an entry.
    pub(super) name: &'static str,
    /// What is set.
    pub(super) set: Value,
    /// One value of each type that it converts to.
    gives: Vec<Value>,
}

impl Row {
    fn new(name: &'static str, set: impl Into<Value>, gives: Vec<Value>) -> Self {
        let set = set.into();
        Self { name, set, gives }
    }

    /// What the table says of one cell. None of a text or of bytes is null.
    pub(super) fn expected(&self, column: Column) -> Result<Value, ErrorKind> {
        if let Some(value) = self.gives.iter().find(|value| Column::of(value) == Some(column)) {
            return Ok(value.clone());
        }
        match (&self.set, column) {
            (Value::Null, Column::Text | Column::Bytes) => Ok(Value::Null),
            (Value::Null, Column::Char) => Err(ErrorKind::InvalidArgument),
            (Value::Null | Value::String(_), column) if Column::NUMBERS.contains(&column) => {
                Err(ErrorKind::NumberFormat)
            }
            _ => Err(ErrorKind::MessageFormat),
        }
    }
}

/// Table 2b without its last row: ten types, of text one that is a number and one that is none. The values are small,
/// so that whoever narrows because a value fits is found out.
pub(super) fn rows() -> Vec<Row> {
    let tenth = 0.1_f32;
    vec![
        Row::new("v_bool", true, vec![true.into(), "true".into()]),
        Row::new(
            "v_i8",
            -5_i8,
            vec![
                Value::I8(-5),
                Value::I16(-5),
                Value::I32(-5),
                Value::I64(-5),
                "-5".into(),
            ],
        ),
        Row::new(
            "v_i16",
            6_i16,
            vec![Value::I16(6), Value::I32(6), Value::I64(6), "6".into()],
        ),
        Row::new("v_char", '7', vec!['7'.into(), "7".into()]),
        Row::new("v_i32", 8, vec![Value::I32(8), Value::I64(8), "8".into()]),
        Row::new("v_i64", 9_i64, vec![Value::I64(9), "9".into()]),
        // The tenth of a float is not that of a double: a detour over a text shows.
        Row::new(
            "v_f32",
            tenth,
            vec![Value::F32(tenth), Value::F64(tenth.into()), "0.1".into()],
        ),
        Row::new("v_f64", 0.5, vec![Value::F64(0.5), "0.5".into()]),
        Row::new(
            "v_digit",
            "1",
            vec![
                false.into(),
                Value::I8(1),
                Value::I16(1),
                Value::I32(1),
                Value::I64(1),
                Value::F32(1.0),
                Value::F64(1.0),
                "1".into(),
            ],
        ),
        Row::new("v_word", "true", vec![true.into(), "true".into()]),
        Row::new("v_bytes", b"1", vec![b"1".into()]),
    ]
}

/// The last row of table 2b: null, and what is missing.
pub(super) fn null_row() -> Row {
    Row::new("v_null", Value::Null, vec![false.into()])
}

/// Table 2a without its last row: eight types, of text two.
pub(super) fn property_rows() -> Vec<Row> {
    let fits = |row: &Row| PropertyValue::try_from(row.set.clone()).is_ok();
    rows().into_iter().filter(fits).collect()
}

/// A message with the values of these rows as its properties.
///
/// # Errors
/// When a name or a value is none that a property can have.
pub(super) fn message_of(rows: &[Row]) -> Result<Message> {
    rows.iter().try_fold(Message::empty(), |message, row| {
        message.with_property(row.name, PropertyValue::try_from(row.set.clone())?)
    })
}

/// A map with the values of these rows.
///
/// # Errors
/// When a name is none that an entry can have.
pub(super) fn map_of(rows: &[Row]) -> Result<Map> {
    Map::try_from_iter(rows.iter().map(|row| (row.name, row.set.clone())))
}

/// A stream of the values of these rows.
pub(super) fn stream_of(rows: &[Row]) -> Stream {
    rows.iter().map(|row| row.set.clone()).collect()
}

/// How many cells the table of these columns has: one for each pair of types, however many samples there are.
pub(super) fn cells(columns: &[Column]) -> usize {
    columns.len() * columns.len()
}

/// Fails unless each cell reads as the table says.
///
/// # Errors
/// [`Failure`] with the first cells that differ.
#[track_caller]
pub(super) fn expect_cells(
    rows: &[Row],
    columns: &[Column],
    mut read: impl FnMut(&Row, Column) -> Result<Value>,
) -> Result<(), Failure> {
    let mut wrong = Vec::new();
    for row in rows {
        for &column in columns {
            let expected = row.expected(column);
            let got = read(row, column).map_err(|error| error.kind());
            let agree = match (&got, &expected) {
                (Ok(got), Ok(expected)) => same(got, expected),
                _ => got == expected,
            };
            if !agree {
                let set = &row.set;
                wrong.push(format!("{set:?} as {column:?}: got {got:?}, expected {expected:?}"));
            }
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let count = wrong.len();
    wrong.truncate(5);
    Err(Failure::new(format!("{count} cells differ: {}", wrong.join("; "))))
}

/// Reads one property by the getter of a type.
///
/// # Errors
/// What the getter gives.
pub(super) fn read_property(properties: &Properties, name: &str, column: Column) -> Result<Value> {
    Ok(match column {
        Column::Bool => properties.bool(name)?.into(),
        Column::I8 => properties.i8(name)?.into(),
        Column::I16 => properties.i16(name)?.into(),
        Column::I32 => properties.i32(name)?.into(),
        Column::I64 => properties.i64(name)?.into(),
        Column::F32 => properties.f32(name)?.into(),
        Column::F64 => properties.f64(name)?.into(),
        // No property is a character or bytes.
        Column::Text | Column::Char | Column::Bytes => properties.string(name).map(String::from).into(),
    })
}

/// Reads one entry by the getter of a type.
///
/// # Errors
/// What the getter gives.
pub(super) fn read_entry(map: &Map, name: &str, column: Column) -> Result<Value> {
    Ok(match column {
        Column::Bool => map.bool(name)?.into(),
        Column::I8 => map.i8(name)?.into(),
        Column::I16 => map.i16(name)?.into(),
        Column::Char => map.char(name)?.into(),
        Column::I32 => map.i32(name)?.into(),
        Column::I64 => map.i64(name)?.into(),
        Column::F32 => map.f32(name)?.into(),
        Column::F64 => map.f64(name)?.into(),
        Column::Text => map.string(name)?.map(String::from).into(),
        Column::Bytes => map.bytes(name)?.into(),
    })
}

/// Reads the next element by the reader of a type; of bytes at most eight.
///
/// # Errors
/// What the reader gives.
pub(super) fn read_element(reader: &mut StreamReader, column: Column) -> Result<Value> {
    Ok(match column {
        Column::Bool => reader.read_bool()?.into(),
        Column::I8 => reader.read_i8()?.into(),
        Column::I16 => reader.read_i16()?.into(),
        Column::Char => reader.read_char()?.into(),
        Column::I32 => reader.read_i32()?.into(),
        Column::I64 => reader.read_i64()?.into(),
        Column::F32 => reader.read_f32()?.into(),
        Column::F64 => reader.read_f64()?.into(),
        Column::Text => reader.read_string()?.into(),
        Column::Bytes => {
            let mut buffer = [0; 8];
            let count = reader.read_bytes(&mut buffer)?;
            count
                .map(|count| buffer.iter().copied().take(count).collect::<Vec<_>>())
                .into()
        }
    })
}
