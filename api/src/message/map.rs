use std::{collections::BTreeMap, sync::Arc};

use crate::Value;

/// The body of a map message. JMS: `MapMessage`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map(Arc<BTreeMap<String, Value>>);
