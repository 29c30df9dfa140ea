use std::fmt;

/// The versions of STOMP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 1.0: headers cannot be escaped.
    V1_0,
    /// 1.1: line feeds, colons and backslashes are.
    V1_1,
    /// 1.2: carriage returns as well, and lines may end with them.
    V1_2,
}

impl Version {
    /// All of them, as a client offers them.
    pub const OFFER: &'static str = "1.0,1.1,1.2";

    /// What a server's `version` header says; it is missing in 1.0.
    pub fn of_server(header: Option<&str>) -> Option<Self> {
        match header {
            None | Some("1.0") => Some(Self::V1_0),
            Some("1.1") => Some(Self::V1_1),
            Some("1.2") => Some(Self::V1_2),
            Some(_) => None,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
            Self::V1_2 => "1.2",
        })
    }
}
