use crate::{Error, ErrorKind, Result};

/// `length` bytes from `offset` on, or [`ErrorKind::InvalidArgument`].
pub(super) fn part(bytes: &[u8], offset: usize, length: usize) -> Result<&[u8]> {
    let end = offset.checked_add(length);
    end.and_then(|end| bytes.get(offset..end)).ok_or_else(|| {
        let detail = format!("{length} bytes from {offset} on are not within {}", bytes.len());
        Error::new(ErrorKind::InvalidArgument, detail)
    })
}

/// Copies as many bytes as there are and fit, and tells how many.
pub(super) fn copy(source: &[u8], target: &mut [u8]) -> usize {
    let count = source.len().min(target.len());
    if let (Some(source), Some(target)) = (source.get(..count), target.get_mut(..count)) {
        target.copy_from_slice(source);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_copied() {
        let mut target = [0; 2];
        assert_eq!(copy(&[1, 2, 3], &mut target), 2);
        assert_eq!(copy(&[9], &mut target), 1);
        assert_eq!(target, [9, 2]);
        assert_eq!(copy(&[], &mut target) + copy(&[1], &mut []), 0);
    }

    #[test]
    fn only_what_is_there() {
        assert_eq!(part(&[1, 2, 3], 1, 2).unwrap(), [2, 3]);
        assert!(part(&[1, 2, 3], 3, 0).unwrap().is_empty());
        for (offset, length) in [(0, 4), (4, 0), (2, 2), (usize::MAX, 1), (1, usize::MAX)] {
            let error = part(&[1, 2, 3], offset, length).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        }
    }
}
