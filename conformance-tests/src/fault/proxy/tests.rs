use super::*;
use crate::{
    fault::{Damage, Fault, Plan, Point, protocol::Opaque},
    poll,
};

/// A server that answers each byte with the same, and the proxy before it.
async fn echo(plan: Plan) -> io::Result<(FaultProxy, JoinHandle<()>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut reader, mut writer) = stream.split();
                tokio::io::copy(&mut reader, &mut writer).await
            });
        }
    });
    let script = Script::new(plan, Duration::from_secs(60));
    Ok((FaultProxy::before(address, Arc::new(Opaque), script)?, serving))
}

fn plan(damage: Damage, moment: Moment, nth: u32) -> Plan {
    let fault = Fault {
        point: Point::Other,
        moment,
        nth,
        at_latest: 1000,
        damage,
        down: Duration::ZERO,
        then: Manner::Whole,
    };
    Plan {
        manner: Manner::Split,
        faults: vec![fault],
    }
}

async fn says(stream: &mut TcpStream, text: &[u8]) -> io::Result<Vec<u8>> {
    stream.write_all(text).await?;
    let mut heard = vec![0; text.len()];
    stream.read_exact(&mut heard).await?;
    Ok(heard)
}

async fn all_end(proxy: &FaultProxy) {
    let ended = async || (proxy.open() == 0).then_some(());
    let limit = Duration::from_secs(10);
    poll::until(limit, Duration::from_millis(5), ended).await.unwrap();
}

#[tokio::test]
async fn what_passes_is_whole() -> io::Result<()> {
    let (proxy, serving) = echo(Plan {
        manner: Manner::Split,
        ..Plan::quiet()
    })
    .await?;
    let mut stream = TcpStream::connect(proxy.address()).await?;
    let text: Vec<_> = (0..5000_u32).map(|n| n.to_le_bytes()[0]).collect();
    assert_eq!(says(&mut stream, &text).await?, text);
    drop(stream);
    all_end(&proxy).await;
    serving.abort();
    Ok(())
}

#[tokio::test]
async fn a_cut_ends_both_and_later_connections_are_whole() -> io::Result<()> {
    let (proxy, serving) = echo(plan(Damage::Cut, Moment::After, 3)).await?;
    let mut stream = TcpStream::connect(proxy.address()).await?;
    assert_eq!(says(&mut stream, b"a").await?, b"a");
    assert!(says(&mut stream, b"b").await.is_err());
    all_end(&proxy).await;
    let mut next = TcpStream::connect(proxy.address()).await?;
    assert_eq!(says(&mut next, b"c").await?, b"c");
    serving.abort();
    Ok(())
}

#[tokio::test]
async fn a_half_open_link_still_ends_with_its_client() -> io::Result<()> {
    let damage = Damage::HalfOpen(Direction::ToBroker);
    let (proxy, serving) = echo(plan(damage, Moment::Before, 3)).await?;
    let mut stream = TcpStream::connect(proxy.address()).await?;
    assert_eq!(says(&mut stream, b"a").await?, b"a");
    let silence = tokio::time::timeout(Duration::from_millis(50), says(&mut stream, b"b")).await;
    assert!(silence.is_err());
    let mut next = TcpStream::connect(proxy.address()).await?;
    assert_eq!(says(&mut next, b"c").await?, b"c");
    assert_eq!(proxy.open(), 2);
    drop((stream, next));
    all_end(&proxy).await;
    serving.abort();
    Ok(())
}

#[tokio::test]
async fn a_black_hole_takes_new_connections_too() -> io::Result<()> {
    let damage = Damage::BlackHole(Duration::from_millis(100));
    let (proxy, serving) = echo(plan(damage, Moment::Before, 1)).await?;
    let mut stream = TcpStream::connect(proxy.address()).await?;
    assert!(says(&mut stream, b"a").await.is_err());
    all_end(&proxy).await;
    let again = async || {
        let mut next = TcpStream::connect(proxy.address()).await.ok()?;
        says(&mut next, b"b").await.ok()
    };
    let limit = Duration::from_secs(10);
    let heard = poll::until(limit, Duration::from_millis(5), again).await.unwrap();
    assert_eq!(heard, b"b");
    serving.abort();
    Ok(())
}

#[tokio::test]
async fn a_fault_that_was_set_off_happens_though_its_connection_ends_before() {
    let mut plan = plan(Damage::Cut, Moment::After, 1);
    plan.faults.extend(plan.faults.clone());
    let script = Script::new(plan, Duration::from_secs(60));
    let line = Arc::new(Line {
        script: Arc::clone(&script),
        protocol: Arc::new(Opaque),
        state: Arc::default(),
        open: Arc::default(),
    });
    let fault = script.passes(Point::Send).unwrap();
    let strike = Strike { line, fault };
    assert!(script.is_down() && script.passes(Point::Send).is_none());
    drop(strike);
    assert!(script.passes(Point::Send).is_some());
}
