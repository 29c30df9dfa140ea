//! Who sends and receives what in a run, by number.

use anymq_api::{AckMode, Capabilities, Capability};

use super::Asking;
use crate::fault::{Dice, oracle::Rules};

/// Who takes part in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cast {
    /// Over how many connections.
    pub connections: usize,
    /// Destinations with all that happens there.
    pub lanes: Vec<Lane>,
    /// Who asks for replies.
    pub asking: Vec<Asking>,
}

/// One destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Who sends there. Nobody does where messages come by a relay.
    pub producers: Vec<Sending>,
    /// What it delivers: one stream for a queue, one for each durable subscription to a topic.
    pub streams: Vec<Stream>,
    /// Whether it is a topic.
    pub topic: bool,
    /// What the broker promises of it.
    pub promises: Promises,
}

/// What a broker promises of what it delivers again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promises {
    /// It is flagged.
    pub flagged: bool,
    /// After an outage it comes in order.
    pub keeps_order: bool,
    /// So much is delivered ahead, whatever the prefetch.
    pub window: u32,
}

/// How somebody sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sending {
    /// In which way.
    pub style: SendingStyle,
    /// How many messages; without an end when `None`.
    pub count: Option<u32>,
    /// How long they are.
    pub padding: usize,
    /// Whether some are so long that they travel in pieces.
    pub some_large: bool,
}

/// In which way somebody sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendingStyle {
    /// One after the other, each confirmed before the next.
    Single,
    /// So many before the first is confirmed.
    Pipelined(u32),
    /// So many to a transaction.
    Transacted(u32),
}

/// What one queue or subscription delivers, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Those that share it.
    pub consumers: Vec<Receiving>,
}

/// How somebody receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receiving {
    /// In which way.
    pub style: ReceivingStyle,
    /// How many are acknowledged together.
    pub batch: u32,
    /// How many are delivered ahead.
    pub prefetch: u32,
}

/// In which way somebody receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceivingStyle {
    /// Acknowledged by themselves.
    Auto,
    /// Acknowledged together, by the last one.
    Client,
    /// Acknowledged one by one, in any order.
    Individual,
    /// In transactions.
    Transacted,
    /// By a listener.
    Listener,
    /// In transactions that pass on what they received, to this lane.
    Relay(usize),
}

const PURPOSE: u64 = 2;

impl Cast {
    /// Who takes part in the run of this number, with so many messages in all (or without an end), as far as the
    /// provider can.
    pub fn of(seed: u64, messages: Option<u32>, capabilities: &Capabilities) -> Self {
        let mut casting = Casting {
            dice: Dice::new(seed, PURPOSE),
            transactions: capabilities.supports(Capability::Transactions),
            client: capabilities.supports(Capability::ClientAck),
            individual: capabilities.supports(Capability::IndividualAck),
        };
        let durable = capabilities.supports(Capability::DurableSubscriptions) && casting.dice.chance(50);
        let relay = casting.transactions && casting.dice.chance(60);
        let lanes = 2 + u32::from(durable) + u32::from(relay);
        let share = |lane: u32| messages.map(|all| all / lanes + u32::from(lane < all % lanes));
        let mut cast = Self {
            connections: casting.dice.between(1, 3) as usize,
            lanes: vec![casting.lane(share(0), 1, 1), casting.lane(share(1), 2, 1)],
            asking: Asking::of(seed, capabilities),
        };
        if durable {
            let streams = casting.dice.between(1, 2) as usize;
            let topic = Lane {
                topic: true,
                ..casting.lane(share(2), 1, streams)
            };
            cast.lanes.push(topic);
        }
        if relay {
            let to = cast.lanes.len() + 1;
            let mut from = casting.lane(share(lanes - 1), 1, 1);
            from.streams = vec![Stream {
                consumers: vec![casting.receiving(ReceivingStyle::Relay(to))],
            }];
            let mut last = casting.lane(Some(0), 1, 1);
            last.producers.clear();
            cast.lanes.extend([from, last]);
        }
        if !capabilities.supports(Capability::Queues) && capabilities.supports(Capability::DurableSubscriptions) {
            cast.lanes.iter_mut().for_each(Lane::make_topic);
        }
        cast
    }

    /// The same at a broker that promises this of its queues, and that of its topics.
    #[must_use]
    pub fn with_promises(mut self, of_queues: Promises, of_topics: Promises) -> Self {
        for lane in &mut self.lanes {
            lane.promises = if lane.topic { of_topics } else { of_queues };
        }
        self
    }

    /// The streams of a lane, as they are numbered throughout.
    pub fn streams_of(&self, lane: usize) -> Vec<usize> {
        let before: usize = self.lanes.iter().take(lane).map(|lane| lane.streams.len()).sum();
        let count = self.lanes.get(lane).map_or(0, |lane| lane.streams.len());
        (before..before + count).collect()
    }

    /// What the streams are held to, in their order.
    pub fn rules(&self) -> Vec<Rules> {
        let lanes = self.lanes.iter().enumerate();
        let streams = lanes.flat_map(|(number, lane)| {
            let relayed = lane.producers.is_empty();
            let promises = lane.promises;
            let streams = lane.streams.iter().enumerate();
            streams.map(move |(index, stream)| stream.rules(number, index, relayed, promises))
        });
        streams.collect()
    }

    /// Streams whose messages are passed on, and where they arrive.
    pub fn relays(&self) -> Vec<(usize, usize)> {
        let mut relays = Vec::new();
        for (number, lane) in self.lanes.iter().enumerate() {
            for (stream, index) in lane.streams.iter().zip(self.streams_of(number)) {
                for consumer in &stream.consumers {
                    if let ReceivingStyle::Relay(to) = consumer.style {
                        relays.extend(self.streams_of(to).first().map(|&to| (index, to)));
                    }
                }
            }
        }
        relays
    }
}

impl Lane {
    /// The same by durable subscriptions, which have one consumer each.
    fn make_topic(&mut self) {
        self.topic = true;
        for stream in &mut self.streams {
            stream.consumers.truncate(1);
        }
    }
}

impl Stream {
    fn rules(&self, lane: usize, index: usize, relayed: bool, promises: Promises) -> Rules {
        let most = |of: fn(&Receiving) -> u32| self.consumers.iter().map(of).max().unwrap_or(0);
        let ahead = most(|consumer| consumer.prefetch).max(promises.window);
        let styles: Vec<_> = self.consumers.iter().map(|consumer| consumer.style).collect();
        Rules {
            name: format!("lane {lane} stream {index} {styles:?}"),
            // What may be unsettled at the broker is what it delivers ahead, and what the application has not settled.
            window: 2 * (ahead + most(|consumer| consumer.batch)) + 4,
            // A relay that repeats a transaction changes the order.
            ordered: self.consumers.len() == 1 && !relayed,
            keeps_order: promises.keeps_order,
            flagged: promises.flagged,
        }
    }
}

impl ReceivingStyle {
    /// The session's mode for it.
    pub const fn mode(self) -> AckMode {
        match self {
            Self::Auto | Self::Listener => AckMode::Auto,
            Self::Client => AckMode::Client,
            Self::Individual => AckMode::Individual,
            Self::Transacted | Self::Relay(_) => AckMode::Transacted,
        }
    }
}

struct Casting {
    dice: Dice,
    transactions: bool,
    client: bool,
    individual: bool,
}

impl Casting {
    fn lane(&mut self, messages: Option<u32>, consumers: usize, streams: usize) -> Lane {
        let senders = self.dice.between(1, 2);
        let share = |sender: u32| messages.map(|all| all / senders + u32::from(sender < all % senders));
        Lane {
            producers: (0..senders).map(|sender| self.sending(share(sender))).collect(),
            streams: (0..streams).map(|_| self.stream(consumers)).collect(),
            topic: false,
            promises: Promises {
                flagged: true,
                keeps_order: true,
                window: 0,
            },
        }
    }

    fn sending(&mut self, count: Option<u32>) -> Sending {
        let style = match self.dice.between(1, 100) {
            1..=30 if self.transactions => SendingStyle::Transacted(self.dice.between(1, 10)),
            31..=65 => SendingStyle::Pipelined(self.dice.between(2, 50)),
            _ => SendingStyle::Single,
        };
        Sending {
            style,
            count,
            padding: self.dice.one_of([0, 20, 200, 2000]),
            some_large: self.dice.chance(20),
        }
    }

    fn stream(&mut self, consumers: usize) -> Stream {
        let consumers = (0..consumers).map(|_| {
            let style = self.style();
            self.receiving(style)
        });
        Stream {
            consumers: consumers.collect(),
        }
    }

    fn style(&mut self) -> ReceivingStyle {
        match self.dice.between(1, 100) {
            1..=20 if self.client => ReceivingStyle::Client,
            21..=40 if self.individual => ReceivingStyle::Individual,
            41..=60 if self.transactions => ReceivingStyle::Transacted,
            61..=80 => ReceivingStyle::Listener,
            _ => ReceivingStyle::Auto,
        }
    }

    fn receiving(&mut self, style: ReceivingStyle) -> Receiving {
        Receiving {
            style,
            batch: self.dice.between(1, 12),
            prefetch: self.dice.one_of([1, 5, 20, 100]),
        }
    }
}

#[cfg(test)]
mod tests {
    use anymq_api::Support;

    use super::*;

    fn everything() -> Capabilities {
        Capabilities::none().with_all(Capability::ALL, Support::Native)
    }

    fn messages(cast: &Cast) -> u32 {
        let producers = cast.lanes.iter().flat_map(|lane| &lane.producers);
        producers.filter_map(|producer| producer.count).sum()
    }

    #[test]
    fn a_number_stands_for_the_same_cast() {
        let cast = |seed| Cast::of(seed, Some(1000), &everything());
        assert_eq!(cast(4), cast(4));
        assert_ne!(cast(4), cast(5));
    }

    #[test]
    fn a_hundred_numbers_have_everything() {
        let casts: Vec<_> = (1..=100)
            .map(|seed| Cast::of(seed, Some(1000), &everything()))
            .collect();
        assert!(casts.iter().all(|cast| messages(cast) == 1000));
        let consumers = || {
            let lanes = casts.iter().flat_map(|cast| &cast.lanes);
            lanes
                .flat_map(|lane| &lane.streams)
                .flat_map(|stream| &stream.consumers)
        };
        for mode in [AckMode::Auto, AckMode::Client, AckMode::Individual, AckMode::Transacted] {
            assert!(consumers().any(|consumer| consumer.style.mode() == mode), "{mode}");
        }
        assert!(consumers().any(|consumer| consumer.style == ReceivingStyle::Listener));
        assert!(casts.iter().any(|cast| cast.lanes.iter().any(|lane| lane.topic)));
        let relays: Vec<_> = casts.iter().flat_map(Cast::relays).collect();
        assert!(relays.iter().all(|(from, to)| from < to) && relays.len() > 20);
    }

    #[test]
    fn without_queues_there_are_topics() {
        let capabilities = everything().with(Capability::Queues, Support::Unsupported);
        for seed in 1..=100 {
            let cast = Cast::of(seed, Some(1000), &capabilities);
            assert_eq!(messages(&cast), 1000);
            assert!(cast.asking.is_empty() && cast.lanes.iter().all(|lane| lane.topic));
            let mut streams = cast.lanes.iter().flat_map(|lane| &lane.streams);
            assert!(streams.all(|stream| stream.consumers.len() == 1));
        }
    }

    #[test]
    fn only_what_is_declared_is_used() {
        let nothing = Capabilities::none();
        for seed in 1..=100 {
            let cast = Cast::of(seed, Some(1000), &nothing);
            assert_eq!((messages(&cast), cast.lanes.len()), (1000, 2));
            for consumer in cast
                .lanes
                .iter()
                .flat_map(|lane| &lane.streams)
                .flat_map(|it| &it.consumers)
            {
                assert_eq!(consumer.style.mode(), AckMode::Auto);
            }
        }
    }
}
