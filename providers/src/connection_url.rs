use anymq_api::{
    Credentials, Result,
    spi::{BrokerUrl, FailoverUrl, UrlOptions},
};

/// The URL of a connection: of one broker, or of several that stand in for each other.
#[derive(Clone, Debug)]
pub(crate) enum ConnectionUrl {
    One(BrokerUrl),
    Several(FailoverUrl),
}

impl ConnectionUrl {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        if FailoverUrl::is_meant(text) {
            return FailoverUrl::parse(text).map(Self::Several);
        }
        BrokerUrl::parse(text).map(Self::One)
    }

    /// The connection's options.
    pub(crate) fn options(&self) -> UrlOptions {
        match self {
            Self::One(url) => url.options(),
            Self::Several(url) => url.options(),
        }
    }

    /// The first that it gives.
    pub(crate) fn credentials(&self) -> Option<&Credentials> {
        match self {
            Self::One(url) => url.credentials(),
            Self::Several(url) => url.brokers().iter().find_map(BrokerUrl::credentials),
        }
    }
}
