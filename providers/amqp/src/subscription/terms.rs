use anymq_api::{Address, spi::SubscribeSpec};
use anymq_wire::Digest;
use lapin::types::{AMQPValue, FieldTable};

/// How much of a selector is shown with its queue, in characters.
const SHOWN: usize = 500;

/// How long a non-durable subscription outlives the crash of its last consumer, in ms.
pub(super) const EXPIRES: i64 = 60_000;

/// What the names of both limits begin with.
pub(super) const LIMIT: &str = "x-max-length";

/// More than any queue ever holds.
const ENDLESS: u64 = 1 << 61;

/// What a named subscription was made with. Another topic, selector or no-local makes it another one.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    topic: Address,
    selector: Option<String>,
    no_local: bool,
}

impl Terms {
    pub(super) fn of(spec: &SubscribeSpec) -> Self {
        Self {
            topic: spec.destination.clone(),
            selector: spec.selector.clone(),
            no_local: spec.no_local,
        }
    }

    pub(super) fn topic(&self) -> &Address {
        &self.topic
    }

    /// The arguments of its queue. The broker compares the limits of a queue that exists with those of a declaration,
    /// so a digest in the place of limits that are never reached makes it refuse other terms, with nothing in between.
    /// What begins with `x-anymq-` it does not compare; that is for people. One that does not `last` expires.
    pub(super) fn arguments(&self, lasts: bool) -> FieldTable {
        let mut table = FieldTable::default();
        let [high, low] = self.limits();
        table.insert("x-queue-type".into(), text("classic"));
        table.insert(LIMIT.into(), AMQPValue::LongLongInt(high));
        table.insert(format!("{LIMIT}-bytes").into(), AMQPValue::LongLongInt(low));
        if !lasts {
            table.insert("x-expires".into(), AMQPValue::LongLongInt(EXPIRES));
        }
        table.insert("x-anymq-topic".into(), text(&self.topic.to_string()));
        if let Some(selector) = &self.selector {
            let shown: String = selector.chars().take(SHOWN).collect();
            table.insert("x-anymq-selector".into(), text(&shown));
        }
        table.insert("x-anymq-no-local".into(), AMQPValue::Boolean(self.no_local));
        table
    }

    /// Two halves of the digest as numbers that are no limits.
    fn limits(&self) -> [i64; 2] {
        let digest = Digest::default()
            .text(Some(&self.topic.to_string()))
            .text(self.selector.as_deref())
            .flag(self.no_local)
            .value();
        [digest >> 64, digest].map(|half| {
            let half = u64::try_from(half & u128::from(ENDLESS - 1)).unwrap_or_default();
            i64::try_from(ENDLESS | half).unwrap_or(i64::MAX)
        })
    }
}

fn text(text: &str) -> AMQPValue {
    AMQPValue::LongString(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(topic: &str, selector: Option<&str>, no_local: bool) -> Terms {
        Terms {
            topic: topic.parse().unwrap(),
            selector: selector.map(str::to_owned),
            no_local,
        }
    }

    #[test]
    fn each_of_the_terms_counts() {
        let mut all = vec![
            terms("topic:a", None, false),
            terms("topic:b", None, false),
            terms("temp-topic:a", None, false),
            terms("topic:a", Some("n = 1"), false),
            terms("topic:a", Some("n=1"), false),
            terms("topic:a", None, true),
        ];
        let count = all.len();
        all.sort_by_key(Terms::limits);
        all.dedup_by_key(|terms| terms.limits());
        assert_eq!(all.len(), count);
        assert_eq!(
            terms("topic:a", Some("x"), true).limits(),
            terms("topic:a", Some("x"), true).limits()
        );
    }

    #[test]
    fn the_limits_are_none() {
        let limits = terms("topic:a", None, false).limits();
        assert!(limits.iter().all(|limit| *limit >= 1 << 61));
    }

    #[test]
    fn long_selectors_are_not_shown_in_full() {
        let long = terms("topic:a", Some(&"ü".repeat(70_000)), false).arguments(true);
        let shown = long.inner().get("x-anymq-selector");
        assert_eq!(shown, Some(&text(&"ü".repeat(SHOWN))));
    }
}
