use anymq_api::{ConnectOptions, Result, spi::BrokerUrl};

use crate::error;

/// What a `vm://name` URL says.
#[derive(Debug)]
pub(crate) struct Config {
    /// Which broker of the process.
    pub(crate) name: String,
    /// What the URL chooses for its connections.
    pub(crate) options: ConnectOptions,
}

impl Config {
    pub(crate) fn from_url(url: &BrokerUrl) -> Result<Self> {
        let name = url
            .host()
            .ok_or_else(|| error::configuration("a vm URL names its broker: vm://name"))?;
        if url.port().is_some() {
            return Err(error::configuration("a vm URL has no port"));
        }
        if !url.path().is_empty() {
            return Err(error::configuration("a vm URL has no path"));
        }
        let mut left = url.options();
        let mut options = left.take_connect_options()?;
        left.finish(&[])?;
        options.credentials = options.credentials.or_else(|| url.credentials().cloned());
        Ok(Self {
            name: name.to_owned(),
            options,
        })
    }
}

#[cfg(test)]
mod tests {
    use anymq_api::ErrorKind;

    use super::*;

    fn config(url: &str) -> Result<Config> {
        Config::from_url(&BrokerUrl::parse(url)?)
    }

    #[test]
    fn a_url_gives_name_and_options() {
        let config = config("vm://shop?client-id=till&prefetch=7").unwrap();
        assert_eq!(config.name, "shop");
        assert_eq!(config.options.client_id.as_deref(), Some("till"));
        assert_eq!(config.options.prefetch.map(u32::from), Some(7));
    }

    #[test]
    fn a_password_may_be_in_a_file() {
        let credentials = config("vm://till@shop?password-file=/run/x")
            .unwrap()
            .options
            .credentials;
        let file = credentials.as_ref().and_then(|known| known.password_file());
        assert_eq!(file, Some(std::path::Path::new("/run/x")));
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for url in ["vm://", "vm://shop:1", "vm://shop/queue", "vm://shop?durable=true"] {
            assert_eq!(config(url).unwrap_err().kind(), ErrorKind::Configuration, "{url}");
        }
    }
}
