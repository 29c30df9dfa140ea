//! The AMQP 0-9-1 provider of anymq, for RabbitMQ 3.10 and later, on [lapin](https://docs.rs/lapin).
//!
//! # URLs
//!
//! `amqp://user:password@host:port/vhost?option=value`. The port is 5672 and the credentials are `guest`/`guest` unless
//! given; no path, `/` and `/%2f` all mean the virtual host `/`. Beside the options that every provider has there is
//! `heartbeat` (`10s` by default, in whole seconds; `0s` leaves it to the broker): a dead link is found after twice that
//! time. `amqps` is refused: TLS is not built in yet.
//!
//! # Destinations
//!
//! | anymq | at the broker |
//! |---|---|
//! | queue `orders` | the durable queue `orders`, declared before its first use; one that exists with other arguments (a quorum queue, say), or that this user may not declare, is used as it is |
//! | topic `prices.eu` | the routing key `prices.eu` in the durable topic exchange `anymq.topic`; a word `*` or `#` becomes `%2A` or `%23`, and `%` becomes `%25`, so that a name matches itself only |
//! | subscription of a topic | an exclusive queue `anymq.sub.…`, deleted with the subscription, at the latest with the connection |
//! | named subscription | the queue `anymq.sub.durable/client/name`, `anymq.sub.shared/client/name` or `anymq.sub.shared-durable/client/name`; see below |
//! | temporary queue | an exclusive queue of its name: everybody may send to it, its connection alone consumes |
//! | temporary topic | a routing key that begins with `%temporary.` in `anymq.topic` |
//!
//! Names that begin with `amq.` are the broker's own; only as temporary queues may they be sent to, to answer foreign
//! clients. Destinations have no options yet: any is refused.
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
//! | `JMSDeliveryTime` | | `JMSDeliveryTime`, in ms, where it is not the timestamp |
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
//! # Sending
//!
//! A send is `Ok` when the broker has confirmed it. A message for a queue that does not exist comes back and fails as
//! `InvalidDestination`, found by its own id even when hundreds are under way; a message for a topic without subscriptions
//! is taken and gone, as it should be. When the channel or the link is lost, each unconfirmed send fails with its id and
//! `Retry::MayDuplicate`. At most 1000 sends of a session are unconfirmed at a time.
//!
//! # Transactions
//!
//! A transacted session uses the broker's own transactions: one channel for sends and receives. Before a commit it is
//! checked that every temporary queue sent to still exists; if not, the transaction is undone and the commit fails as
//! `TransactionRolledBack`. A lasting queue that is deleted between its declaration and the commit is found out by the
//! broker only after it has committed the rest: the commit then fails as `InvalidDestination`, and everything else of it
//! stands. The broker does not promise atomicity over several queues if it crashes. What a closed consumer of a transacted
//! session gives back becomes available to others at once, or, if the transaction has sends, when it ends.
//!
//! # Capabilities
//!
//! | native | emulated | not declared, and why |
//! |---|---|---|
//! | queues, topics, transactions, client, individual and lazy acknowledgement, release, temporary destinations, asynchronous sends, headers, properties, typed bodies, the redelivery flag, durable and shared subscriptions, redistribution; persistence of what lasting queues hold | topic selectors and no-local: at the client; misuse of named subscriptions: found among clients of this provider; recover: from the session's own ledger; expiry: the broker drops what has expired when it reaches the head of a queue, the client what arrives later; delivery count: exact on quorum queues, elsewhere 1, or 2 when redelivered | [`UNDECLARED`] |

mod capability;
mod codec;
mod config;
mod connection;
mod driver;
mod error;
mod inbound;
mod ledger;
mod link;
mod name;
mod origin;
mod session;
mod subscription;
mod topology;
mod transport;

pub use capability::UNDECLARED;
pub use driver::{AmqpDriver, AmqpProvider};
