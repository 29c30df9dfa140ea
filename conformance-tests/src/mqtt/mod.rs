//! A bare client of MQTT, as other programs at the same broker are: it publishes one message, byte by byte as it is told.

mod packet;

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) use packet::{Property, Publish, Version};

/// Publishes a message with QoS 1 as this user, and waits until the broker has taken it.
pub(crate) async fn publish(
    broker: SocketAddr,
    version: Version,
    user: &str,
    password: &str,
    message: &Publish,
) -> io::Result<()> {
    let mut stream = TcpStream::connect(broker).await?;
    stream.write_all(&packet::connect(version, user, password)).await?;
    expect(&mut stream, packet::CONNACK).await?;
    stream.write_all(&message.packet(version)).await?;
    expect(&mut stream, packet::PUBACK).await?;
    stream.write_all(&packet::disconnect()).await
}

/// The next packet, which is of this type and says that all is well.
async fn expect(stream: &mut TcpStream, kind: u8) -> io::Result<()> {
    let first = stream.read_u8().await?;
    let mut rest = vec![0; read_length(stream).await?];
    stream.read_exact(&mut rest).await?;
    // Both have two bytes before the reason; PUBACK may leave that out.
    let reason = rest
        .get(if kind == packet::CONNACK { 1 } else { 2 })
        .copied()
        .unwrap_or(0);
    // From 0x80 on it is a refusal, and in CONNACK of 3.1.1 all but 0.
    if first != kind || reason >= 0x80 || kind == packet::CONNACK && reason > 0 {
        return Err(io::Error::other(format!("the broker says {first:#04x} {rest:02x?}")));
    }
    Ok(())
}

async fn read_length(stream: &mut TcpStream) -> io::Result<usize> {
    let mut length = 0;
    for shift in [0, 7, 14, 21] {
        let byte = stream.read_u8().await?;
        length |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(length);
        }
    }
    Err(io::Error::other("a length of more than four bytes"))
}
