//! The socket under the client library: the broker's greeting is overheard on it, because the library keeps that to
//! itself, and the lengths of frames, because it believes them. TLS is done beneath that, and the library knows nothing
//! of it.

mod frames;
mod greeting;
mod lifeline;
mod security;
mod socket;

pub(crate) use greeting::Greeting;
pub(crate) use lifeline::{CutOnDrop, Lifeline};
pub(crate) use security::{Security, told};

use std::{
    io::{self, IoSlice, IoSliceMut, Read, Write},
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use async_rs::{Runtime, Tokio, traits::Reactor, util::RuntimeParts};
use futures_util::{
    Future, Stream,
    io::{AsyncRead, AsyncWrite},
};
use lapin::{
    Connection, ConnectionProperties,
    tcp::{AMQPUriTcpExt as _, TLSConfig},
    uri::AMQPUri,
};

use parking_lot::Mutex;

use frames::Frames;
use socket::Socket;

type Kit = RuntimeParts<Tokio, Listening>;

/// Connects and logs in, for as long as the caller waits. Logging in goes on in the client library when the caller gives
/// up, and `lifeline` is cut under it.
///
/// The client library gets a socket that is connected: where it cannot connect one itself, tasks of its own stay for ever.
pub(crate) async fn connect(
    mut uri: AMQPUri,
    properties: ConnectionProperties,
    security: Security,
    greeting: &Arc<Greeting>,
    lifeline: &Lifeline,
) -> lapin::Result<Connection> {
    uri.query.frame_max = Some(frames::LONGEST);
    let reactor = Listening {
        tokio: Tokio::current(),
        security,
        greeting: Arc::clone(greeting),
        lifeline: lifeline.clone(),
    };
    let cut = CutOnDrop::new(lifeline);
    let runtime = Runtime::new(Kit::new(Tokio::current(), reactor));
    let socket = Mutex::new(Some(
        uri.connect_with_config_async(TLSConfig::default(), &runtime).await?,
    ));
    // It asks once, as it is not to connect again by itself.
    let take = async move |_, _| {
        let again = || lapin::Error::from(io::Error::from(io::ErrorKind::NotConnected));
        socket.lock().take().ok_or_else(again)
    };
    let connecting = Connection::connector(uri, runtime, take, properties);
    let connection = tokio::select! {
        connection = connecting => connection?,
        () = hung_up(lifeline) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
    };
    cut.defuse();
    Ok(connection)
}

/// The client library does not always notice that the broker hangs up on it while it logs in; mostly it does, and knows
/// better why.
async fn hung_up(lifeline: &Lifeline) {
    lifeline.hung_up().await;
    tokio::time::sleep(GRACE).await;
}

const GRACE: Duration = Duration::from_secs(1);

/// Tokio's reactor, with sockets that listen.
#[derive(Clone, Debug)]
struct Listening {
    tokio: Tokio,
    security: Security,
    greeting: Arc<Greeting>,
    lifeline: Lifeline,
}

impl Reactor for Listening {
    type TcpStream = Overheard;
    type Sleep = <Tokio as Reactor>::Sleep;

    /// Never called: the client library connects by address.
    fn register<H: Read + Write + Send + 'static>(
        &self,
        _socket: H,
    ) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static> {
        Err::<Overheard, _>(io::ErrorKind::Unsupported.into())
    }

    fn sleep(&self, duration: Duration) -> Self::Sleep {
        self.tokio.sleep(duration)
    }

    fn interval(&self, duration: Duration) -> impl Stream<Item = Instant> + Send + 'static {
        self.tokio.interval(duration)
    }

    fn tcp_connect_addr(
        &self,
        address: SocketAddr,
    ) -> impl Future<Output = io::Result<Self::TcpStream>> + Send + 'static {
        let connecting = self.tokio.tcp_connect_addr(address);
        let greeting = Some(Arc::clone(&self.greeting));
        let lifeline = self.lifeline.clone();
        let security = self.security.clone();
        async move {
            let socket = security.apply(connecting.await?, address, &lifeline).await?;
            Ok(Overheard {
                socket,
                greeting,
                frames: Frames::default(),
                lifeline,
            })
        }
    }
}

/// A socket whose first frame is overheard, and whose others are followed.
struct Overheard {
    socket: Socket,
    /// Gone when nothing more is to be heard.
    greeting: Option<Arc<Greeting>>,
    frames: Frames,
    /// Fails every read and write once it is cut.
    lifeline: Lifeline,
}

impl Drop for Overheard {
    fn drop(&mut self) {
        self.lifeline.let_go();
    }
}

impl Overheard {
    /// Looks whether the broker has hung up; who asks for nothing gets nothing in any case.
    fn note_end(&self, read: io::Result<usize>, asks_for_nothing: bool) -> io::Result<usize> {
        if !asks_for_nothing && !matches!(read, Ok(1..)) {
            self.lifeline.note_end();
        }
        read
    }

    fn hear(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.greeting.as_ref().is_some_and(|greeting| !greeting.overhear(bytes)) {
            self.greeting = None;
        }
        self.frames.follow(bytes)
    }
}

impl AsyncRead for Overheard {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        self.lifeline.check_reader(context)?;
        let read = std::task::ready!(Pin::new(&mut self.socket).poll_read(context, buffer));
        let read = self.note_end(read, buffer.is_empty())?;
        self.hear(buffer.get(..read).unwrap_or_default())?;
        Poll::Ready(Ok(read))
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.lifeline.check_reader(context)?;
        let read = std::task::ready!(Pin::new(&mut self.socket).poll_read_vectored(context, buffers));
        let read = self.note_end(read, buffers.iter().all(|buffer| buffer.is_empty()))?;
        let mut left = read;
        for buffer in buffers {
            let heard = left.min(buffer.len());
            self.hear(buffer.get(..heard).unwrap_or_default())?;
            left -= heard;
        }
        Poll::Ready(Ok(read))
    }
}

impl AsyncWrite for Overheard {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.lifeline.check_writer(context)?;
        Pin::new(&mut self.socket).poll_write(context, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.lifeline.check_writer(context)?;
        Pin::new(&mut self.socket).poll_write_vectored(context, buffers)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // With TLS something may be left to write.
        self.lifeline.check_writer(context)?;
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_close(context)
    }
}
