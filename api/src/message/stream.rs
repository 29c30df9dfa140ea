use std::sync::Arc;

use crate::Value;

/// The body of a stream message. JMS: `StreamMessage`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stream(Arc<Vec<Value>>);
