use std::{collections::HashMap, fmt, sync::Arc};

use anymq_api::{Address, Credentials, Error, Result};

use crate::error;

/// What a user may do with a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Consume from it and browse it.
    Read,
    /// Send to it.
    Write,
    /// Both.
    ReadWrite,
}

impl Access {
    fn covers(self, wanted: Self) -> bool {
        self == Self::ReadWrite || self == wanted
    }
}

/// A user of an in-VM broker, who may do what was granted.
///
/// ```
/// use anymq_api::Queue;
/// use anymq_in_vm::{Access, InVmBroker, User};
///
/// let till = User::new("till", "hunter2").with_access(&Queue::new("orders")?, Access::Write);
/// let broker = InVmBroker::builder().with_user(till).build();
/// assert_eq!(broker.stats().connections, 0);
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone)]
pub struct User {
    credentials: Credentials,
    everything: bool,
    granted: Vec<(Address, Access)>,
}

impl User {
    /// One who may do nothing yet, but with temporary destinations.
    pub fn new(name: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            credentials: Credentials::new(name, password),
            everything: false,
            granted: Vec::new(),
        }
    }

    /// Grants access to one destination.
    #[must_use]
    pub fn with_access(mut self, destination: &dyn anymq_api::Destination, access: Access) -> Self {
        self.granted.push((destination.address().clone(), access));
        self
    }

    /// Grants access to every destination.
    #[must_use]
    pub fn with_full_access(mut self) -> Self {
        self.everything = true;
        self
    }

    fn may(&self, address: &Address, wanted: Access) -> bool {
        let granted = || {
            self.granted
                .iter()
                .any(|(to, access)| to == address && access.covers(wanted))
        };
        self.everything || address.kind().is_temporary() || granted()
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("name", &self.credentials.username())
            .finish_non_exhaustive()
    }
}

/// Who may connect; anybody when there are none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Users(HashMap<String, Arc<User>>);

impl Users {
    pub(super) fn add(&mut self, user: User) {
        self.0.insert(user.credentials.username().to_owned(), Arc::new(user));
    }

    /// The user of these credentials; `None` where there are no users.
    pub(super) fn log_in(&self, credentials: Option<&Credentials>) -> Result<Option<Arc<User>>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let known = credentials.and_then(|given| {
            let user = self.0.get(given.username())?;
            (user.credentials.expose_password() == given.expose_password()).then(|| Arc::clone(user))
        });
        known.map(Some).ok_or_else(error::log_in_refused)
    }
}

/// Refuses what a user may not do; where there are no users, anybody may do anything.
pub(super) fn check(user: Option<&User>, address: &Address, wanted: Access) -> Result<(), Error> {
    match user {
        Some(user) if !user.may(address, wanted) => Err(error::access_refused(user.credentials.username(), address)),
        _ => Ok(()),
    }
}
