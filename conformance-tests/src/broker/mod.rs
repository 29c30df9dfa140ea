//! Real brokers, started as guarded children of the test process.
//!
//! Each broker runs in its own temporary directory, on its own loopback ports, in its own process group, and ends with
//! the value that stands for it: by `Drop`, while a panic unwinds, and also when the test process is killed, because a
//! small shell ([`GuardedProcess`]) notices that its pipe to us has closed. So several runs stand side by side on one
//! machine and none of them touches a broker that it did not start.
//!
//! ```no_run
//! use anymq_conformance::broker::{RabbitMq, RabbitMqOptions};
//!
//! # async fn example() -> Result<(), anymq_conformance::broker::BrokerError> {
//! let mut broker = RabbitMq::start(RabbitMqOptions::default()).await?;
//! println!("RabbitMQ {} on {}", broker.version(), broker.amqp_url());
//! broker.kill().await?; // a crash
//! broker.restart().await?; // the same ports, the same data
//! broker.stop().await?;
//! # Ok(())
//! # }
//! ```

mod activemq;
mod error;
mod group;
mod mosquitto;
mod ports;
mod process;
mod programs;
mod rabbitmq;
mod server;
mod spec;
mod tls;

pub use activemq::{ActiveMq, ActiveMqDestination, ActiveMqHoldings, ActiveMqOptions, ActiveMqUser};
pub use error::BrokerError;
pub use mosquitto::{Mosquitto, MosquittoOptions, MosquittoUser};
pub use ports::Port;
pub use process::GuardedProcess;
pub use rabbitmq::{Plugin, RabbitMq, RabbitMqCluster, RabbitMqOptions};
pub use spec::ProcessSpec;
pub use tls::BrokerTls;
