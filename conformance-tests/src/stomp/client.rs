//! A connection to a broker.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

use super::StompFrame;

/// A connection that sends and receives frames and does nothing by itself. It waits as long as its caller does.
#[derive(Debug)]
pub struct StompClient<S = TcpStream> {
    stream: BufStream<S>,
    greeting: StompFrame,
    /// What came before a receipt.
    received: VecDeque<StompFrame>,
    receipts: u64,
}

impl StompClient {
    /// Connects by TCP.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and when nobody listens.
    ///
    /// # Cancel safety
    ///
    /// The connection is closed when the future is dropped.
    pub async fn connect(address: SocketAddr, user: &str, password: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        Self::open(stream, &StompFrame::connect(user, password)).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> StompClient<S> {
    /// Sends this frame as the first and waits until the broker takes the connection.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::ConnectionRefused`] with what the broker says when it refuses; those of the stream.
    ///
    /// # Cancel safety
    ///
    /// The stream is closed when the future is dropped.
    pub async fn open(stream: S, connect: &StompFrame) -> io::Result<Self> {
        let mut client = Self {
            stream: BufStream::new(stream),
            greeting: StompFrame::new("CONNECTED"),
            received: VecDeque::new(),
            receipts: 0,
        };
        client.send(connect).await?;
        client.greeting = client.receive().await?;
        if client.greeting.command == "CONNECTED" {
            return Ok(client);
        }
        Err(io::Error::new(io::ErrorKind::ConnectionRefused, said(&client.greeting)))
    }

    /// What the broker answered first.
    pub fn greeting(&self) -> &StompFrame {
        &self.greeting
    }

    /// Sends a frame.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    ///
    /// # Cancel safety
    ///
    /// None: a part of the frame may be sent.
    pub async fn send(&mut self, frame: &StompFrame) -> io::Result<()> {
        self.stream.write_all(&frame.encode()).await?;
        self.stream.flush().await
    }

    /// Sends a frame and waits for its receipt. What else comes meanwhile is for [`receive`](Self::receive).
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::Other`] with what the broker says when it answers with an error; those of the stream.
    ///
    /// # Cancel safety
    ///
    /// None.
    pub async fn confirmed(&mut self, frame: StompFrame) -> io::Result<()> {
        self.receipts += 1;
        let receipt = format!("receipt-{}", self.receipts);
        self.send(&frame.with("receipt", &receipt)).await?;
        loop {
            let frame = StompFrame::read(&mut self.stream).await?;
            match frame.command.as_str() {
                "RECEIPT" if frame.header("receipt-id") == Some(&receipt) => return Ok(()),
                "ERROR" => return Err(io::Error::other(said(&frame))),
                _ => self.received.push_back(frame),
            }
        }
    }

    /// The next frame.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::UnexpectedEof`] when the broker has closed the connection, [`io::ErrorKind::InvalidData`] when it
    /// sent something else than frames; those of the stream.
    ///
    /// # Cancel safety
    ///
    /// None: a part of the frame may be read.
    pub async fn receive(&mut self) -> io::Result<StompFrame> {
        match self.received.pop_front() {
            Some(frame) => Ok(frame),
            None => StompFrame::read(&mut self.stream).await,
        }
    }
}

/// What a frame of the command ERROR tells.
fn said(frame: &StompFrame) -> String {
    let message = frame.header("message").unwrap_or("no message");
    format!("the broker answered {}: {message}", frame.command)
}
