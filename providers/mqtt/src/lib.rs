//! The MQTT provider of anymq, with the packets of rumqttc: MQTT 5 and 3.1.1, tried with Mosquitto, RabbitMQ and ActiveMQ.
//!
//! What stands in the tables [`UNDECLARED_ON_MQTT5`], [`UNDECLARED_ON_MQTT3`] and [`UNDECLARED_ON_MQTT3_PLAIN`] is refused by name; above all, there are no queues and no transactions.
//!
//! # URLs
//!
//! `mqtt://user:password@host:port?option=value`. The port is 1883 unless given; without a user nobody logs in, which brokers may
//! allow. Beside the options that every provider has there are `keep-alive` (`10s` by default, from `5s` on): a broker that
//! says nothing is asked after half that time at most, and given up when it has not answered for all of it; `qos` (`1` or `2`), with which persistent messages are published; `session-expiry`, how long
//! durable subscriptions outlive their consumers (for ever by default); and `max-packet-size`, the largest packet that is taken, in bytes
//! (128 MiB by default): a broker does not deliver what is larger, and says so to nobody.
//!
//! A last will is what the broker publishes when the connection is lost: `will-topic` (the name of a topic), `will-payload` (a text, empty unless
//! given), `will-qos` (`0`, `1` or `2`; `1` by default) and `will-retain` (`true` or `false`, the default). After a close in order it publishes none;
//! with fail-over it does at each loss. It goes without an envelope. A connection that is dropped and not closed counts as lost.
//!
//! `mqtts://` is the same with TLS 1.2 or 1.3; the port is 8883 unless given. Its options are `ca`, `client-cert`, `client-key` and
//! `server-name`, as for `amqps://`.
//!
//! # Topics
//!
//! The name of a topic is MQTT's, so `/` makes levels. What MQTT gives a meaning, or cannot carry, is percent-encoded: `+`, `#`, `*` (for which
//! RabbitMQ gives back `+`), `?` (behind which ActiveMQ reads options), a `$` at the beginning, control and non-characters, and a `%` that would be
//! taken for the beginning of one of these. No two topics have the same name, and every topic of other clients has one, but for those with `*` or
//! `?`, which are a filter. Wildcards are asked for:
//! `topic:sensors/+/temperature?filter=true` is a filter, to be consumed from only; so is `topic:$SYS/broker/uptime?filter=true`. (In the text
//! of an address `#` is `%23`.) Retained messages are not delivered to consumers that come later.
//!
//! # On the wire
//!
//! Non-persistent messages are published with QoS 0, persistent ones with 1, or 2. A send is done when the broker has
//! answered; for QoS 0, when it has answered a question that came after the message. A broker that does not permit a publication says so
//! of QoS 1 and 2 only.
//!
//! Content type, response topic, correlation data and expiry are those of MQTT 5. Other headers of JMS are user properties of
//! their names (`JMSMessageID`, `JMSTimestamp`, `JMSExpiration`, `JMSPriority`, `JMSType`, `JMSReplyTo`), and so are properties, with their plain
//! values. `JMS_anymq_types` says which are no texts (`;table=i32;fast=bool`; `%` for a text in which control characters are
//! percent-encoded); a property whose name cannot stand for itself goes as `JMS_anymq_p_NAME`. Correlation data that are no text are
//! `mqtt-bytes:` and hexadecimal digits, and go back as what they were. Bodies are those of `anymq-wire`; of other clients' messages those are texts
//! whose content type, or whose payload format indicator, says so. No string is longer than 65 535 bytes.
//!
//! # MQTT 3.1.1
//!
//! `?version=3.1.1` chooses it, and `?version=5` the other; without the option it is what the broker speaks, 5 before 3.1.1.
//!
//! Version 3.1.1 has no place for headers and properties. So a message is its payload: a text, bytes, or nothing. What is sent
//! with a header, a property or another body is refused as unsupported, and what arrives is a text where it is UTF-8, and bytes else. Neither
//! are there selectors, no-local and expiry, which need what is not carried.
//!
//! `?envelope=jms`, with 3.1.1 or without a version, carries them: what MQTT 5 has properties for stands before the payload, in one line that begins with
//! `anymq-jms ` and holds a JSON object (`content-type`, `reply-to`, `correlation` as an array of bytes, and `user`, an array of pairs). Other
//! clients see that line; what they send without one is a text where it is UTF-8, and bytes else. Expiry is up to the receiver. In both forms there are no shared subscriptions. A broker refuses a publication without telling anybody, or by the end of the connection. How many deliveries it
//! leaves unacknowledged nobody says, so that is the option `max-unsettled` (`10` by default; Mosquitto's own is 20), and
//! `max-packet-size` is also the largest that is sent; one that is larger and comes ends the link. `session-expiry` is the broker's own matter there.
//!
//! # Links
//!
//! A connection has one link for all that it publishes and for its plain subscriptions; what several consumers of it subscribe to comes once. Each
//! durable subscription has a link of its own, with the client identifier `CLIENT:NAME`, as long as it has a consumer; so has each
//! shared subscription (`$share/CLIENT:NAME/TOPIC`, without a client identifier `$share/NAME/TOPIC`), and each with a filter. The connection's own
//! client identifier is `CLIENT~` and a random number, so it puts nobody out. Whoever resumes a durable subscription that has a consumer
//! elsewhere takes it over: that consumer ends with its reason, and does not come back by itself.
//!
//! # Acknowledgements, and what is emulated
//!
//! Durable and shared subscriptions acknowledge each delivery when it is settled; 65 535 may be unsettled. A plain subscription's session
//! ends with its link, so a message is acknowledged when it has come, unless 65 535 wait for one of its consumers: then the broker keeps
//! what follows, until that one has taken some. Beyond as many, messages of QoS 0 are dropped.
//!
//! Selectors and no-local are applied here, exactly. Recover and failed listeners repeat from the session's own ledger. What is given
//! up (rejected) is dropped. Of earlier deliveries the broker tells only that there may have been some. Temporary topics and queues are topics with names
//! of their own; the queue itself is in this process, where all its consumers are.
//!
//! A consumer that leaves a shared subscription publishes what it had been sent and not consumed, for the other members alone, to a
//! topic below `anymq/handover/` that they share in the same group; where it may not, or where it crashes, that is lost to them.
//!
//! # Brokers
//!
//! Mosquitto 2.0 speaks both versions. RabbitMQ 3.10 and ActiveMQ 5.17 speak 3.1.1.
//!
//! RabbitMQ has topics in the exchange `amq.topic`, where `/` is a dot: topics that differ in nothing but that are one topic there. What
//! is sent to it by AMQP arrives as plain payloads.
//!
//! ActiveMQ is best given `transport.subscriptionStrategy=mqtt-virtual-topic-subscriptions` at its connector for MQTT: every durable subscription
//! is a queue then (`Consumer.CLIENT:NAME:AT_LEAST_ONCE.VirtualTopic.TOPIC`). Without that, a new durable subscription also gets what others have not consumed yet, and what
//! comes again after a restart is not flagged. Whether a durable subscription is there it does not tell, so to unsubscribe from an unknown one is
//! no error.
//!
//! A durable subscription whose link alone is ended in silence, be it by an administrator, counts as taken over: its consumer ends.
//!
//! A durable subscription that is made anew with another topic leaves the old one, and what was kept of it. Other misuse of its
//! name is not found. Persistent messages outlive a broker as far as it keeps them; Mosquitto writes them down after it has
//! acknowledged them.

mod capability;
mod codec;
mod config;
mod connection;
mod delivering;
mod driver;
mod error;
mod kept;
mod link;
mod links;
mod outlet;
mod own;
mod parcel;
mod session;
mod table;
mod temporary;
#[cfg(test)]
mod tests;
mod topics;
mod will;
mod wire;

pub use capability::{UNDECLARED_ON_MQTT3, UNDECLARED_ON_MQTT3_PLAIN, UNDECLARED_ON_MQTT5};
pub use driver::{MqttDriver, MqttProvider};
