//! The AMQP 0-9-1 provider of anymq, for RabbitMQ 3.10 and later, on [lapin](https://docs.rs/lapin).
//!
//! # URLs
//!
//! `amqp://user:password@host:port/vhost?option=value`. The port is 5672 and the credentials are `guest`/`guest` unless
//! given; no path, `/` and `/%2f` all mean the virtual host `/`. Beside the options that every provider has there are
//! `heartbeat` (`10s` by default, in whole seconds; `0s` leaves it to the broker): a dead link is found after twice that
//! time; `dead-letters`, the queue where messages go that are given up (`DLQ` by default); and `queue-kind`, what queues are
//! declared as whose address does not say it, `classic` (by default) or `quorum`.
//!
//! `amqps://` is the same with TLS 1.2 or 1.3; the port is 5671 unless given. Its options:
//!
//! | option | meaning |
//! |---|---|
//! | `ca` | a PEM file with the authorities to trust, in place of the system's |
//! | `client-cert`, `client-key` | PEM files with our own certificate (and those between it and its authority) and its key |
//! | `server-name` | the name that the broker's certificate must be for; the host by default |
//! | `auth` | `plain` (user name and password, the default) or `external`: the client certificate says who logs in, by the broker's plugin `rabbitmq_auth_mechanism_ssl`; then no user name or password may be given |
//!
//! The files, and that of `password-file`, are read whenever a connection is made; one that cannot be used is a
//! `Configuration` error. What TLS refuses, on either side, is a `Security` error. Verification cannot be turned off. A
//! password that goes to another machine without TLS is worth a warning in the log, at each connection.
//!
//! # Destinations
//!
//! | anymq | at the broker |
//! |---|---|
//! | queue `orders` | the durable classic queue `orders`, declared before its first use; one that exists with other arguments (a quorum queue, say), or that this user may not declare, is used as it is |
//! | topic `prices.eu` | the routing key `prices.eu` in the durable topic exchange `anymq.topic`; a word `*` or `#` becomes `%2A` or `%23`, and `%` becomes `%25`, so that a name matches itself only |
//! | subscription of a topic | an exclusive queue `anymq.sub.…`, deleted with the subscription, at the latest with the connection |
//! | named subscription | the queue `anymq.sub.durable/client/name`, `anymq.sub.shared/client/name` or `anymq.sub.shared-durable/client/name`; see below |
//! | temporary queue | an exclusive queue of its name: everybody may send to it, its connection alone consumes |
//! | temporary topic | a routing key that begins with `%temporary.` in `anymq.topic` |
//!
//! Names that begin with `amq.` are the broker's own; only as temporary queues may they be sent to, to answer foreign
//! clients. Names that begin with `anymq.` are this provider's.
//!
//! ## Options of queues
//!
//! `queue:orders?kind=quorum&max-length=1000`. They say how the queue is declared, and so what it must be: where it exists
//! with other arguments, its first use on a connection fails as `InvalidDestination` with the code 406 and the broker's
//! own words about the difference. The connection stays usable. An unknown option, a wrong value and what does not fit
//! together is refused as `InvalidDestination` before anything is sent.
//!
//! | option | value | |
//! |---|---|---|
//! | `kind` | `classic`, `quorum` | classic when only others are given |
//! | `max-length` | messages | what becomes of more says `overflow` |
//! | `max-bytes` | bytes of all bodies | |
//! | `overflow` | `drop-head`, `reject-publish`, `reject-publish-dlx` | `drop-head` is the broker's default; a send that a full queue rejects fails as `ResourceAllocation`; quorum queues lack the last |
//! | `single-active-consumer` | `true`, `false` | one consumer at a time, the others stand by |
//! | `max-priority` | 1 to 255 | from 9 on all ten priorities are ordered, and the capability `priority` is declared for the queue; classic only |
//! | `delivery-limit` | deliveries | quorum only: what the broker delivered more often it gives up |
//! | `dead-letter-exchange` | an exchange, empty for the default one | the broker itself moves there what is given up, dropped or expired |
//! | `dead-letter-routing-key` | a routing key | the message's own when not given |
//! | `passive` | `true`, `false` | it must exist, and is used as it is; alone, or with a binding |
//! | `exchange`, `routing-key`, `match`, `header.…` | as below | the queue is bound to this exchange, which must exist; sends still go to the queue itself |
//!
//! Bindings and queues stay when the address is no longer used.
//!
//! A quorum queue keeps the order of what comes back only where the channel of its consumer ends with it: what a closing
//! consumer or session had not handed over comes again in its place, if the session keeps nothing of that consumer
//! for longer than 20 ms. What goes back otherwise (the rest where the session does, what is released, what consumers of
//! transacted sessions had) goes behind all other messages, or in front with `delivery-limit`. While a connection is
//! stopped, it keeps what it has fetched. This takes that the address or the URL says that the queue is one.
//!
//! ## Exchanges of others
//!
//! | option of a topic | value | |
//! |---|---|---|
//! | `exchange` | an exchange | messages go to it, subscriptions are bound to it, instead of `anymq.topic` |
//! | `routing-key` | a routing key, or a pattern to subscribe with | the topic's name, as it is, when not given |
//! | `header.NAME` | a text | what a headers exchange is to look for, in subscriptions; the properties of a message are its headers |
//! | `match` | `all`, `any` | whether each of these headers must be equal, or one |
//! | `declare` | `direct`, `fanout`, `topic`, `headers` | the exchange is declared, durable and of this kind; without it, it must exist |
//!
//! So a program that knows only this API takes part in what others have built. In the words of `RabbitMQ`'s tutorials:
//!
//! | tutorial | send to | receive from |
//! |---|---|---|
//! | 1 "Hello World" | `queue:hello?passive=true` | the same; plain `queue:hello` declares it durable, if it does not exist |
//! | 2 work queues | `queue:task_queue` | the same, with a prefetch of 1 |
//! | 3 publish/subscribe | `topic:logs?exchange=logs` | the same |
//! | 4 routing | `topic:error?exchange=direct_logs` | the same, once for each severity |
//! | 5 topics | `topic:kern.critical?exchange=topic_logs` | `topic:kern?exchange=topic_logs&routing-key=kern.%23`, or `queue:audit?exchange=topic_logs&routing-key=kern.%23` to keep what comes while nobody is there |
//!
//! ```
//! use anymq_api::{Address, Destination};
//!
//! let critical: Address = "topic:kern?exchange=topic_logs&routing-key=*.critical".parse()?;
//! assert_eq!(critical.address().option("exchange"), Some("topic_logs"));
//! # Ok::<(), anymq_api::Error>(())
//! ```
//!
//! # Subscriptions
//!
//! Letters and digits of ASCII, `_`, `.` and `-` stand in a queue's name as they are, other bytes of client identifier and
//! name as `%2F`; what is longer than 200 bytes by then is a digest instead. A topic, selector or no-local that differs
//! from what a subscription was made with is found by the broker, because a digest of them stands in the place of the
//! queue's limits (`x-max-length`, `x-max-length-bytes`), where it limits nothing; `x-anymq-topic`, `x-anymq-selector` and
//! `x-anymq-no-local` say the same to people. A subscription that is in use is not replaced, nor deleted, nor joined
//! against its terms: consumers, and sessions with something left to acknowledge, mark themselves by bindings of the
//! exchanges `anymq.active.…` and `anymq.held.…` to a queue `anymq.marks.…` of their connection; `anymq.lock.…` is held while
//! somebody decides. All that is among clients of this provider: others can consume from the queues, or delete them.
//!
//! A non-durable shared subscription is deleted with its last consumer. If that crashes, the queue expires within a
//! minute; whoever comes first meanwhile starts with an empty one. What a consumer held that ends goes to the others, or
//! comes first when one returns; the broker flags it.
//!
//! Selectors and no-local are applied at the client, exactly, since each subscription has its own messages. The others
//! are delivered as well, and dropped; while no consumer is there they wait in the queue. Messages that were not published
//! by this provider are never local.
//!
//! A user needs the rights to configure, write and read `^anymq\.`; an error names the object that is refused.
//!
//! # Messages
//!
//! | JMS | AMQP field | header |
//! |---|---|---|
//! | `JMSDestination` | | `JMSDestination`, the address as text (`queue:orders`) |
//! | `JMSMessageID` | `message_id` | `JMSMessageID` when longer than 255 bytes |
//! | `JMSTimestamp` | `timestamp`, in seconds | `JMSTimestamp`, in ms |
//! | `JMSDeliveryMode` | `delivery_mode`, 2 or 1 | |
//! | `JMSPriority` | `priority` | |
//! | `JMSExpiration` | `expiration`, the ms left (unless more than 49 days) | `JMSExpiration`, the instant in ms |
//! | `JMSDeliveryTime` | | `JMSDeliveryTime`, in ms, where it is not the timestamp, and then `x-anymq-delayed-since`, the time of the send in ms |
//! | `JMSCorrelationID` | `correlation_id` | `JMSCorrelationID` when longer than 255 bytes |
//! | `JMSReplyTo` | `reply_to`, a queue's name | `JMSReplyTo`, the address as text, unless it is a plain queue |
//! | `JMSType` | `type` | `JMSType` when longer than 255 bytes |
//! | | | `x-anymq-origin` in messages to topics: a mark of the connection and, behind a `/`, the client identifier |
//! | content type | `content_type` | `x-anymq-body` (`empty`, `text`, `bytes`, `map`, `stream`, `object`) when the application chose a content type, or there is no body |
//! | properties | | of their own names and types (`CC` and `BCC` as `x-anymq-property-…`; floats that are not finite as the texts `NaN`, `Infinity`, `-Infinity` in `x-anymq-f32-…` and `x-anymq-f64-…`: the broker ends the connection over them) |
//!
//! Without a content type of the application's a text is `text/plain` with the encoding `utf-8`, bytes are
//! `application/octet-stream`, maps and streams are `application/vnd.anymq.map+json` and
//! `application/vnd.anymq.stream+json`: JSON in which each value is `{"type": "i32", "value": 7}`. The types are `null`
//! (without a value), `bool`, `i8`, `i16`, `i32`, `i64`, `f32`, `f64`, `char`, `string` and `bytes` (base64); floats that
//! JSON lacks are `"NaN"`, `"Infinity"` and `"-Infinity"`.
//!
//! Foreign messages are read as what fits best: `text/…` that is UTF-8 is a text, `application/json` an object, anything
//! else bytes. Unsigned numbers in headers become the next wider signed ones; tables, arrays and other values that no
//! property can hold are left out, as are the broker's own headers (`x-death`, `x-delivery-count`, …). A foreign
//! `reply_to` is a queue; one that begins with `amq.` a temporary queue.
//!
//! ## Direct replies
//!
//! A foreign request with RabbitMQ's reply-to `amq.rabbitmq.reply-to` is answered like any other, by a send to its
//! `reply_to`. No queue is behind it, so such a send is `Ok` when the broker has taken it, whether or not the requester is
//! still there: the broker drops what comes too late and does not tell. In a transaction the client holds direct replies
//! until the commit has succeeded; the broker would deliver them at once. An address that the broker cannot have made is
//! refused as `InvalidDestination`. One that looks right and leads to a node of the cluster that does not run makes RabbitMQ
//! 3.10 end the connection (541): beware of requests from those who may want that. Our own requests use temporary queues; the
//! pseudo-queue as their reply-to is refused as `InvalidDestination`.
//!
//! # Sending
//!
//! A send is `Ok` when the broker has confirmed it. A message for a queue that does not exist comes back and fails as
//! `InvalidDestination`, found by its own id even when hundreds are under way; a message for a topic without subscriptions
//! is taken and gone, as it should be. When the channel or the link is lost, each unconfirmed send fails with its id and
//! `Retry::MayDuplicate`. At most 1000 sends of a session are unconfirmed at a time.
//!
//! # Delivery delay
//!
//! The broker holds a delayed message in a queue `anymq.delay.…` that belongs to a length of time, not to a destination,
//! and passes it on when it has been there for so long. Such a queue is deleted ten minutes after its last message could be
//! due. It is durable: a persistent message survives a restart of the broker, which counts on meanwhile.
//!
//! A quorum queue cannot take a message while it has no leader, as during a restart, and a classic delay queue gives its
//! messages up whether they are taken or not. So a message for a quorum queue (`kind=quorum`, `queue-kind=quorum`), or for a
//! queue that may be one because it is used as it is, waits in a quorum queue of its length and target,
//! `anymq.delay.quorum.…`, which the broker empties only into the target (`x-dead-letter-strategy=at-least-once`). What is
//! not taken at once is tried again after three minutes. Such a queue takes messages for four hours, and is deleted twelve
//! hours after its last one could be due, whatever it holds: a broker may be down for so long. For messages to queues of
//! this kind `RabbitMQ` 3.10 or later is needed, with the feature flag `stream_queue`, which new installations have on.
//! Without the flag the broker falls back to passing on at most once, and says so in its log only; before 3.10 the driver
//! uses classic delay queues. Delays of topics always do: the queues of subscriptions are classic ones.
//!
//! - Lengths are rounded up, so that there are at most 3852 of them for each exchange: up to 1 s to 10 ms, up to 10 s to
//!   50 ms, up to 1 min to 250 ms, up to 10 min to 1 s, up to 1 h to 10 s, up to a day to 1 min, beyond to 1 h. A message
//!   comes late by as much at most; two whose due times differ by less may come in either order.
//! - Delays of more than 49 days are refused as `InvalidArgument`.
//! - In a transaction the client holds delayed messages until the commit, in memory: only then it is known how much of the
//!   delay is left.
//! - A subscription gets what was sent after it was made, told by the clocks of sender and receiver. A consumer that returns
//!   to a durable one does not know when that was made, and gets what falls due afterwards, whenever it was sent. Foreign clients that
//!   bound a queue to the exchange during the delay get the message, too.
//! - While it waits, the broker does not drop a message that expires, and afterwards it does not know the expiration: the
//!   client drops what has expired, foreign clients read `JMSExpiration`.
//! - A queue that is gone or full (`overflow=reject-publish`) when the message is due drops it without a word; for a quorum
//!   queue it is kept and tried again, as long as the delay queue lasts, and 32 such messages hold up those behind them.
//!
//! # Dead letters
//!
//! What is rejected, or was delivered as often as the connection's redelivery policy allows, is published to the queue
//! `DLQ` (URL option `dead-letters`) with the properties `JMS_anymq_dead_letter_reason` (`rejected`, `max-deliveries`),
//! `JMS_anymq_dead_letter_attempts` and `JMS_anymq_dead_letter_origin` (`queue:orders`), without its expiration; only then
//! it is acknowledged. If that fails, it stays with the session, comes again when the session ends, and the connection's
//! events tell of it. If the link breaks between the two, there is a dead letter too many. In a transacted session the dead
//! letter is there at once, and the message itself is gone when the transaction ends, whichever way. Headers that no
//! property can hold are left out. What is rejected in `DLQ` is dropped.
//!
//! A queue with the option `dead-letter-exchange` is left to the broker: it tells the reason in its own `x-death` header,
//! and in a transaction moves the message when that ends. Dead-letter exchanges that an operator's policy gives to a queue
//! are passed by; an address can name them by the option.
//!
//! Classic queues do not count deliveries: what the broker has delivered before, even if no application saw it, counts as
//! delivered once. With `max-deliveries=1` such a message is given up unseen; use 2 or more, or a quorum queue.
//!
//! # Browsers
//!
//! The broker cannot show a message without delivering it. A browser fetches up to 1000 messages or 4 MiB, gives them back
//! to their places, and then shows them. What it disturbs: meanwhile (for a longer queue until the scan ends or is dropped)
//! nobody else gets what it has fetched, a consumer that is active may get later messages first, and what was looked at is
//! flagged as redelivered and counted so. A quorum queue would count each look as a delivery and could give messages up
//! over it: it is refused as `Unsupported`, by its option or, if the address does not tell, by its first message.
//! Selectors are not supported on queues, here neither.
//!
//! # Transactions
//!
//! A transacted session uses the broker's own transactions: one channel for sends and receives. Before a commit it is
//! checked that every temporary queue sent to still exists; if not, the transaction is undone and the commit fails as
//! `TransactionRolledBack`. A lasting queue that is deleted between its declaration and the commit is found out by the
//! broker only after it has committed the rest: the commit then fails as `InvalidDestination`, and everything else of
//! it stands. Messages for quorum queues (`kind=quorum`, `queue-kind=quorum`, or a queue that may be one because it is
//! used as it is) the client holds until the commit, in memory, and has each of them confirmed before it commits the
//! rest: the broker's own commit succeeds even where a quorum queue is full or has no leader and refused them. When all
//! of them are refused, the transaction is undone; when some are (a message that is larger than the broker takes,
//! behind others), or the link breaks in between, the commit fails as `TransactionInDoubt`: then some may be there, and
//! what was received comes again. So transactions of quorum queues are declared as emulated. The broker does not
//! promise atomicity over several queues if it crashes. What a closed consumer of a transacted session gives back
//! becomes available to others at once, or, if the transaction has sends, when it ends.
//!
//! # Capabilities
//!
//! | native | emulated | not declared, and why |
//! |---|---|---|
//! | queues, topics, transactions, client, individual and lazy acknowledgement, release, temporary destinations, asynchronous sends, headers, properties, typed bodies, the redelivery flag, durable and shared subscriptions, redistribution; persistence of what lasting queues hold | topic selectors and no-local: at the client; misuse of named subscriptions: found among clients of this provider; recover: from the session's own ledger; expiry: the broker drops what has expired when it reaches the head of a queue, the client what arrives later; delivery count: what this session repeats is counted exactly; of earlier ones a quorum queue knows how often the broker delivered, a classic one only that it did (2); delivery delay, dead letters, browsers: see above | [`UNDECLARED`]; priority is declared for queues with `max-priority=9` |

mod browser;
mod capability;
mod codec;
mod config;
mod connection;
mod dead_letters;
mod delay;
mod direct_reply;
mod driver;
mod error;
mod inbound;
mod ledger;
mod link;
mod login;
mod name;
mod options;
mod session;
mod subscription;
mod topology;
mod transport;
mod usual;

pub use capability::{UNDECLARED, UNDECLARED_OF_QUORUM_QUEUES};
pub use driver::{AmqpDriver, AmqpProvider};
