use anymq_api::{Address, Priority, Result};
use lapin::types::{AMQPValue, FieldTable, ShortString};

use super::{
    asked::Asked,
    binding::{self, Binding},
};

/// What the address of a queue asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct QueueOptions {
    pub(crate) kind: Option<QueueKind>,
    /// At most so many messages.
    pub(crate) max_length: Option<u32>,
    /// At most so many bytes of bodies.
    pub(crate) max_bytes: Option<u32>,
    /// What becomes of more.
    pub(crate) overflow: Option<Overflow>,
    pub(crate) single_active_consumer: bool,
    /// How many levels above 0 are told apart.
    pub(crate) max_priority: Option<u32>,
    /// A quorum queue gives a message up after so many deliveries.
    pub(crate) delivery_limit: Option<u32>,
    pub(crate) dead_letter: Option<DeadLetter>,
    /// It must exist, and is used as it is.
    pub(crate) passive: bool,
    pub(crate) binding: Option<Binding>,
}

/// The queue types of the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueueKind {
    Classic,
    Quorum,
}

/// What a full queue does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overflow {
    DropHead,
    RejectPublish,
    RejectPublishDlx,
}

impl QueueKind {
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let known = KINDS.iter().find(|(known, _)| *known == word);
        known.map(|(_, kind)| *kind)
    }
}

impl Overflow {
    const fn word(self) -> &'static str {
        match self {
            Self::DropHead => "drop-head",
            Self::RejectPublish => "reject-publish",
            Self::RejectPublishDlx => "reject-publish-dlx",
        }
    }
}

/// Where the broker itself puts what the queue gives up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeadLetter {
    pub(crate) exchange: ShortString,
    /// The message's own when `None`.
    pub(crate) key: Option<ShortString>,
}

const OPTIONS: [&str; 10] = [
    "kind",
    "max-length",
    "max-bytes",
    "overflow",
    "single-active-consumer",
    "max-priority",
    "delivery-limit",
    "dead-letter-exchange",
    "dead-letter-routing-key",
    "passive",
];

const KINDS: [(&str, QueueKind); 2] = [("classic", QueueKind::Classic), ("quorum", QueueKind::Quorum)];

const OVERFLOWS: [(&str, Overflow); 3] = [
    (Overflow::DropHead.word(), Overflow::DropHead),
    (Overflow::RejectPublish.word(), Overflow::RejectPublish),
    (Overflow::RejectPublishDlx.word(), Overflow::RejectPublishDlx),
];

/// The broker's own bound for lengths and sizes is higher; this is enough for 4 billion.
const MOST: u32 = u32::MAX;

impl QueueOptions {
    pub(crate) fn of(address: &Address) -> Result<Self> {
        if address.options().next().is_none() {
            return Ok(Self::default());
        }
        let mut asked = Asked::of(address);
        let options = Self {
            kind: asked.choice("kind", &KINDS)?,
            max_length: asked.number("max-length", 0, MOST)?,
            max_bytes: asked.number("max-bytes", 0, MOST)?,
            overflow: asked.choice("overflow", &OVERFLOWS)?,
            single_active_consumer: asked.flag("single-active-consumer")?,
            max_priority: asked.number("max-priority", 1, 255)?,
            delivery_limit: asked.number("delivery-limit", 0, MOST)?,
            dead_letter: DeadLetter::take(&mut asked)?,
            passive: asked.flag("passive")?,
            binding: Binding::take(&mut asked)?,
        };
        options.check(&asked)?;
        asked.finish(&[&OPTIONS[..], &binding::OPTIONS].concat())?;
        Ok(options)
    }

    /// Whether the queue is declared with the default arguments, and used as it is where it has others.
    pub(crate) fn is_lenient(&self) -> bool {
        let unbound = Self {
            binding: None,
            ..self.clone()
        };
        unbound == Self::default()
    }

    /// With the kind that is usual, where it says none and the rest goes with it.
    #[must_use]
    pub(crate) fn usually(mut self, kind: QueueKind) -> Self {
        let is_classic = self.max_priority.is_some() || self.overflow == Some(Overflow::RejectPublishDlx);
        if self.kind.is_none() && !self.passive && !is_classic {
            self.kind = Some(kind);
        }
        self
    }

    pub(crate) fn is_quorum(&self) -> bool {
        self.kind == Some(QueueKind::Quorum)
    }

    /// Whether the broker tells all ten priorities apart.
    pub(crate) fn has_priorities(&self) -> bool {
        self.max_priority
            .is_some_and(|most| most >= Priority::HIGHEST.level().into())
    }

    fn check(&self, asked: &Asked<'_>) -> Result<()> {
        let declared = Self {
            passive: false,
            binding: None,
            ..self.clone()
        };
        let problem = if self.passive && declared != Self::default() {
            "a queue that is only looked up (`passive`) cannot be given other properties"
        } else if self.is_quorum() && self.max_priority.is_some() {
            "quorum queues have no priorities: `max-priority` needs `kind=classic`"
        } else if self.is_quorum() && self.overflow == Some(Overflow::RejectPublishDlx) {
            "quorum queues know no `overflow=reject-publish-dlx`"
        } else if !self.is_quorum() && self.delivery_limit.is_some() {
            "only quorum queues count deliveries: `delivery-limit` needs `kind=quorum`"
        } else {
            return Ok(());
        };
        Err(asked.refuse(problem))
    }

    /// What it is declared with.
    pub(crate) fn arguments(&self) -> FieldTable {
        let mut table = FieldTable::default();
        let mut number = |name: &'static str, value: Option<u32>| {
            if let Some(value) = value {
                table.insert(name.into(), AMQPValue::LongLongInt(value.into()));
            }
        };
        number("x-max-length", self.max_length);
        number("x-max-length-bytes", self.max_bytes);
        number("x-max-priority", self.max_priority);
        number("x-delivery-limit", self.delivery_limit);
        let mut text = |name: &'static str, value: &str| {
            table.insert(name.into(), AMQPValue::LongString(value.into()));
        };
        // Without it the broker makes a classic one; naming it would differ from what others declare.
        if self.is_quorum() {
            text("x-queue-type", "quorum");
        }
        if let Some(overflow) = self.overflow {
            text("x-overflow", overflow.word());
        }
        if let Some(dead_letter) = &self.dead_letter {
            text("x-dead-letter-exchange", dead_letter.exchange.as_str());
            if let Some(key) = &dead_letter.key {
                text("x-dead-letter-routing-key", key.as_str());
            }
        }
        if self.single_active_consumer {
            table.insert("x-single-active-consumer".into(), AMQPValue::Boolean(true));
        }
        table
    }
}

impl DeadLetter {
    fn take(asked: &mut Asked<'_>) -> Result<Option<Self>> {
        let exchange = asked.name("dead-letter-exchange")?;
        let key = asked.name("dead-letter-routing-key")?;
        match exchange {
            Some(exchange) => Ok(Some(Self { exchange, key })),
            None if key.is_some() => {
                Err(asked.refuse("the option `dead-letter-routing-key` needs the option `dead-letter-exchange`"))
            }
            None => Ok(None),
        }
    }
}
