//! What is done for the privacy of a new socket, before anything is said on it.

use std::{io, net::SocketAddr, task::Poll};

use anymq_api::Error;
use anymq_tls::{Connector, warn_of_exposed_password};

use super::{
    Lifeline,
    socket::{Plain, Socket},
};

/// How a connection is kept private; by default it is not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Security {
    /// TLS, if it is wanted.
    pub(crate) tls: Option<Connector>,
    /// The broker in words, if we log in with a password.
    pub(crate) password_for: Option<String>,
}

impl Security {
    /// The error of a handshake is ours, within that of the socket: [`told`] finds it.
    pub(super) async fn apply(&self, socket: Plain, peer: SocketAddr, lifeline: &Lifeline) -> io::Result<Socket> {
        let Some(tls) = &self.tls else {
            if let Some(target) = &self.password_for {
                warn_of_exposed_password(peer, target);
            }
            return Ok(Socket::Plain(socket));
        };
        let cut = std::future::poll_fn(|context| match lifeline.check_reader(context) {
            Ok(()) => Poll::Pending,
            Err(error) => Poll::Ready(error),
        });
        tokio::select! {
            stream = tls.connect(socket.into_inner()) => stream.map(Socket::tls).map_err(io::Error::other),
            error = cut => Err(error),
        }
    }
}

/// What TLS has to say of the failure of a socket.
pub(crate) fn told(failure: &io::Error) -> Option<Error> {
    let ours = failure.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    ours.cloned().or_else(|| anymq_tls::refusal(failure))
}
