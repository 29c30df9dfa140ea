//! Passwords out of files.

use std::path::Path;

use crate::{
    Credentials, Error, ErrorKind, Result,
    spi::{excerpt, read_file},
};

/// In bytes.
const LONGEST: usize = 16 * 1024;

/// The credentials with the password that their file has now, if it is in one.
pub(super) async fn known(credentials: Option<Credentials>) -> Result<Option<Credentials>> {
    let Some(file) = credentials.as_ref().and_then(Credentials::password_file) else {
        return Ok(credentials);
    };
    let file = file.to_owned();
    let reading = tokio::task::spawn_blocking(move || read(&file));
    let password = reading
        .await
        .map_err(|error| Error::new(ErrorKind::Other, "reading the password's file").with_source(error))??;
    Ok(credentials.map(|known| Credentials::new(known.username(), password)))
}

fn read(file: &Path) -> Result<String> {
    let bytes = read_file(file, LONGEST)?;
    let refused = |problem: &str| {
        let shown = excerpt(&file.to_string_lossy());
        Error::new(
            ErrorKind::Configuration,
            format!("the password in the file `{shown}` {problem}"),
        )
    };
    // The reason is left out: it holds the bytes.
    let mut text = String::from_utf8(bytes).map_err(|_| refused("is not UTF-8"))?;
    // What editors and `echo` add.
    for line_break in ["\r\n", "\n"] {
        if text.ends_with(line_break) {
            text.truncate(text.len() - line_break.len());
            break;
        }
    }
    if text.is_empty() {
        return Err(refused("is empty"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, content: &[u8]) -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("anymq-password-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        path
    }

    async fn read_as(name: &str, content: &[u8]) -> Result<String> {
        let path = file(name, content);
        let outcome = known(Some(Credentials::with_password_file("till", &path))).await;
        std::fs::remove_file(path).unwrap();
        let credentials = outcome?.unwrap();
        assert_eq!(credentials.username(), "till");
        assert_eq!(credentials.password_file(), None);
        Ok(credentials.expose_password().to_owned())
    }

    #[tokio::test]
    async fn one_line_break_at_the_end_does_not_count() {
        for (content, password) in [
            ("hunter2", "hunter2"),
            ("hunter2\n", "hunter2"),
            ("hunter2\r\n", "hunter2"),
            ("hunter2\n\n", "hunter2\n"),
            (" hünter 2 \n", " hünter 2 "),
        ] {
            assert_eq!(read_as("good", content.as_bytes()).await.unwrap(), password);
        }
    }

    #[tokio::test]
    async fn what_is_no_password_is_refused_without_showing_it() {
        for content in [&b""[..], b"\n", b"hunter2\xff", "hunter2".repeat(4000).as_bytes()] {
            let refused = read_as("bad", content).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Configuration);
            let shown = format!("{refused} {refused:?} {refused:#?}");
            assert!(shown.contains("anymq-password-"), "{shown}");
            assert!(!shown.contains("hunter2") && !shown.contains("104, 117"), "{shown}");
        }
    }

    #[tokio::test]
    async fn what_is_known_stays() {
        assert!(known(None).await.unwrap().is_none());
        let credentials = known(Some(Credentials::new("till", ""))).await.unwrap().unwrap();
        assert_eq!((credentials.username(), credentials.expose_password()), ("till", ""));
    }
}
