//! TLS for the providers of anymq, by rustls: the options of URLs, the files that they name, the handshake, and what it
//! refuses, in anymq's classes.
//!
//! [`TlsOptions`] are taken from a URL when it is read. The files are read by [`TlsOptions::connector`], each time a
//! connection is made, so certificates may be renewed without a restart. There is no option that turns the verification
//! off: to trust a broker's own certificate authority, name it.
//!
//! Versions 1.2 and 1.3 are spoken, with the cryptography of ring: it is always passed explicitly, so nothing depends on
//! what else is linked into the program.

mod asked;
mod certificates;
mod connector;
mod exposure;
mod options;
mod refusal;
#[cfg(test)]
mod tests;

pub use connector::Connector;
pub use exposure::warn_of_exposed_password;
pub use options::TlsOptions;
pub use refusal::refusal;
pub use tokio_rustls::client::TlsStream;
