//! What is done, one by one. Every operation can be done in every state, so that a sequence may lose any of its parts:
//! where its subject does not exist it does nothing.

/// A small generator with a good mix: splitmix64.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

pub(crate) const CONNECTIONS: usize = 2;
pub(crate) const SESSIONS: usize = 5;
pub(crate) const CONSUMERS: usize = 7;
/// The last one is that of the dead letters.
pub(crate) const QUEUES: [&str; 3] = ["a", "b", "DLQ"];
pub(crate) const DEAD_LETTERS: usize = 2;
pub(crate) const TOPICS: [&str; 2] = ["t", "u"];
pub(crate) const NAMES: [&str; 2] = ["s", "r"];
pub(crate) const COLORS: [&str; 3] = ["red", "blue", "green"];
pub(crate) const SELECTORS: [&str; 5] = [
    "",
    "color = 'red'",
    "color IN ('red', 'blue')",
    "JMSPriority > 4",
    "color <> 'red' AND JMSPriority < 7",
];

/// Whether a message suits one of the selectors.
pub(crate) fn suits(selector: usize, color: usize, priority: u8) -> bool {
    match selector {
        0 => true,
        1 => color == 0,
        2 => color < 2,
        3 => priority > 4,
        _ => color != 0 && priority < 7,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Auto,
    DupsOk,
    Client,
    Individual,
    Transacted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Queue(usize),
    Topic(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain(Place),
    Durable { topic: usize, name: usize },
    Shared { topic: usize, name: usize },
    SharedDurable { topic: usize, name: usize },
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Consume {
    pub(crate) consumer: usize,
    pub(crate) session: usize,
    pub(crate) kind: Kind,
    pub(crate) selector: usize,
    pub(crate) no_local: bool,
    pub(crate) prefetch: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Send {
    pub(crate) session: usize,
    pub(crate) to: Place,
    pub(crate) color: usize,
    pub(crate) group: Option<usize>,
    pub(crate) priority: u8,
    pub(crate) delay: u32,
    pub(crate) ttl: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    Open {
        session: usize,
        mode: Mode,
    },
    /// By letting go of it, or orderly.
    Close {
        session: usize,
        dropped: bool,
    },
    Reconnect {
        connection: usize,
    },
    Start {
        connection: usize,
    },
    Stop {
        connection: usize,
    },
    Consume(Consume),
    CloseConsumer {
        consumer: usize,
        dropped: bool,
    },
    Unsubscribe {
        session: usize,
        name: usize,
    },
    Send(Send),
    Receive {
        consumer: usize,
    },
    Acknowledge {
        session: usize,
        pick: usize,
    },
    Release {
        session: usize,
        pick: usize,
    },
    Reject {
        session: usize,
        pick: usize,
    },
    Commit {
        session: usize,
    },
    Rollback {
        session: usize,
    },
    Recover {
        session: usize,
    },
    Browse {
        session: usize,
        queue: usize,
        selector: usize,
    },
    /// Moves the clock; when quiet, nobody sees to what is due.
    Advance {
        millis: u32,
        quiet: bool,
    },
}

const MODES: [Mode; 7] = [
    Mode::Auto,
    Mode::DupsOk,
    Mode::Client,
    Mode::Client,
    Mode::Individual,
    Mode::Transacted,
    Mode::Transacted,
];

impl Op {
    fn random(random: &mut Random) -> Self {
        let session = random.below(SESSIONS);
        let consumer = random.below(CONSUMERS);
        let connection = random.below(CONNECTIONS);
        let pick = random.below(8);
        let dropped = random.below(4) == 0;
        match random.below(100) {
            0..3 => Self::Open {
                session,
                mode: random.pick(&MODES),
            },
            3 if random.below(8) == 0 => Self::Reconnect { connection },
            3 => Self::Close { session, dropped },
            4..7 => Self::Start { connection },
            7 if random.below(2) == 0 => Self::Stop { connection },
            7..14 => Self::Consume(Consume::random(random, consumer, session)),
            14..18 => Self::CloseConsumer { consumer, dropped },
            18 => Self::Unsubscribe {
                session,
                name: random.below(NAMES.len()),
            },
            19..48 => Self::Send(Send::random(random, session)),
            48..78 => Self::Receive { consumer },
            78..81 => Self::Acknowledge { session, pick },
            81..84 => Self::Release { session, pick },
            84 => Self::Reject { session, pick },
            85..87 => Self::Commit { session },
            87..90 => Self::Rollback { session },
            90..93 => Self::Recover { session },
            93..95 => Self::Browse {
                session,
                queue: random.below(QUEUES.len()),
                selector: random.below(SELECTORS.len()),
            },
            _ => Self::Advance {
                millis: random.pick(&[1, 2, 5, 20]),
                quiet: random.below(3) == 0,
            },
        }
    }
}

/// The operations of a case. In some more is sent than received, so that much waits.
pub(crate) fn sequence(seed: u64, count: u64) -> Vec<Op> {
    let mut random = Random::new(seed);
    let floods = random.below(8) == 0;
    let mut next = || match Op::random(&mut random) {
        Op::CloseConsumer { .. } | Op::Close { .. } | Op::Acknowledge { .. } | Op::Reconnect { .. } if floods => {
            let session = random.below(SESSIONS);
            let mut more = Send::random(&mut random, session);
            (more.to, more.priority, more.delay, more.group) = (Place::Queue(0), 4, 0, None);
            Op::Send(more)
        }
        op => op,
    };
    (0..count).map(|_| next()).collect()
}

impl Consume {
    fn random(random: &mut Random, consumer: usize, session: usize) -> Self {
        let topic = random.pick(&[0, 0, 0, 1]);
        let name = random.below(NAMES.len());
        let kind = match random.below(10) {
            0..5 => Kind::Plain(Place::Queue(random.pick(&[0, 0, 0, 1, 1, DEAD_LETTERS]))),
            5 => Kind::Plain(Place::Topic(topic)),
            6 | 7 => Kind::Durable { topic, name },
            8 => Kind::Shared { topic, name },
            _ => Kind::SharedDurable { topic, name },
        };
        Self {
            consumer,
            session,
            kind,
            selector: random.pick(&[0, 0, 0, 0, 1, 2, 3, 4]),
            no_local: !matches!(kind, Kind::Plain(Place::Queue(_))) && random.below(8) == 0,
            prefetch: random.pick(&[1, 1, 1, 2, 3, 10]),
        }
    }
}

impl Send {
    fn random(random: &mut Random, session: usize) -> Self {
        let to = match random.below(8) {
            0..3 => Place::Queue(0),
            3..5 => Place::Queue(1),
            5..7 => Place::Topic(0),
            _ => Place::Topic(1),
        };
        Self {
            session,
            to,
            color: random.below(COLORS.len()),
            group: random.pick(&[None, None, None, None, None, Some(0), Some(1)]),
            priority: random.pick(&[4, 4, 4, 4, 0, 1, 2, 3, 5, 6, 7, 8, 9]),
            delay: random.pick(&[0, 0, 0, 0, 0, 0, 1, 3, 10]),
            ttl: random.pick(&[0, 0, 0, 0, 0, 0, 2, 5, 15]),
        }
    }
}
