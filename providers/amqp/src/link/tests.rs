//! What answers where a broker is looked for, and is none.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    thread::JoinHandle,
};

use lapin::uri::AMQPAuthority;

use super::*;

struct NoEvents;

impl EventSink for NoEvents {
    fn event(&self, _event: DriverEvent) {}
}

/// Serves one connection.
fn serve<T: Send + 'static>(answer: impl FnOnce(TcpStream) -> T + Send + 'static) -> (AMQPUri, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || answer(listener.accept().unwrap().0));
    let uri = AMQPUri {
        authority: AMQPAuthority {
            host: "127.0.0.1".to_owned(),
            port,
            ..AMQPAuthority::default()
        },
        ..AMQPUri::default()
    };
    (uri, server)
}

async fn open(uri: AMQPUri) -> Result<Arc<Link>> {
    let limit = Duration::from_secs(5);
    Link::open(uri, ConnectionProperties::default(), limit, Arc::new(NoEvents)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_up_leaves_no_socket_behind() {
    let (uri, server) = serve(|mut socket| {
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut heard = Vec::new();
        socket.read_to_end(&mut heard).map(|_| heard)
    });
    let given_up = tokio::time::timeout(Duration::from_millis(300), open(uri)).await;
    assert!(given_up.is_err());
    let heard = tokio::task::spawn_blocking(|| server.join().unwrap()).await.unwrap();
    assert_eq!(heard.unwrap(), b"AMQP\0\0\x09\x01");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_protocol_is_told_as_such() {
    for greeting in ["HTTP/1.1 400 Bad Request\r\n\r\n", "220 mail.example ESMTP\r\n", "x"] {
        let (uri, server) = serve(move |mut socket| {
            socket.write_all(greeting.as_bytes()).unwrap();
            let mut heard = [0; 8];
            socket.read_exact(&mut heard).unwrap();
        });
        let refused = open(uri).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Configuration, "{refused}");
        assert_eq!(refused.retry(), Retry::Never);
        assert!(refused.detail().contains("not an AMQP 0-9-1 broker"));
        server.join().unwrap();
    }
}
