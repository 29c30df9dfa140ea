use std::{num::NonZeroU32, time::Duration};

use super::{Credentials, ReconnectPolicy, RedeliveryPolicy};
use crate::Capability;

/// The choices of one connection. What is not given comes from the factory, and at last from the defaults below.
///
/// Every time-out is finite unless it is set otherwise.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// Who connects, for durable subscriptions: at most 255 bytes, no control character. JMS: the client identifier.
    pub client_id: Option<String>,
    /// User name and password.
    pub credentials: Option<Credentials>,
    /// What the provider must be able to do; connecting fails otherwise.
    pub required: Vec<Capability>,
    /// How many messages a consumer may be delivered ahead of the application; 100 by default.
    pub prefetch: Option<NonZeroU32>,
    /// How long connecting may take; 10 s by default.
    pub connect_timeout: Option<Duration>,
    /// How long the broker may take to answer a request or confirm a send; 30 s by default.
    pub request_timeout: Option<Duration>,
    /// How long closing may take before what is left is abandoned; 10 s by default.
    pub close_timeout: Option<Duration>,
    /// How often, and how soon, a message that failed comes again; without a limit and at once by default.
    pub redelivery: Option<RedeliveryPolicy>,
    /// Whether, and how, a lost link is made again; not by default, and for ever where there are several hosts.
    pub reconnect: Option<ReconnectPolicy>,
}

impl ConnectOptions {
    /// Nothing chosen.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the client identifier. JMS: `Connection.setClientID`.
    #[must_use]
    pub fn with_client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// Sets user name and password. JMS: `createConnection(userName, password)`.
    #[must_use]
    pub fn with_credentials(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials = Some(Credentials::new(username, password));
        self
    }

    /// Makes connecting fail when the provider cannot do this.
    #[must_use]
    pub fn require(mut self, capability: Capability) -> Self {
        self.required.push(capability);
        self
    }

    /// Sets the prefetch of the connection's consumers.
    #[must_use]
    pub fn with_prefetch(mut self, prefetch: NonZeroU32) -> Self {
        self.prefetch = Some(prefetch);
        self
    }

    /// Sets how long connecting may take.
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// Sets how long the broker may take to answer.
    #[must_use]
    pub fn with_request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = Some(timeout);
        self
    }

    /// Sets how long closing may take.
    #[must_use]
    pub fn with_close_timeout(mut self, timeout: Duration) -> Self {
        self.close_timeout = Some(timeout);
        self
    }

    /// Sets how often, and how soon, a message that failed comes again; a limit needs
    /// [`Capability::DeadLetters`].
    #[must_use]
    pub fn with_redelivery(mut self, policy: RedeliveryPolicy) -> Self {
        self.redelivery = Some(policy);
        self
    }

    /// Makes the connection outlive its link.
    #[must_use]
    pub fn with_reconnect(mut self, policy: ReconnectPolicy) -> Self {
        self.reconnect = Some(policy);
        self
    }

    /// Nothing else is chosen.
    pub(crate) fn is_only_credentials(&self) -> bool {
        let Self {
            client_id: None,
            credentials: _,
            required,
            prefetch: None,
            connect_timeout: None,
            request_timeout: None,
            close_timeout: None,
            redelivery: None,
            reconnect: None,
        } = self
        else {
            return false;
        };
        required.is_empty()
    }

    /// These choices, and `fallback`'s where there is none; requirements add up, and policies are joined choice by
    /// choice.
    #[must_use]
    pub fn or(self, fallback: &Self) -> Self {
        let mut required = self.required;
        required.extend(&fallback.required);
        Self {
            client_id: self.client_id.or_else(|| fallback.client_id.clone()),
            credentials: self.credentials.or_else(|| fallback.credentials.clone()),
            required,
            prefetch: self.prefetch.or(fallback.prefetch),
            connect_timeout: self.connect_timeout.or(fallback.connect_timeout),
            request_timeout: self.request_timeout.or(fallback.request_timeout),
            close_timeout: self.close_timeout.or(fallback.close_timeout),
            redelivery: match (self.redelivery, fallback.redelivery) {
                (Some(policy), Some(fallback)) => Some(policy.or(&fallback)),
                (policy, fallback) => policy.or(fallback),
            },
            reconnect: match (self.reconnect, fallback.reconnect) {
                (Some(policy), Some(fallback)) => Some(policy.or(&fallback)),
                (policy, fallback) => policy.or(fallback),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_password() {
        let options = ConnectOptions::new().with_credentials("till", "hunter2");
        let text = format!("{options:?}");
        assert!(text.contains("till") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn redelivery_policies_are_joined() {
        let (one, second) = (NonZeroU32::MIN, Duration::from_secs(1));
        let limit = ConnectOptions::new().with_redelivery(RedeliveryPolicy::new().with_max_deliveries(one));
        let delay = ConnectOptions::new().with_redelivery(RedeliveryPolicy::new().with_delay(second));
        let both = RedeliveryPolicy::new().with_max_deliveries(one).with_delay(second);
        assert_eq!(limit.clone().or(&delay).redelivery, Some(both));
        assert_eq!(ConnectOptions::new().or(&delay).redelivery, delay.redelivery);
        assert_eq!(limit.clone().or(&ConnectOptions::new()).redelivery, limit.redelivery);
        assert_eq!(ConnectOptions::new().or(&ConnectOptions::new()).redelivery, None);
    }
}
