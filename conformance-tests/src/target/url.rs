use std::{sync::Arc, time::Duration};

use anymq_api::{BoxError, ConnectionFactory};

use crate::harness::{Harness, Timing};

/// Whatever a connection URL reaches. Nothing is known of it but what its connections declare.
#[derive(Debug)]
pub(super) struct UrlHarness {
    name: String,
    factory: Arc<dyn ConnectionFactory>,
}

/// `name` shows no password.
pub(super) fn start(name: String, url: &str) -> Result<UrlHarness, BoxError> {
    Ok(UrlHarness {
        name,
        factory: anymq::connection_factory(url)?,
    })
}

impl Harness for UrlHarness {
    fn target(&self) -> &str {
        &self.name
    }

    fn factory(&self) -> Arc<dyn ConnectionFactory> {
        Arc::clone(&self.factory)
    }

    fn timing(&self) -> Timing {
        Timing::new(Duration::from_secs(1))
    }
}
