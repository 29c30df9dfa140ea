use std::fmt;

/// What is put to the test.
///
/// Neither `Display` nor `Debug` show a password.
#[derive(Clone, PartialEq, Eq)]
pub enum TargetSpec {
    /// A target that this crate knows, with its own broker where it needs one.
    Named(String),
    /// Whatever a connection URL reaches.
    Url(String),
}

impl fmt::Display for TargetSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TargetSpec::Named(name) => f.write_str(name),
            TargetSpec::Url(url) => f.write_str(&without_secrets(url)),
        }
    }
}

impl fmt::Debug for TargetSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variant = match self {
            TargetSpec::Named(_) => "Named",
            TargetSpec::Url(_) => "Url",
        };
        f.debug_tuple(variant).field(&self.to_string()).finish()
    }
}

/// The URL, or a list of several, without user information and without what follows a `?`, either of which may hold a
/// password.
fn without_secrets(url: &str) -> String {
    let mut clean = String::with_capacity(url.len());
    let mut rest = url;
    while let Some(scheme) = rest.find("://") {
        let (before, after) = rest.split_at(scheme + 3);
        let end = after.find(['/', '?', '#', ',', ')']).unwrap_or(after.len());
        let host = after[..end].rfind('@').map_or(0, |at| at + 1);
        clean.push_str(&without_query(before));
        clean.push_str(&after[host..end]);
        rest = &after[end..];
    }
    clean.push_str(&without_query(rest));
    clean
}

/// The text without what follows a `?`, up to the end of that URL.
fn without_query(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(mark) = rest.find('?') {
        clean.push_str(&rest[..=mark]);
        clean.push('…');
        let query = &rest[mark + 1..];
        rest = &query[query.find([',', ')']).unwrap_or(query.len())..];
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> String {
        let target = TargetSpec::Url(url.to_owned());
        assert_eq!(format!("{target:?}"), format!("Url({:?})", target.to_string()));
        target.to_string()
    }

    #[test]
    fn names_are_shown() {
        assert_eq!(TargetSpec::Named("in-vm".to_owned()).to_string(), "in-vm");
    }

    #[test]
    fn urls_keep_what_tells_them_apart() {
        assert_eq!(shown("vm://shop"), "vm://shop");
        assert_eq!(shown("amqp://localhost:5672/%2f"), "amqp://localhost:5672/%2f");
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(shown("amqp://guest:s3cret@host/v"), "amqp://host/v");
        assert_eq!(shown("amqp://guest:s3@cret@host"), "amqp://host");
        assert_eq!(shown("mqtt://host?password=s3cret"), "mqtt://host?…");
        assert_eq!(
            shown("failover:(amqp://a:s3cret@one/x?p=s3cret,amqp://b:s3cret@two)?retries=3"),
            "failover:(amqp://one/x?…,amqp://two)?…"
        );
    }
}
