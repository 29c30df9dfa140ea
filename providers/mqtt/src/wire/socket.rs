//! A connected socket, with or without TLS.

use std::io;

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

use super::{Failure, Setup};
use crate::error::{PROVIDER, lost};

/// Both directions of it.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Connects to the first address that takes it, and shakes hands where there is TLS.
pub(super) async fn connect(setup: &Setup) -> Result<Box<dyn Duplex>, Failure> {
    let tcp = TcpStream::connect((setup.host.as_str(), setup.port)).await;
    let tcp = tcp.and_then(|tcp| tcp.set_nodelay(true).map(|()| tcp)).map_err(ended)?;
    match &setup.tls {
        Some(tls) => {
            let shaken = tls.connect(tcp).await;
            Ok(Box::new(shaken.map_err(|error| error.with_provider(PROVIDER))?))
        }
        None => Ok(Box::new(tcp)),
    }
}

/// What an error of the socket means: TLS may have refused something after its handshake.
pub(super) fn ended(cause: io::Error) -> Failure {
    let refused = anymq_tls::refusal(&cause).map(|error| error.with_provider(PROVIDER));
    let error = refused.unwrap_or_else(|| lost(cause.to_string()).with_source(cause));
    Failure {
        is_silent: true,
        ..Failure::from(error)
    }
}

/// The broker has closed its side.
pub(super) fn closed() -> Failure {
    Failure {
        is_silent: true,
        ..Failure::from(lost("the broker closed the connection"))
    }
}
