use anymq_api::Result;
use lapin::types::ShortString;

use super::asked::Asked;

/// From an exchange that others made to a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) exchange: ShortString,
    /// May hold wildcards, where it binds to a topic exchange.
    pub(crate) key: Option<ShortString>,
}

/// The names of its options.
pub(super) const OPTIONS: [&str; 2] = ["exchange", "routing-key"];

impl Binding {
    pub(super) fn take(asked: &mut Asked<'_>) -> Result<Option<Self>> {
        let (exchange, key) = (asked.name("exchange")?, asked.name("routing-key")?);
        match exchange {
            Some(exchange) if exchange.as_str().is_empty() => {
                Err(asked.refuse("option `exchange`: it is empty; the default exchange has no bindings"))
            }
            Some(exchange) => Ok(Some(Self { exchange, key })),
            None if key.is_some() => Err(asked.refuse("the option `routing-key` needs the option `exchange`")),
            None => Ok(None),
        }
    }
}
