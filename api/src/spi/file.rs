//! Files that a connection is configured with: secrets, certificates, keys.

use std::{fs::File, io::Read as _, path::Path};

use super::excerpt;
use crate::{Error, ErrorKind, Result};

/// Reads a whole file of at most `longest` bytes. It blocks, as reading a file does; but it never waits for a pipe or a
/// device, which are refused.
///
/// # Errors
/// [`ErrorKind::Configuration`], which names the file and shows nothing of what is in it.
pub fn read_file(path: &Path, longest: usize) -> Result<Vec<u8>> {
    let refused = |problem: String| {
        let shown = excerpt(&path.to_string_lossy());
        Error::new(ErrorKind::Configuration, format!("the file `{shown}` {problem}"))
    };
    let unreadable = |error: std::io::Error| refused(format!("cannot be read: {error}")).with_source(error);
    // Before it is opened: that alone waits for the other end of a pipe.
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err(refused("is no regular file".to_owned()));
    }
    let one_more = u64::try_from(longest).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let mut file = File::open(path).map_err(unreadable)?.take(one_more);
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > longest {
        return Err(refused(format!("is longer than {longest} bytes")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_of_the_right_length_is_refused_by_its_name() {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert!(read_file(&manifest, 1 << 20).unwrap().starts_with(b"[package]"));
        for (path, expected) in [
            (manifest.as_path(), "longer than 3 bytes"),
            (Path::new("/"), "no regular file"),
            (Path::new("/nowhere/x"), "cannot be read"),
        ] {
            let refused = read_file(path, 3).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Configuration);
            let shown = refused.to_string();
            assert!(
                shown.contains(&*path.to_string_lossy()) && shown.contains(expected),
                "{shown}"
            );
            assert!(!format!("{shown} {refused:?}").contains("package"));
        }
    }
}
