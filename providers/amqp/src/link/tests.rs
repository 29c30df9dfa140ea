//! What answers where a broker is looked for, and is none.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    thread::JoinHandle,
    time::Duration,
};

use anymq_api::Retry;
use futures_util::future::join_all;
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
    let usual = Usual {
        dead_letters: "queue:DLQ".parse().unwrap(),
        queue_kind: QueueKind::Classic,
    };
    let (properties, security) = (ConnectionProperties::default(), Security::default());
    let events = Arc::new(NoEvents);
    Link::open(uri, properties, security, usual, events, Origin::new(None)).await
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

#[cfg(target_os = "linux")]
fn threads_of_the_client_library() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| name.starts_with("lapin")).count()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn who_gives_up_leaves_no_thread_behind() {
    // The system's backlog accepts, and nobody ever answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = AMQPUri {
        authority: AMQPAuthority {
            host: "127.0.0.1".to_owned(),
            port: silent.local_addr().unwrap().port(),
            ..AMQPAuthority::default()
        },
        ..AMQPUri::default()
    };
    for _ in 0..10 {
        let given_up = tokio::time::timeout(Duration::from_millis(50), open(uri.clone())).await;
        assert!(given_up.is_err());
    }
    let limit = Instant::now() + Duration::from_secs(10);
    while threads_of_the_client_library() > 0 {
        assert!(Instant::now() < limit, "threads are left");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_protocol_is_told_as_such() {
    for greeting in ["HTTP/1.1 400 Bad Request\r\n\r\n", "220 mail.example ESMTP\r\n", "x"] {
        let (uri, server) = serve(move |mut socket| {
            socket.write_all(greeting.as_bytes()).unwrap();
            // The client may hang up before it has said anything.
            let _ = socket.read_exact(&mut [0; 8]);
        });
        let refused = open(uri).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Configuration, "{refused}");
        assert_eq!(refused.retry(), Retry::Never);
        assert!(refused.detail().contains("not an AMQP 0-9-1 broker"));
        server.join().unwrap();
    }
}

/// connection.start, without properties.
const START: &[u8] = b"\x01\0\0\0\0\0\x1c\0\x0a\0\x0a\0\x09\0\0\0\0\0\0\0\x05PLAIN\0\0\0\x05en_US\xce";

/// connection.tune: any number of channels, frames as long as can be, no heartbeat.
const TUNE: &[u8] = b"\x01\0\0\0\0\0\x0c\0\x0a\0\x1e\0\0\xff\xff\xff\xff\0\0\xce";

fn read_payload(socket: &mut TcpStream) -> Vec<u8> {
    let mut head = [0; 7];
    socket.read_exact(&mut head).unwrap();
    let length = u32::from_be_bytes([head[3], head[4], head[5], head[6]]);
    let mut payload = vec![0; length as usize + 1];
    socket.read_exact(&mut payload).unwrap();
    payload
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_are_no_longer_than_we_agree_to() {
    let (uri, server) = serve(|mut socket| {
        socket.read_exact(&mut [0; 8]).unwrap();
        socket.write_all(START).unwrap();
        let start_ok = read_payload(&mut socket);
        assert_eq!(start_ok[..4], [0, 10, 0, 11]);
        socket.write_all(TUNE).unwrap();
        read_payload(&mut socket)
    });
    assert!(open(uri).await.is_err());
    let tune_ok = tokio::task::spawn_blocking(|| server.join().unwrap()).await.unwrap();
    assert_eq!(tune_ok[..4], [0, 10, 0, 31]);
    assert_eq!(tune_ok[6..10], (128_u32 * 1024).to_be_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_greeting_of_absurd_length_is_not_waited_for() {
    let (uri, server) = serve(|mut socket| {
        socket.read_exact(&mut [0; 8]).unwrap();
        socket.write_all(b"\x01\0\0\xff\xff\xff\xff").unwrap();
        // Until the client hangs up.
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        socket.read(&mut [0]).map_err(|error| error.kind())
    });
    let refused = open(uri).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionLost, "{refused}");
    let heard = tokio::task::spawn_blocking(|| server.join().unwrap()).await.unwrap();
    assert_ne!(heard, Err(std::io::ErrorKind::WouldBlock));
}

/// connection.open-ok, and channel.open-ok for the first channel.
const OPEN_OK: &[u8] = b"\x01\0\0\0\0\0\x05\0\x0a\0\x29\0\xce";
const CHANNEL_OPEN_OK: &[u8] = b"\x01\0\x01\0\0\0\x08\0\x14\0\x0b\0\0\0\0\xce";

/// How often the client is answered until it has its first channel.
const STEPS: usize = 4;

/// Lets a client in, and gives it its first channel; or as much of that as there are steps.
fn welcome(socket: &mut TcpStream, steps: usize) {
    let answers = [(0, START), (1, TUNE), (2, OPEN_OK), (1, CHANNEL_OPEN_OK)];
    for (step, (frames, answer)) in answers.into_iter().take(steps).enumerate() {
        if step == 0 {
            socket.read_exact(&mut [0; 8]).unwrap();
        }
        for _ in 0..frames {
            read_payload(socket);
        }
        socket.write_all(answer).unwrap();
    }
}

/// Waits until there are no more tasks than there were, for ten seconds at most.
async fn until_tasks_are(before: usize, when: &str) {
    let metrics = tokio::runtime::Handle::current().metrics();
    let limit = Instant::now() + Duration::from_secs(10);
    while metrics.num_alive_tasks() > before {
        let left = metrics.num_alive_tasks() - before;
        assert!(Instant::now() < limit, "{left} tasks are left, {when}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_refused_leaves_no_task_behind() {
    let before = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    for _ in 0..10 {
        let (mut uri, server) = serve(drop);
        let port = uri.authority.port;
        assert!(open(uri.clone()).await.is_err());
        server.join().unwrap();
        // Nobody listens there any more.
        uri.authority.port = port;
        assert!(open(uri).await.is_err());
    }
    until_tasks_are(before, "refused").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_lost_leaves_no_task_behind_however_far_it_was() {
    let before = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    for steps in 1..=STEPS {
        for _ in 0..4 {
            let (uri, server) = serve(move |mut socket| welcome(&mut socket, steps));
            let opened = open(uri).await;
            if let Ok(link) = opened {
                // Work for the end, while it comes.
                let deleting = (0..20).map(|number| Topology::delete_queue(&link, format!("q{number}")));
                let deleted = tokio::time::timeout(Duration::from_secs(10), join_all(deleting)).await;
                deleted.expect("nobody waits for ever");
                link.orphan("q".to_owned());
            }
            server.join().unwrap();
        }
        until_tasks_are(before, &format!("after {steps} steps")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_for_a_channel_while_the_link_is_lost_gets_an_answer() {
    for _ in 0..40 {
        let (hang_up, told) = std::sync::mpsc::channel::<()>();
        let (uri, server) = serve(move |mut socket| {
            welcome(&mut socket, STEPS);
            let _ = told.recv();
        });
        let link = open(uri).await.unwrap();
        drop(hang_up);
        let mut asking = tokio::task::JoinSet::new();
        // Some before, some meanwhile, and some after.
        for _ in 0..300 {
            let link = Arc::clone(&link);
            asking.spawn(async move { link.new_channel().await.map(drop) });
            tokio::task::yield_now().await;
        }
        let answers = tokio::time::timeout(Duration::from_secs(10), asking.join_all()).await;
        assert!(
            answers
                .expect("nobody waits for ever")
                .iter()
                .all(lapin::Result::is_err)
        );
        server.join().unwrap();
    }
}
