//! The codec on a socket, and nothing else.

use anymq_stomp::frame::{Command, Frame, FrameDecoder, FrameEncoder, Limits, Version};
use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_util::codec::{Decoder as _, Encoder as _};

use crate::WINDOW;

pub(crate) const QUEUE: &str = "/queue/bench.codec";

pub(crate) struct Bare {
    socket: TcpStream,
    encoder: FrameEncoder,
    decoder: FrameDecoder,
    out: BytesMut,
    inbound: BytesMut,
    number: u64,
}

impl Bare {
    pub(crate) async fn connect(port: u16) -> Self {
        let socket = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
        socket.set_nodelay(true).expect("no delay");
        let mut bare = Self {
            socket,
            encoder: FrameEncoder::new(Version::V1_2),
            decoder: FrameDecoder::new(Version::V1_2, Limits::default()),
            out: BytesMut::new(),
            inbound: BytesMut::new(),
            number: 0,
        };
        let connect = Frame::new(Command::Connect)
            .with_header("accept-version", "1.2")
            .with_header("host", "/");
        bare.put(&connect);
        bare.flush().await;
        assert_eq!(bare.next().await.command, Command::Connected);
        bare
    }

    fn put(&mut self, frame: &Frame) {
        self.encoder.encode(frame, &mut self.out).expect("a frame");
    }

    async fn flush(&mut self) {
        self.socket.write_all_buf(&mut self.out).await.expect("write");
    }

    /// The next frame; what waits to be written is written before there is nothing to read.
    async fn next(&mut self) -> Frame {
        loop {
            if let Some(frame) = self.decoder.decode(&mut self.inbound).expect("a frame") {
                return frame;
            }
            self.flush().await;
            self.inbound.reserve(64 << 10);
            let read = self.socket.read_buf(&mut self.inbound).await.expect("read");
            assert!(read > 0, "the broker hung up");
        }
    }

    async fn receipt(&mut self) {
        assert_eq!(self.next().await.command, Command::Receipt);
    }

    /// As the provider sends it.
    fn publish(&mut self, body: Bytes) {
        self.number += 1;
        let frame = Frame::new(Command::Send)
            .with_header("destination", QUEUE)
            .with_header("x-anymq-destination", "queue:bench.codec")
            .with_header("persistent", "false")
            .with_header("priority", "4")
            .with_header(
                "JMS_anymq_id",
                format!("ID:anymq:0123456789abcdef0123456789abcdef-{}", self.number),
            )
            .with_header("JMS_anymq_timestamp", "1700000000000")
            .with_header("x-anymq-body", "bytes")
            .with_header("content-type", "application/octet-stream")
            .with_header("amq-msg-type", "bytes")
            .with_header("JMS_anymq_types", "")
            .with_header("receipt", self.number.to_string())
            .with_body(body);
        self.put(&frame);
    }

    pub(crate) async fn confirm_each(&mut self, body: &[u8], messages: u32) {
        let body = Bytes::copy_from_slice(body);
        for _ in 0..messages {
            self.publish(body.clone());
            self.receipt().await;
        }
    }

    pub(crate) async fn window(&mut self, body: &[u8], messages: u32) {
        let body = Bytes::copy_from_slice(body);
        let mut waiting = 0;
        for _ in 0..messages {
            if waiting == WINDOW {
                self.receipt().await;
                waiting -= 1;
            }
            self.publish(body.clone());
            waiting += 1;
        }
        for _ in 0..waiting {
            self.receipt().await;
        }
    }

    pub(crate) async fn drain(&mut self, queue: &str, messages: u32) {
        let subscribe = Frame::new(Command::Subscribe)
            .with_header("id", "bench")
            .with_header("destination", queue)
            .with_header("ack", "client-individual")
            .with_header("activemq.prefetchSize", WINDOW.to_string());
        self.put(&subscribe);
        for _ in 0..messages {
            let message = self.next().await;
            assert_eq!(message.command, Command::Message);
            let ack = message.headers.find("ack").expect("an id").clone();
            self.put(&Frame::new(Command::Ack).with_header("id", ack));
        }
        let unsubscribe = Frame::new(Command::Unsubscribe)
            .with_header("id", "bench")
            .with_header("receipt", "over");
        self.put(&unsubscribe);
        self.receipt().await;
    }

    pub(crate) async fn close(mut self) {
        self.put(&Frame::new(Command::Disconnect).with_header("receipt", "bye"));
        self.receipt().await;
    }
}
