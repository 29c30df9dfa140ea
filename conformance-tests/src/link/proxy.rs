use std::{
    io,
    net::{SocketAddr, TcpListener as Listener},
    sync::Arc,
};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

use super::{Direction, Link};

/// A proxy before a broker's port: the link of those that connect to its own port. Dropping it cuts them.
#[derive(Debug)]
pub struct TcpProxy {
    address: SocketAddr,
    /// Of the connections that there are; later ones get the next value.
    state: Arc<Mutex<watch::Sender<State>>>,
    accepting: JoinHandle<()>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    to_broker: bool,
    to_client: bool,
    cut: bool,
}

impl State {
    fn is_stalled(self, direction: Direction) -> bool {
        match direction {
            Direction::ToBroker => self.to_broker,
            Direction::ToClient => self.to_client,
        }
    }
}

impl TcpProxy {
    /// Opens a port of its own on the loopback interface.
    ///
    /// # Errors
    /// When there is no port left.
    pub fn before(broker: SocketAddr) -> io::Result<Self> {
        let listener = Listener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(watch::Sender::new(State::default())));
        let accepting = tokio::spawn(accept(listener, broker, Arc::clone(&state)));
        Ok(Self {
            address,
            state,
            accepting,
        })
    }

    /// Where to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Link for TcpProxy {
    fn stall(&self, direction: Direction) {
        self.state.lock().send_modify(|state| match direction {
            Direction::ToBroker => state.to_broker = true,
            Direction::ToClient => state.to_client = true,
        });
    }

    fn cut(&self) {
        let old = std::mem::replace(&mut *self.state.lock(), watch::Sender::new(State::default()));
        old.send_modify(|state| state.cut = true);
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

async fn accept(listener: TcpListener, broker: SocketAddr, state: Arc<Mutex<watch::Sender<State>>>) {
    while let Ok((client, _)) = listener.accept().await {
        let watched = state.lock().subscribe();
        tokio::spawn(async move {
            // A broker that is not there shows as a connection that ends at once.
            if let Ok(broker) = TcpStream::connect(broker).await {
                carry(client, broker, watched).await;
            }
        });
    }
}

/// Carries until one end is closed or the link is cut; then both are closed.
async fn carry(client: TcpStream, broker: TcpStream, state: watch::Receiver<State>) {
    // What cannot be set costs time only.
    let _ = (client.set_nodelay(true), broker.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_broker, to_broker) = broker.into_split();
    let mut watched = state.clone();
    tokio::select! {
        _ = watched.wait_for(|state| state.cut) => {}
        _ = pump(from_client, to_broker, Direction::ToBroker, state.clone()) => {}
        _ = pump(from_broker, to_client, Direction::ToClient, state) => {}
    }
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    direction: Direction,
    state: watch::Receiver<State>,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut buffer).await?;
        if state.borrow().is_stalled(direction) {
            // Until the cut, which ends this.
            std::future::pending::<()>().await;
        }
        match buffer.get(..length) {
            None | Some([]) => return Ok(()),
            Some(read) => to.write_all(read).await?,
        }
    }
}
