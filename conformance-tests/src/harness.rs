//! What a provider brings to be judged.

use std::{fmt::Debug, sync::Arc, time::Duration};

use anymq_api::{Capability, ConnectionFactory};
use async_trait::async_trait;

use crate::checklist::Ability;

/// How long a run waits for what; all of it is multiplied by the environment's `ANYMQ_TIME_FACTOR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// For something that must happen.
    pub wait: Duration,
    /// For something that must not happen.
    pub quiet: Duration,
    /// How far two clocks may be apart.
    pub margin: Duration,
}

impl Timing {
    /// Ten seconds for what must happen, `quiet` for what must not, a quarter of a second between clocks.
    pub fn new(quiet: Duration) -> Self {
        let factor = std::env::var("ANYMQ_TIME_FACTOR").ok();
        let factor = factor.and_then(|text| text.parse::<u32>().ok()).unwrap_or(1).max(1);
        Self {
            wait: Duration::from_secs(10) * factor,
            quiet: quiet * factor,
            margin: Duration::from_millis(250) * factor,
        }
    }
}

/// A capability that a provider does not declare, and why.
pub type Undeclared = (Capability, &'static str);

/// A provider with its broker, ready to be judged. Ending it ends what it started.
///
/// The abilities have defaults, which are none: a provider's author adds what the broker allows.
#[async_trait]
pub trait Harness: Debug + Send + Sync {
    /// The name in reports.
    fn target(&self) -> &str;

    /// Connections as a user would make them, with default options.
    fn factory(&self) -> Arc<dyn ConnectionFactory>;

    /// How long to wait.
    fn timing(&self) -> Timing;

    /// What the provider's documentation lists as not declared; `None` when there is no such table to hold it to.
    fn undeclared(&self) -> Option<&'static [Undeclared]> {
        None
    }

    /// What the harness can do.
    fn abilities(&self) -> &'static [Ability] {
        &[]
    }

    /// [`Ability::BadCredentials`]: connections with credentials that the broker rejects.
    fn with_bad_credentials(&self) -> Option<Arc<dyn ConnectionFactory>> {
        None
    }

    /// [`Ability::AdminClientId`]: connections whose client identifier is configured.
    fn with_configured_client_id(&self, client_id: &str) -> Option<Arc<dyn ConnectionFactory>> {
        let _ = client_id;
        None
    }

    /// Ends what it started, in order.
    async fn end(&self) {}
}
