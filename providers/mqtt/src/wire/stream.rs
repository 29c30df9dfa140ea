//! What has to be polled.

use std::{
    collections::VecDeque,
    future::poll_fn,
    io,
    pin::{Pin, pin},
    task::{Context, Poll},
};

use bytes::{Buf as _, BytesMut};
use tokio::{
    io::{AsyncReadExt as _, AsyncWrite as _},
    sync::mpsc,
    time::{Instant, Sleep, sleep},
};

use super::{
    Event, Failure, Greeting, QoS, Request, Setup, Version,
    packet::{Incoming, Outgoing},
    protocol::Protocol,
    pulse::{Beat, Pulse, Traffic},
    socket::{self, Duplex},
};
use crate::error::lost;

/// How much is gathered for one write, in bytes, beside the last packet.
const GATHERED: usize = 64 * 1024;
/// How many packets are taken at a time.
const TOGETHER: usize = 64;
/// The least and the most room for one read, in bytes. What is read stays in memory as long as one message of it.
const CHUNKS: (usize, usize) = (4 * 1024, 64 * 1024);

/// Where requests go.
#[derive(Clone, Debug)]
pub(crate) struct Client(mpsc::UnboundedSender<Outgoing>);

impl Client {
    /// Hands over a request, with its identifier; false when nobody takes it any more. Never waits.
    pub(crate) fn request(&self, request: Request, id: u16) -> bool {
        self.0.send(Outgoing::Request(request, id)).is_ok()
    }

    /// Acknowledges what came with this identifier.
    pub(crate) fn acknowledge(&self, id: u16, qos: QoS) -> bool {
        self.0.send(Outgoing::Acknowledge(id, qos)).is_ok()
    }

    pub(crate) fn disconnect(&self) -> bool {
        self.0.send(Outgoing::Farewell).is_ok()
    }
}

/// A socket that speaks MQTT. Everything that is to be written goes together, and so does what is read.
pub(crate) struct Loop {
    socket: Box<dyn Duplex>,
    protocol: Protocol,
    packets: mpsc::UnboundedReceiver<Outgoing>,
    /// For packets on their way from there, empty.
    taken: Vec<Outgoing>,
    input: Input,
    output: Output,
    /// What happened and was not told yet.
    events: VecDeque<Event>,
    /// Told after these, and then again and again.
    failure: Option<Failure>,
    /// Messages are acknowledged as they come.
    is_prompt: bool,
    pulse: Pulse,
    timer: Pin<Box<Sleep>>,
}

struct Input {
    buffer: BytesMut,
    chunk: usize,
    read: u64,
}

struct Output {
    buffer: BytesMut,
    /// All that was ever put into it, and how much of that has left it.
    put: u64,
    written: u64,
    is_flushed: bool,
    /// The most that it held since it was made, in bytes.
    most: usize,
    /// What is told when so much has.
    told: VecDeque<(u64, Event)>,
}

impl Loop {
    /// Connects, and is let in. Dropping the future closes the socket.
    pub(crate) async fn connect(setup: &Setup) -> Result<(Client, Self, Greeting), Failure> {
        let mut socket = socket::connect(setup).await?;
        let protocol = Protocol::new(setup);
        let (mut input, mut output) = (Input::default(), Output::default());
        protocol.connect(setup, &mut output.buffer)?;
        output.note();
        poll_fn(|context| output.poll_write(&mut socket, context))
            .await
            .map_err(socket::ended)?;
        let greeting = loop {
            if let Some(greeting) = protocol.greeting(setup, &mut input.buffer)? {
                break greeting;
            }
            let end = match poll_fn(|context| input.poll_read(&mut socket, context)).await {
                Ok(1..) => continue,
                Ok(0) => socket::closed(),
                Err(error) => socket::ended(error),
            };
            // So do brokers that have never heard of it, RabbitMQ's among them.
            let is_other_version = setup.version == Version::V5;
            return Err(Failure {
                is_other_version,
                ..end
            });
        };
        let pulse = Pulse::new(setup.keep_alive, greeting.keep_alive.unwrap_or(setup.keep_alive));
        let (client, packets) = mpsc::unbounded_channel();
        let this = Self {
            socket,
            protocol,
            packets,
            taken: Vec::with_capacity(TOGETHER),
            input,
            output,
            events: VecDeque::new(),
            failure: None,
            is_prompt: false,
            timer: Box::pin(sleep(pulse.step())),
            pulse,
        };
        Ok((Client(client), this, greeting))
    }

    /// Whether messages that come from now on are acknowledged as they come.
    pub(crate) fn acknowledge_at_once(&mut self, at_once: bool) {
        self.is_prompt = at_once;
    }

    /// What happens next; at the end, why there is nothing more.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub(crate) async fn poll(&mut self) -> Result<Event, Failure> {
        poll_fn(|context| self.poll_event(context)).await
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Result<Event, Failure>> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Poll::Ready(Ok(event));
            }
            if let Some(failure) = &self.failure {
                return Poll::Ready(Err(failure.clone()));
            }
            if self.turn(context).is_pending() {
                return Poll::Pending;
            }
        }
    }

    /// Writes and reads what can be. Pending where nothing came of it.
    fn turn(&mut self, context: &mut Context<'_>) -> Poll<()> {
        // Before anything is read: it is behind CONNACK, or came when the last one was taken.
        self.decode();
        self.gather(context);
        if let Poll::Ready(Err(error)) = self.output.poll_write(&mut self.socket, context) {
            self.end(context, socket::ended(error));
            return Poll::Ready(());
        }
        self.output.tell(&mut self.events);
        let reading = self.read(context);
        self.watch(context);
        if self.events.is_empty() && self.failure.is_none() {
            reading
        } else {
            Poll::Ready(())
        }
    }

    /// Takes packets that are to be written, up to a good lot.
    fn gather(&mut self, context: &mut Context<'_>) {
        while self.failure.is_none() && self.output.buffer.len() < GATHERED {
            let mut taken = std::mem::take(&mut self.taken);
            let count = self.packets.poll_recv_many(context, &mut taken, TOGETHER);
            for packet in taken.drain(..) {
                let told = packet.told();
                self.put(packet, told);
            }
            self.taken = taken;
            if !matches!(count, Poll::Ready(1..)) {
                return;
            }
        }
    }

    fn put(&mut self, packet: Outgoing, told: Option<Event>) {
        match self.protocol.write(packet, &mut self.output.buffer) {
            Ok(()) => {
                self.output.note();
                let told = told.map(|event| (self.output.put, event));
                self.output.told.extend(told);
            }
            Err(failure) => self.failure = Some(failure),
        }
    }

    fn read(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match self.input.poll_read(&mut self.socket, context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Ok(1..)) => self.decode(),
            Poll::Ready(Ok(0)) => self.fail(socket::closed()),
            Poll::Ready(Err(error)) => self.fail(socket::ended(error)),
        }
        Poll::Ready(())
    }

    fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }

    /// What came before the end is not lost with it: a broker may acknowledge and hang up in one breath.
    fn end(&mut self, context: &mut Context<'_>, failure: Failure) {
        while let Poll::Ready(Ok(1..)) = self.input.poll_read(&mut self.socket, context) {
            self.decode();
        }
        self.fail(failure);
    }

    /// Understands what was read.
    fn decode(&mut self) {
        while self.failure.is_none() && !self.input.buffer.is_empty() {
            match self.protocol.read(&mut self.input.buffer) {
                Ok(Some(packet)) => self.take(packet),
                Ok(None) => return,
                Err(failure) => self.fail(failure),
            }
        }
    }

    fn take(&mut self, packet: Incoming) {
        match packet {
            Incoming::Message(mut message) => {
                if self.is_prompt && message.pkid != 0 {
                    self.put(Outgoing::Acknowledge(message.pkid, message.qos), None);
                    message.pkid = 0;
                }
                self.events.push_back(Event::Message(message));
            }
            Incoming::Answered(answer) => self.events.push_back(Event::Answered(answer)),
            Incoming::Received(id) => self.put(Outgoing::Release(id), None),
            // Whether it is known or not: of a session that was resumed, it need not be.
            Incoming::Released(id) => self.put(Outgoing::Complete(id), None),
            Incoming::Farewell(failure) => self.fail(failure),
            Incoming::Nothing => {}
        }
    }

    /// Looks whether the broker is still there, when it is time to.
    fn watch(&mut self, context: &mut Context<'_>) {
        while self.failure.is_none() && self.timer.as_mut().poll(context).is_ready() {
            self.timer.as_mut().reset(Instant::now() + self.pulse.step());
            let traffic = Traffic {
                read: self.input.read,
                written: self.output.written,
                unwritten: self.output.buffer.len(),
            };
            match self.pulse.look(traffic) {
                Beat::Nothing => {}
                Beat::Ask => {
                    self.put(Outgoing::Question, None);
                    // It is written in the next turn.
                    context.waker().wake_by_ref();
                }
                Beat::Dead(how) => self.fail(Failure::from(lost(how))),
            }
        }
    }
}

impl Default for Input {
    fn default() -> Self {
        Self {
            buffer: BytesMut::new(),
            chunk: CHUNKS.0,
            read: 0,
        }
    }
}

impl Input {
    fn poll_read(&mut self, socket: &mut Box<dyn Duplex>, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.buffer.is_empty() && self.buffer.capacity() > 4 * CHUNKS.1 {
            // What a large message left.
            self.buffer = BytesMut::new();
        }
        let mut room = self.buffer.capacity() - self.buffer.len();
        if room < self.chunk / 4 {
            self.buffer.reserve(self.chunk);
            room = self.buffer.capacity() - self.buffer.len();
        }
        let read = pin!(socket.read_buf(&mut self.buffer)).poll(context);
        if let Poll::Ready(Ok(count)) = read {
            self.read += count as u64;
            self.learn(count, room);
        }
        read
    }

    /// Much comes at a time, or little.
    fn learn(&mut self, count: usize, room: usize) {
        if count == room {
            self.chunk = (self.chunk * 2).min(CHUNKS.1);
        } else if count < self.chunk / 8 {
            self.chunk = (self.chunk / 2).max(CHUNKS.0);
        }
    }
}

impl Default for Output {
    fn default() -> Self {
        Self {
            buffer: BytesMut::new(),
            put: 0,
            written: 0,
            is_flushed: true,
            most: 0,
            told: VecDeque::new(),
        }
    }
}

impl Output {
    /// Something was put into the buffer.
    fn note(&mut self) {
        self.put = self.written + self.buffer.len() as u64;
        self.most = self.most.max(self.buffer.len());
    }

    /// Ready when nothing is left.
    fn poll_write(&mut self, socket: &mut Box<dyn Duplex>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.buffer.is_empty() {
            match std::task::ready!(Pin::new(&mut *socket).poll_write(context, &self.buffer)) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(count) => {
                    self.buffer.advance(count);
                    self.written += count as u64;
                    self.is_flushed = false;
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        if !self.is_flushed {
            std::task::ready!(Pin::new(socket).poll_flush(context))?;
            self.is_flushed = true;
        }
        Poll::Ready(Ok(()))
    }

    /// What is written now.
    fn tell(&mut self, events: &mut VecDeque<Event>) {
        while let Some((end, _)) = self.told.front()
            && *end <= self.written
            && let Some((_, event)) = self.told.pop_front()
        {
            events.push_back(event);
        }
        if self.buffer.is_empty() && self.most > 4 * GATHERED {
            // It held a large message, and would keep its room.
            self.buffer = BytesMut::new();
            self.most = 0;
        }
    }
}
