use anymq_api::{Address, Result};
use lapin::{ExchangeKind, types::FieldTable};

use super::{
    asked::Asked,
    binding::{self, Binding},
};

/// What the address of a topic asks for: an exchange of its own choice instead of the one that all topics share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TopicOptions {
    pub(crate) binding: Option<Binding>,
    /// Declared durable and of this kind; else it must exist.
    pub(crate) declare: Option<ExchangeKind>,
}

#[derive(Clone, Copy)]
enum Kind {
    Direct,
    Fanout,
    Topic,
    Headers,
}

const KINDS: [(&str, Kind); 4] = [
    ("direct", Kind::Direct),
    ("fanout", Kind::Fanout),
    ("topic", Kind::Topic),
    ("headers", Kind::Headers),
];

impl From<Kind> for ExchangeKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Direct => Self::Direct,
            Kind::Fanout => Self::Fanout,
            Kind::Topic => Self::Topic,
            Kind::Headers => Self::Headers,
        }
    }
}

impl TopicOptions {
    pub(crate) fn of(address: &Address) -> Result<Self> {
        if address.options().next().is_none() {
            return Ok(Self::default());
        }
        let mut asked = Asked::of(address);
        let binding = Binding::take(&mut asked)?;
        let declare = asked.choice("declare", &KINDS)?.map(ExchangeKind::from);
        if declare.is_some() && binding.is_none() {
            return Err(asked.refuse("the option `declare` needs the option `exchange`"));
        }
        asked.finish(&[&binding::OPTIONS[..], &["declare"]].concat())?;
        Ok(Self { binding, declare })
    }

    /// What a subscription is bound with.
    pub(crate) fn arguments(&self) -> FieldTable {
        self.binding.as_ref().map(Binding::arguments).unwrap_or_default()
    }
}
