//! The AMQP 0-9-1 provider of anymq.

mod capability;
mod codec;
mod config;
mod error;
mod name;
