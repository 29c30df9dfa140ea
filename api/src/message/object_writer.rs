use std::io;

use super::json_depth::JsonDepth;
use crate::{Error, ErrorKind, ObjectLimits};

/// Collects a serialised value, and fails as soon as it passes a limit.
pub(super) struct ObjectWriter {
    bytes: Vec<u8>,
    depth: JsonDepth,
    limits: ObjectLimits,
    refusal: Option<Error>,
}

impl ObjectWriter {
    pub(super) fn new(limits: ObjectLimits) -> Self {
        Self {
            bytes: Vec::new(),
            depth: JsonDepth::new(limits.max_depth()),
            limits,
            refusal: None,
        }
    }

    /// What was collected, or the limit that was passed.
    pub(super) fn finish(self) -> Result<Vec<u8>, Error> {
        match self.refusal {
            None => Ok(self.bytes),
            Some(refusal) => Err(refusal),
        }
    }

    fn check(&mut self, piece: &[u8]) -> Option<Error> {
        if piece.len() > self.limits.max_bytes().saturating_sub(self.bytes.len()) {
            return Some(too_large(self.limits));
        }
        if !self.depth.allows(piece) {
            return Some(too_deep(self.limits));
        }
        None
    }
}

impl io::Write for ObjectWriter {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if self.refusal.is_none() {
            self.refusal = self.check(piece);
        }
        if self.refusal.is_some() {
            return Err(io::ErrorKind::Other.into());
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn too_large(limits: ObjectLimits) -> Error {
    let detail = format!(
        "the object takes more than the {} bytes that are allowed",
        limits.max_bytes()
    );
    Error::new(ErrorKind::MessageFormat, detail)
}

pub(super) fn too_deep(limits: ObjectLimits) -> Error {
    let detail = format!(
        "the object nests deeper than the {} levels that are allowed",
        limits.max_depth()
    );
    Error::new(ErrorKind::MessageFormat, detail)
}
