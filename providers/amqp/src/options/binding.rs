use anymq_api::Result;
use lapin::types::{AMQPValue, FieldTable, ShortString};

use super::asked::Asked;

/// From an exchange that others made to a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) exchange: ShortString,
    /// May hold wildcards, where it binds to a topic exchange.
    pub(crate) key: Option<ShortString>,
    /// What a headers exchange looks for; all texts.
    headers: Vec<(ShortString, String)>,
    /// One of them is enough.
    any: bool,
}

/// The names of its options.
pub(super) const OPTIONS: [&str; 4] = ["exchange", "routing-key", "match", "header.…"];

const MATCHES: [(&str, bool); 2] = [("all", false), ("any", true)];

impl Binding {
    pub(super) fn take(asked: &mut Asked<'_>) -> Result<Option<Self>> {
        let (exchange, key) = (asked.name("exchange")?, asked.name("routing-key")?);
        let (headers, any) = (asked.headers()?, asked.choice("match", &MATCHES)?);
        let Some(exchange) = exchange else {
            return if key.is_some() || any.is_some() || !headers.is_empty() {
                Err(asked.refuse("`routing-key`, `match` and `header.…` need the option `exchange`"))
            } else {
                Ok(None)
            };
        };
        if exchange.as_str().is_empty() {
            return Err(asked.refuse("option `exchange`: it is empty; the default exchange has no bindings"));
        }
        let any = any.unwrap_or(false);
        Ok(Some(Self {
            exchange,
            key,
            headers,
            any,
        }))
    }

    pub(crate) fn arguments(&self) -> FieldTable {
        let mut table = FieldTable::default();
        let mut text = |name: ShortString, value: &str| {
            table.insert(name, AMQPValue::LongString(value.into()));
        };
        for (name, value) in &self.headers {
            text(name.clone(), value);
        }
        if !self.headers.is_empty() {
            text("x-match".into(), if self.any { "any" } else { "all" });
        }
        table
    }
}
