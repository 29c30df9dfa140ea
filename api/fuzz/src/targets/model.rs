use anymq_api::{ErrorKind, Value};

use super::conversion::{self, Cell, Target};

/// What a reader of a stream does, told by the documentation.
pub(super) struct StreamModel {
    values: Vec<Value>,
    position: usize,
    /// How much was read of the bytes at the position, once their reading has begun.
    begun: Option<usize>,
}

impl StreamModel {
    pub(super) fn new(values: Vec<Value>) -> Self {
        Self {
            values,
            position: 0,
            begun: None,
        }
    }

    pub(super) fn reset(&mut self) {
        (self.position, self.begun) = (0, None);
    }

    /// The position, and how many values are left.
    pub(super) fn place(&self) -> (usize, usize) {
        (self.position, self.values.len() - self.position)
    }

    pub(super) fn read_as(&mut self, target: Target) -> Cell {
        let cell = match self.whole() {
            Ok(value) => conversion::expected(&value, target),
            Err(kind) => Cell::Refused(kind),
        };
        self.position += usize::from(!matches!(cell, Cell::Refused(_)));
        cell
    }

    pub(super) fn read_whole(&mut self) -> Result<Value, ErrorKind> {
        let value = self.whole()?;
        self.position += 1;
        Ok(value)
    }

    pub(super) fn read_piece(&mut self, room: usize) -> Result<Option<Vec<u8>>, ErrorKind> {
        match self.values.get(self.position) {
            None => Err(ErrorKind::MessageEof),
            Some(Value::Null) => {
                self.position += 1;
                Ok(None)
            }
            Some(Value::Bytes(bytes)) => {
                let rest = &bytes[self.begun.unwrap_or(0)..];
                let piece = rest[..rest.len().min(room)].to_vec();
                if self.begun.is_some() && rest.is_empty() {
                    (self.position, self.begun) = (self.position + 1, None);
                    return Ok(None);
                }
                if piece.len() < room {
                    (self.position, self.begun) = (self.position + 1, None);
                } else {
                    self.begun = Some(self.begun.unwrap_or(0) + piece.len());
                }
                Ok(Some(piece))
            }
            Some(_) => Err(ErrorKind::MessageFormat),
        }
    }

    /// The value at the position, if it can be read as one.
    fn whole(&self) -> Result<Value, ErrorKind> {
        match (self.values.get(self.position), self.begun) {
            (None, _) => Err(ErrorKind::MessageEof),
            (Some(_), Some(_)) => Err(ErrorKind::MessageFormat),
            (Some(value), None) => Ok(value.clone()),
        }
    }
}
