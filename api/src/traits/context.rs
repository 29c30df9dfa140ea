use std::convert::Infallible;

/// Connection and session in one: the simplified API. JMS: `JMSContext`.
///
/// No provider offers it yet ([`Capability::SimplifiedApi`](crate::Capability::SimplifiedApi)), so no value exists.
#[derive(Debug)]
pub struct Context(Infallible);

/// A session that takes part in distributed transactions. JMS: `XASession`.
///
/// No provider offers it yet ([`Capability::Xa`](crate::Capability::Xa)), so no value exists.
#[derive(Debug)]
pub struct XaSession(Infallible);
