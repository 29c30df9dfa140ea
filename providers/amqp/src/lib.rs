//! The AMQP 0-9-1 provider of anymq, for RabbitMQ 3.10 and later, on [lapin](https://docs.rs/lapin).
//!
//! # URLs
//!
//! `amqp://user:password@host:port/vhost?option=value`. The port is 5672 and the credentials are `guest`/`guest` unless
//! given; no path, `/` and `/%2f` all mean the virtual host `/`. Beside the options that every provider has there is
//! `heartbeat` (`10s` by default, in whole seconds; `0s` leaves it to the broker): a dead link is found after twice that
//! time.
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
//! | queue `orders` | the durable queue `orders`, declared before its first use; one that exists with other arguments (a quorum queue, say), or that this user may not declare, is used as it is |
//! | topic `prices.eu` | the routing key `prices.eu` in the durable topic exchange `anymq.topic`; a word `*` or `#` becomes `%2A` or `%23`, and `%` becomes `%25`, so that a name matches itself only |
//! | subscription of a topic | an exclusive queue `anymq.sub.…`, deleted with the subscription, at the latest with the connection |
//! | temporary queue | an exclusive queue of its name: everybody may send to it, its connection alone consumes |
//! | temporary topic | a routing key that begins with `%temporary.` in `anymq.topic` |
//!
//! Names that begin with `amq.` are the broker's own; only as temporary queues may they be sent to, to answer foreign
//! clients. Destinations have no options yet: any is refused.
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
//! session gives back becomes available to others when the transaction ends.
//!
//! # Capabilities
//!
//! | native | emulated | not declared, and why |
//! |---|---|---|
//! | queues, topics, transactions, client, individual and lazy acknowledgement, release, temporary destinations, asynchronous sends, headers, properties, typed bodies, the redelivery flag; persistence of what lasting queues hold | recover: from the session's own ledger; expiry: the broker drops what has expired when it reaches the head of a queue, the client what arrives later; delivery count: exact on quorum queues, elsewhere 1, or 2 when redelivered | [`UNDECLARED`] |

mod capability;
mod codec;
mod config;
mod connection;
mod driver;
mod error;
mod inbound;
mod ledger;
mod link;
mod login;
mod name;
mod session;
mod subscription;
mod topology;
mod transport;

pub use capability::UNDECLARED;
pub use driver::{AmqpDriver, AmqpProvider};
