use std::{
    fmt,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};

/// A user name and password. The password shows in no output.
#[derive(Clone)]
pub struct Credentials {
    username: String,
    password: Password,
}

#[derive(Clone)]
enum Password {
    Text(SecretString),
    File(PathBuf),
}

impl Credentials {
    /// Joins the two.
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            password: Password::Text(SecretString::from(password.into())),
        }
    }

    /// A user name, and the file that holds the password: UTF-8 of at most 16 KiB, where one line break at the end does
    /// not count. It is read anew each time a connection is made, so the password may change.
    pub fn with_password_file(username: impl Into<String>, file: impl Into<PathBuf>) -> Self {
        Self {
            username: username.into(),
            password: Password::File(file.into()),
        }
    }

    /// The user name.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The password, for a driver that is about to log in. Empty as long as it is in a file; in what a driver is given
    /// it has been read.
    pub fn expose_password(&self) -> &str {
        match &self.password {
            Password::Text(password) => password.expose_secret(),
            Password::File(_) => "",
        }
    }

    /// The file that holds the password, unless it is known already.
    pub fn password_file(&self) -> Option<&Path> {
        match &self.password {
            Password::Text(_) => None,
            Password::File(file) => Some(file),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({}, [redacted])", self.username)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_no_password() {
        let credentials = Credentials::with_password_file("till", "/run/secrets/x");
        assert_eq!(credentials.expose_password(), "");
        assert_eq!(credentials.password_file(), Some(Path::new("/run/secrets/x")));
        assert_eq!(format!("{credentials:?}"), "Credentials(till, [redacted])");
        assert_eq!(Credentials::new("till", "x").password_file(), None);
    }
}
