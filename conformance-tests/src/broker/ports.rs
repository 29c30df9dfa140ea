//! Loopback ports for brokers.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

/// A free TCP port of 127.0.0.1, kept for us as long as this value lives.
///
/// On Linux the port stays bound, though not listening, with `SO_REUSEADDR`: a broker, which sets the same option, can
/// listen on it, but the kernel gives it to nobody else who asks for any free port. So two ports at a time are always
/// distinct, nothing is lost in the seconds that a broker takes to start or is down after a crash, and a client that
/// reconnects meanwhile is refused and cannot, by bad luck with its own ephemeral port, connect to itself. Other systems
/// do not share a bound port, so there it is only found, not kept.
#[derive(Debug)]
pub struct Port {
    number: u16,
    _held: Option<TcpSocket>,
}

impl Port {
    /// Takes a free port.
    ///
    /// # Errors
    ///
    /// When the system has none or allows no sockets.
    pub fn reserve() -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        Ok(Self {
            number: socket.local_addr()?.port(),
            _held: cfg!(target_os = "linux").then_some(socket),
        })
    }

    /// The port's number.
    pub fn number(&self) -> u16 {
        self.number
    }

    /// The port's address, for connecting to it.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.number))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn ports_are_distinct() {
        let ports: Vec<Port> = (0..200).map(|_| Port::reserve().unwrap()).collect();
        let numbers: HashSet<u16> = ports.iter().map(Port::number).collect();
        assert_eq!(numbers.len(), ports.len());
    }

    #[test]
    fn a_reserved_port_refuses_connections() {
        let port = Port::reserve().unwrap();
        let error = TcpStream::connect(port.address()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn a_broker_can_listen_on_a_reserved_port_again_and_again() {
        let port = Port::reserve().unwrap();
        for _ in 0..3 {
            // The standard library sets SO_REUSEADDR, as brokers do.
            let listener = TcpListener::bind(port.address()).unwrap();
            let client = TcpStream::connect(port.address()).unwrap();
            let (server, _) = listener.accept().unwrap();
            drop((server, client));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_kernel_gives_a_reserved_port_to_nobody_else() {
        let port = Port::reserve().unwrap();
        // Without SO_REUSEADDR even a request for this very number is refused.
        let stranger = TcpSocket::new_v4().unwrap();
        let error = stranger.bind(port.address()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }
}
