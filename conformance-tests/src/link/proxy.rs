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

use super::{Direction, Link, Then, Utterance};

/// A proxy before a broker's port: the link of those that connect to its own port. Dropping it cuts them.
#[derive(Debug)]
pub struct TcpProxy {
    address: SocketAddr,
    /// Of the connections that there are; later ones get the next value.
    state: Arc<Mutex<watch::Sender<State>>>,
    accepting: JoinHandle<()>,
}

#[derive(Clone, Debug, Default)]
struct State {
    to_broker: bool,
    to_client: bool,
    /// What clients hear instead of their broker.
    said: Option<Arc<Utterance>>,
    cut: bool,
}

impl State {
    fn is_stalled(&self, direction: Direction) -> bool {
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

    fn say(&self, utterance: &Utterance) {
        let said = Some(Arc::new(utterance.clone()));
        self.state.lock().send_modify(|state| state.said = said);
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
    let (from_broker, mut to_broker) = broker.into_split();
    let mut watched = state.clone();
    tokio::select! {
        _ = watched.wait_for(|state| state.cut) => {}
        _ = pump(from_client, &mut to_broker, Direction::ToBroker, state.clone()) => {}
        _ = answer(from_broker, to_client, state) => {}
    }
}

/// Carries what the broker says, until somebody speaks in its place.
async fn answer(from: OwnedReadHalf, mut to: OwnedWriteHalf, state: watch::Receiver<State>) -> io::Result<()> {
    let mut watched = state.clone();
    let said = tokio::select! {
        ended = pump(from, &mut to, Direction::ToClient, state) => return ended,
        said = watched.wait_for(|state| state.said.is_some()) => said.ok().and_then(|state| state.said.clone()),
    };
    match said {
        Some(utterance) => say(&utterance, &mut to).await,
        None => Ok(()),
    }
}

/// Ends with an error when the client does not listen any more; else the client's own hanging up, or a cut, ends it.
async fn say(utterance: &Utterance, to: &mut OwnedWriteHalf) -> io::Result<()> {
    to.write_all(&utterance.bytes).await?;
    match utterance.then {
        Then::Silence => {}
        Then::Close => to.shutdown().await?,
        Then::Flood => loop {
            to.write_all(&[0; 8 * 1024]).await?;
        },
    }
    std::future::pending().await
}

async fn pump(
    mut from: OwnedReadHalf,
    to: &mut OwnedWriteHalf,
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
