//! The first frames of AMQP 0-9-1, enough to know that a broker is up and which one.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PROTOCOL_HEADER: &[u8] = b"AMQP\x00\x00\x09\x01";

/// Type and channel, before the size of the payload.
const FRAME_START: [u8; 3] = [1, 0, 0];

/// Class 10, method 10: `connection.start`.
const CONNECTION_START: [u8; 4] = [0, 10, 0, 10];

/// The name of a field and the type of its value, a long string, as the table in `connection.start` has them.
const VERSION_FIELD: &[u8] = b"\x07versionS";

/// More than any broker greets with.
const MAX_FRAME: u32 = 1 << 16;

/// Connects as a client does and gives the version with which the broker greets; `None` when there is no such greeting.
///
/// Brokers open their port late in their start, so whoever greets takes clients.
pub(super) async fn server_version(address: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(PROTOCOL_HEADER).await.ok()?;
    let mut start = [0; 3];
    stream.read_exact(&mut start).await.ok()?;
    let size = stream.read_u32().await.ok()?;
    if start != FRAME_START || size > MAX_FRAME {
        return None;
    }
    let mut payload = vec![0; usize::try_from(size).ok()?];
    stream.read_exact(&mut payload).await.ok()?;
    version(&payload)
}

fn version(payload: &[u8]) -> Option<String> {
    let table = payload.strip_prefix(&CONNECTION_START)?;
    let field = table
        .windows(VERSION_FIELD.len())
        .position(|window| window == VERSION_FIELD)?;
    let (length, text) = table[field + VERSION_FIELD.len()..].split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    String::from_utf8(text.get(..length)?.to_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn greeting(tail: &[u8]) -> Vec<u8> {
        [&CONNECTION_START, b"\x00\x09....".as_slice(), tail].concat()
    }

    #[test]
    fn the_version_is_read() {
        let payload = greeting(b"\x07versionS\x00\x00\x00\x063.10.8\x08platformS");
        assert_eq!(version(&payload).as_deref(), Some("3.10.8"));
    }

    #[test]
    fn what_is_cut_short_gives_nothing() {
        let payload = greeting(b"\x07versionS\x00\x00\x00\x063.10.8");
        for length in 0..payload.len() {
            assert_eq!(version(&payload[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn another_method_gives_nothing() {
        assert_eq!(version(b"\x00\x0a\x00\x32\x07versionS\x00\x00\x00\x013"), None);
    }
}
