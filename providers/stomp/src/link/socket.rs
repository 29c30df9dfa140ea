//! A connected socket, with or without TLS.

use std::io;

use anymq_api::Result;
use anymq_tls::Connector;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

use crate::{config::Config, error};

pub(super) type Reading = Box<dyn AsyncRead + Send + Unpin>;
pub(super) type Writing = Box<dyn AsyncWrite + Send + Unpin>;

/// Both directions of one socket.
pub(super) struct Socket {
    pub(super) reading: Reading,
    pub(super) writing: Writing,
}

impl Socket {
    /// Connects to the first address that takes it, and shakes hands where there is TLS.
    pub(super) async fn connect(config: &Config, tls: Option<&Connector>, has_password: bool) -> Result<Self> {
        let tcp = TcpStream::connect((config.host(), config.port())).await;
        let tcp = tcp.and_then(|tcp| tcp.set_nodelay(true).map(|()| tcp)).map_err(lost)?;
        let Some(connector) = tls else {
            if has_password {
                let peer = tcp.peer_addr().map_err(lost)?;
                anymq_tls::warn_of_exposed_password(peer, &config.resource());
            }
            let (reading, writing) = tcp.into_split();
            return Ok(Self {
                reading: Box::new(reading),
                writing: Box::new(writing),
            });
        };
        let (reading, writing) = tokio::io::split(connector.connect(tcp).await?);
        Ok(Self {
            reading: Box::new(reading),
            writing: Box::new(writing),
        })
    }
}

/// What the stream says when it ends: TLS may have refused something after its handshake.
pub(super) fn lost(cause: io::Error) -> anymq_api::Error {
    anymq_tls::refusal(&cause).unwrap_or_else(|| error::lost(cause.to_string()).with_source(cause))
}
