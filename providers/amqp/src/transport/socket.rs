//! A connected socket, plain or with TLS.

use std::{
    io::{self, IoSlice, IoSliceMut},
    pin::Pin,
    task::{Context, Poll},
};

use anymq_tls::{TlsStream, refusal};
use async_compat::Compat;
use futures_util::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// What the client library's own sockets are.
pub(super) type Plain = Compat<TcpStream>;

pub(super) enum Socket {
    Plain(Plain),
    Tls(Box<Compat<TlsStream<TcpStream>>>),
}

/// How many records are looked through for the broker's reason.
const LOOKS: usize = 4;

impl Socket {
    pub(super) fn tls(stream: TlsStream<TcpStream>) -> Self {
        Self::Tls(Box::new(Compat::new(stream)))
    }

    /// A broker that refuses us says so and hangs up; a write that fails then must not hide what it said.
    fn explain(&mut self, written: Poll<io::Result<usize>>, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if let (Self::Tls(stream), Poll::Ready(Err(_))) = (self, &written) {
            let mut unread = [0; 256];
            for _ in 0..LOOKS {
                match Pin::new(&mut **stream).poll_read(context, &mut unread) {
                    Poll::Ready(Err(reason)) if refusal(&reason).is_some() => return Poll::Ready(Err(reason)),
                    Poll::Ready(Ok(1..)) => {}
                    _ => break,
                }
            }
        }
        written
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(socket) => Pin::new(socket).poll_read(context, buffer),
            Self::Tls(socket) => Pin::new(&mut **socket).poll_read(context, buffer),
        }
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(socket) => Pin::new(socket).poll_read_vectored(context, buffers),
            Self::Tls(socket) => Pin::new(&mut **socket).poll_read_vectored(context, buffers),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        let written = match &mut *self {
            Self::Plain(socket) => Pin::new(socket).poll_write(context, buffer),
            Self::Tls(socket) => Pin::new(&mut **socket).poll_write(context, buffer),
        };
        self.explain(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = match &mut *self {
            Self::Plain(socket) => Pin::new(socket).poll_write_vectored(context, buffers),
            Self::Tls(socket) => Pin::new(&mut **socket).poll_write_vectored(context, buffers),
        };
        self.explain(written, context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(socket) => Pin::new(socket).poll_flush(context),
            Self::Tls(socket) => Pin::new(&mut **socket).poll_flush(context),
        }
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(socket) => Pin::new(socket).poll_close(context),
            // The goodbye is polite only, and a frozen broker would never let it through.
            Self::Tls(socket) => match Pin::new(&mut **socket).poll_close(context) {
                Poll::Pending => Poll::Ready(Ok(())),
                closed @ Poll::Ready(_) => closed,
            },
        }
    }
}
