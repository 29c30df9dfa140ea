//! A proxy that does to TCP connections what a script says.

use std::{
    io,
    net::{SocketAddr, TcpListener as Listener},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
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

use super::{
    Dice, Door, Fault, Links, Manner, Moment, Script,
    protocol::{Protocol, Reader},
};
use crate::link::{Direction, Link};

/// A proxy before a broker's port. Dropping it cuts its connections.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    line: Arc<Line>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Line {
    script: Arc<Script>,
    protocol: Arc<dyn Protocol>,
    /// Of the connections that there are, those of proxies beside this one included.
    state: Arc<Mutex<watch::Sender<State>>>,
    open: Arc<AtomicUsize>,
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

impl FaultProxy {
    /// Opens a port of its own on the loopback interface.
    ///
    /// # Errors
    /// When there is no port left.
    pub fn before(broker: SocketAddr, protocol: Arc<dyn Protocol>, script: Arc<Script>) -> io::Result<Self> {
        Self::open_line(
            broker,
            Line {
                script,
                protocol,
                state: Arc::new(Mutex::new(watch::Sender::new(State::default()))),
                open: Arc::default(),
            },
        )
    }

    /// Another one, before a broker that stands in for that of this one: what happens to the connections of one happens to
    /// those of the other.
    ///
    /// # Errors
    /// When there is no port left.
    pub fn beside(&self, broker: SocketAddr) -> io::Result<Self> {
        Self::open_line(
            broker,
            Line {
                script: Arc::clone(&self.line.script),
                protocol: Arc::clone(&self.line.protocol),
                state: Arc::clone(&self.line.state),
                open: Arc::default(),
            },
        )
    }

    fn open_line(broker: SocketAddr, line: Line) -> io::Result<Self> {
        let listener = Listener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        let line = Arc::new(line);
        let accepting = tokio::spawn(accept(listener, broker, Arc::clone(&line)));
        Ok(Self {
            address,
            line,
            accepting,
        })
    }

    /// Where to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections it carries.
    pub fn open(&self) -> usize {
        self.line.open.load(Ordering::SeqCst)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.line.part().cut();
    }
}

/// The connections of one time between two outages.
#[derive(Debug)]
struct Parted(watch::Sender<State>);

impl Link for Parted {
    fn stall(&self, direction: Direction) {
        self.0.send_modify(|state| match direction {
            Direction::ToBroker => state.to_broker = true,
            Direction::ToClient => state.to_client = true,
        });
    }

    fn cut(&self) {
        self.0.send_modify(|state| state.cut = true);
    }
}

impl Links for Line {
    fn part(&self) -> Arc<dyn Link> {
        let fresh = watch::Sender::new(State::default());
        Arc::new(Parted(std::mem::replace(&mut *self.state.lock(), fresh)))
    }
}

/// Counts a connection as long as it lives.
struct Open(Arc<AtomicUsize>);

impl Open {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn accept(listener: TcpListener, broker: SocketAddr, line: Arc<Line>) {
    while let Ok((client, _)) = listener.accept().await {
        let watched = line.state.lock().subscribe();
        match line.script.door() {
            Door::Open => {
                let (line, open) = (Arc::clone(&line), Open::new(&line.open));
                tokio::spawn(async move {
                    // A broker that is not there shows as a connection that ends at once.
                    if let Ok(broker) = TcpStream::connect(broker).await {
                        line.script.connected();
                        carry(client, broker, &line, watched).await;
                    }
                    drop(open);
                });
            }
            Door::Shut => {}
            Door::Mute(until) => {
                tokio::spawn(async move {
                    mute(client, until, watched).await;
                });
            }
        }
    }
}

/// Hears nothing and says nothing.
async fn mute(client: TcpStream, until: tokio::time::Instant, mut watched: watch::Receiver<State>) {
    tokio::select! {
        () = tokio::time::sleep_until(until) => {}
        _ = watched.wait_for(|state| state.cut) => {}
    }
    drop(client);
}

/// Carries until one end is closed or the link is cut; then both are closed.
async fn carry(client: TcpStream, broker: TcpStream, line: &Arc<Line>, state: watch::Receiver<State>) {
    // What cannot be set costs time only.
    let _ = (client.set_nodelay(true), broker.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_broker, to_broker) = broker.into_split();
    let mut watched = state.clone();
    let [asking, answering] = line.protocol.readers();
    let up = Pump::new(from_client, to_broker, Direction::ToBroker, asking, line, state.clone());
    let down = Pump::new(from_broker, to_client, Direction::ToClient, answering, line, state);
    tokio::select! {
        // The sender goes with the proxy.
        _ = watched.wait_for(|state| state.cut) => {}
        _ = up.run() => {}
        _ = down.run() => {}
    }
}

/// One direction of one connection.
struct Pump<'a> {
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    direction: Direction,
    line: &'a Arc<Line>,
    state: watch::Receiver<State>,
    reader: Box<dyn Reader>,
    /// Read, and not carried on yet.
    held: Vec<u8>,
    dice: Dice,
}

/// The pause of a slow link, and how much of one write is split into small pieces: all of it would take too long.
const PAUSE: Duration = Duration::from_millis(2);
const DRIBBLED: usize = 512;

/// Lets a fault that was set off happen when it is dropped: also where its connection ends in the middle of a write.
struct Strike {
    line: Arc<Line>,
    fault: Fault,
}

impl Drop for Strike {
    fn drop(&mut self) {
        self.line.script.strike(self.fault, &*self.line);
    }
}

impl<'a> Pump<'a> {
    fn new(
        from: OwnedReadHalf,
        to: OwnedWriteHalf,
        direction: Direction,
        reader: Box<dyn Reader>,
        line: &'a Arc<Line>,
        state: watch::Receiver<State>,
    ) -> Self {
        Self {
            from,
            to,
            direction,
            line,
            state,
            reader,
            held: Vec::with_capacity(64 * 1024),
            dice: Dice::new(line.script.epoch(), direction as u64),
        }
    }

    async fn run(mut self) -> io::Result<()> {
        while self.from.read_buf(&mut self.held).await? > 0 {
            if self.is_stalled() {
                // Read on, so that the end of the connection is seen.
                self.held.clear();
                continue;
            }
            self.carry_on().await?;
            if self.line.script.manner() == Manner::Slow {
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(())
    }

    fn is_stalled(&self) -> bool {
        self.state.borrow().is_stalled(self.direction)
    }

    /// Carries all that is whole, as far as no fault comes in between.
    async fn carry_on(&mut self) -> io::Result<()> {
        let mut ready = 0;
        while let Some(unit) = self.reader.next(self.held.get(ready..).unwrap_or_default()) {
            let end = ready + unit.length;
            // What is cut already counts no more.
            if self.is_over().await {
                self.held.clear();
                return Ok(());
            }
            let Some(fault) = self.line.script.passes(unit.point) else {
                ready = end;
                continue;
            };
            let passed = if fault.moment == Moment::Before { ready } else { end };
            let strike = Strike {
                line: Arc::clone(self.line),
                fault,
            };
            self.write(passed).await?;
            ready = end - passed;
            drop(strike);
            if self.is_over().await {
                self.held.clear();
                return Ok(());
            }
        }
        self.write(ready).await
    }

    /// Whether nothing more passes here; after a cut this never returns, and whoever waits for it ends it.
    async fn is_over(&mut self) -> bool {
        if self.state.borrow().cut {
            std::future::pending::<()>().await;
        }
        self.is_stalled()
    }

    async fn write(&mut self, length: usize) -> io::Result<()> {
        let mut bytes = self.held.get(..length).unwrap_or_default();
        if self.line.script.manner() == Manner::Split {
            let mut left = DRIBBLED.min(bytes.len());
            while left > 0 {
                let piece = left.min(self.dice.between(1, 23) as usize);
                let (first, rest) = bytes.split_at(piece);
                self.to.write_all(first).await?;
                tokio::task::yield_now().await;
                (bytes, left) = (rest, left - piece);
            }
        }
        self.to.write_all(bytes).await?;
        self.held.drain(..length);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
