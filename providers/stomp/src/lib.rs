//! The STOMP provider of anymq, for `ActiveMQ` 5.17 and later and `RabbitMQ` 3.10 and later.
//!
//! What stands in the tables of [`UNDECLARED_ON_ACTIVEMQ`] and [`UNDECLARED_ON_RABBITMQ`] is refused by name. `ActiveMQ` Artemis is
//! served as its documentation has it ([`UNDECLARED_ON_ARTEMIS`]); that is unproven, for no test runs against one.
//!
//! # URLs
//!
//! `stomp://user:password@host:port/vhost?option=value`. The port is 61613 unless given; without a user nobody logs in, which
//! brokers may allow. The path names the virtual host, `/` by default. Beside the options that every provider has there are
//! `heart-beat` (`10s` by default, `0s` is never): a dead link is found after twice that time; `dialect` (`activemq`,
//! `artemis`, `rabbitmq` or `generic`), for brokers that do not say in their greeting what they are; `dead-letters`, the queue where
//! messages go that are given up (`DLQ` by default); and `max-message-size`, what the broker takes at most, in bytes, where that
//! is not its default: it tells nobody, and ends the connection at what is larger; and `java-maps` (`false` by default), with
//! which `ActiveMQ` makes a Java `MapMessage` of each map that holds no bytes, and a map of each `MapMessage`. It needs the
//! jar of `XStream` for that, and without it closes the connection.
//!
//! `stomps://` is the same with TLS 1.2 or 1.3; the port is 61614 unless given. Its options are `ca`, `client-cert`,
//! `client-key` and `server-name`, as for `amqps://`.
//!
//! # On the wire
//!
//! STOMP 1.2, 1.1 or 1.0, as the broker chooses. Every send waits for its receipt. A property is a header with its plain value,
//! and `JMS_anymq_types` says of which types they are that are no texts (`;table=i32;fast=bool`); what cannot stand for itself is
//! percent-encoded, and a property that is called like a header of STOMP or a broker goes as `x-anymq-p-NAME`. What the
//! brokers would change (message id, times, the kind of the body) goes in further headers `x-anymq-…`. Bodies are those of
//! `anymq-wire`. On `ActiveMQ` a text is a `TextMessage` and everything else a `BytesMessage`, as is a text with letters beyond the basic
//! multilingual plane, at which the broker's JMS client fails.
//!
//! A name of a destination is percent-encoded where the broker would read more into it: `*`, `>`, `,`, `?`, `%` and control
//! characters on `ActiveMQ`, blanks at its ends, `/` on `RabbitMQ`.
//!
//! # Sockets
//!
//! On `ActiveMQ` a connection is one socket. On `RabbitMQ` each session has one of its own beside it, because that broker hangs up
//! at much that it refuses: such an ERROR ends the session's consumers with its reason and fails what is under way; the
//! session goes on over another socket, and nobody else notices. Whatever else ends a socket is the loss of the connection.
//! Closing a consumer there needs the right to bind a queue to `amq.topic`. Named subscriptions are queues of their own,
//! `anymq.stomp.durable/CLIENT/NAME` and `anymq.stomp.shared/CLIENT/NAME`, percent-encoded; misuse of a name is not found
//! (`DurableGuard` is not declared). A commit is carried out one frame after the other, so one that fails is in doubt. A queue
//! that somebody deletes after a session has sent to it swallows what that session sends later.
//!
//! # Selectors, priorities and shared subscriptions on `ActiveMQ`
//!
//! Selectors of queues are translated for the broker, which sees properties as texts, so that they are exact. What cannot be is
//! refused by name: arithmetic, comparisons of two properties or of two literals, identifiers that are not ASCII, `JMSXGroupSeq`.
//! Messages of other clients are selected by the broker's own rules. A selector, or a scan, finds nothing behind the messages
//! that the broker pages in (200, or 400 for a scan) unless the policy says more: `maxPageSize`, `maxBrowsePageSize`.
//!
//! Queues deliver by priority where the policy says `prioritizedMessages="true"`; a window that is sent already is not overtaken.
//!
//! There are no shared subscriptions, because STOMP cannot delete the queues that stand behind them. What is published to
//! the topic `VirtualTopic.orders` also goes to each queue `Consumer.NAME.VirtualTopic.orders` that exists, which several
//! consumers may share.
//!
//! # Artemis
//!
//! A queue or topic is the address of that name, anycast or multicast. There are no transactions, because the broker ignores an
//! acknowledgement in one, and no dead letters of ours, which need one. Consumers have no window, because the broker's counts
//! bytes, and what a session holds back would close it for good: all that a queue has is sent at once. Nothing goes
//! back alone, as on `ActiveMQ`.
//!
//! # What is emulated, and what is lost by it
//!
//! Topic selectors and no-local are applied at the client, exactly, since each subscription has its own messages. Recover,
//! rollback and failed listeners repeat from the session's own ledger. Of earlier deliveries the brokers tell only that there
//! were some: such a message counts as the second delivery; the durable subscriptions of `ActiveMQ` do not tell even that.
//! What is given up goes to the dead letters in one transaction with its acknowledgement. Expired messages that the broker
//! still delivers are dropped by the client.
//!
//! The brokers count unacknowledged messages against the prefetch. When those that a session holds use it up, the consumer
//! subscribes to its queue once more, beside itself; what it held goes back in order when it closes in order, and in any order
//! when its link is lost. On `ActiveMQ` nothing goes back alone: what a closed consumer had prefetched waits for what its
//! session still holds of it.

pub mod frame;

mod browser;
mod capability;
mod codec;
mod config;
mod connection;
mod dialect;
mod driver;
mod error;
mod link;
mod links;
mod selector;
mod session;
mod subscription;

pub use dialect::{TOPIC_WINDOW, UNDECLARED_ON_ACTIVEMQ, UNDECLARED_ON_ARTEMIS, UNDECLARED_ON_RABBITMQ};
pub use driver::{StompDriver, StompProvider};
