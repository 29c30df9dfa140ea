//! Running a sequence of operations, and making one that fails short.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{
    op::{Consume, Kind, Mode, Op, Place, QUEUES, SESSIONS, sequence},
    world::World,
};

/// How many operations a case has.
pub(crate) const CASE: u64 = 500;

/// Runs the case of a seed; panics with the shortest sequence that fails if it does.
pub(crate) fn check(exact: bool, seed: u64) {
    let ops = sequence(seed, CASE);
    if run(exact, &ops).is_ok() {
        return;
    }
    let shortest = shrink(ops, |ops| run(exact, ops).is_err());
    let problem = run(exact, &shortest).err().unwrap_or_default();
    panic!("ANYMQ_MODEL_SEED={seed} ANYMQ_MODEL_OPS=1 fails: {problem}\nafter {shortest:#?}");
}

fn run(exact: bool, ops: &[Op]) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let mut world = World::new(exact).await;
            for (index, op) in ops.iter().enumerate() {
                let done = world.apply(*op).await;
                done.map_err(|problem| format!("operation {index}, {problem}"))?;
            }
            drain(&mut world)
                .await
                .map_err(|problem| format!("at the end: {problem}"))
        })
    }));
    outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panic: {}", text.unwrap_or("no text")))
    })
}

/// Leaves out ever smaller parts as long as it still fails.
fn shrink(mut ops: Vec<Op>, fails: impl Fn(&[Op]) -> bool) -> Vec<Op> {
    let mut size = ops.len();
    while size > 0 {
        let before = ops.len();
        let mut start = 0;
        while start < ops.len() {
            let mut fewer = ops.clone();
            fewer.drain(start..(start + size).min(ops.len()));
            if fails(&fewer) {
                ops = fewer;
            } else {
                start += size;
            }
        }
        if size > 1 || ops.len() == before {
            size /= 2;
        }
    }
    ops
}

/// Receives whatever is left: all of it must come, once and in order, and nothing of it stays.
async fn drain(world: &mut World) -> Result<(), String> {
    for session in 0..SESSIONS {
        world
            .apply(Op::Close {
                session,
                dropped: false,
            })
            .await?;
    }
    // Nobody is delivered anything ahead any more.
    world.model.exact = true;
    world.compare()?;
    for connection in 0..world.connections.len() {
        world.apply(Op::Start { connection }).await?;
        let (session, mode) = (connection, Mode::Auto);
        world.apply(Op::Open { session, mode }).await?;
    }
    world
        .apply(Op::Advance {
            millis: 1000,
            quiet: false,
        })
        .await?;
    for known in world.model.subscriptions.clone() {
        let Some(key) = known.key else { continue };
        let (topic, name) = (known.topic, key.name);
        let kind = if known.shared {
            Kind::SharedDurable { topic, name }
        } else {
            Kind::Durable { topic, name }
        };
        let no_local = known.no_local.is_some();
        receive_all(world, key.client, kind, known.selector, no_local, known.store).await?;
        let session = key.client;
        world.apply(Op::Unsubscribe { session, name }).await?;
    }
    // The last one, that of the dead letters, may have got more of them.
    for queue in 0..QUEUES.len() {
        let kind = Kind::Plain(Place::Queue(queue));
        receive_all(world, 0, kind, 0, false, queue).await?;
    }
    let stats = world.broker.stats();
    let left = (stats.ready, stats.delayed, stats.unsettled, stats.queues, stats.topics);
    if left != (0, 0, 0, 0, 0) {
        return Err(format!("something is left: {stats:?}"));
    }
    Ok(())
}

async fn receive_all(
    world: &mut World,
    session: usize,
    kind: Kind,
    selector: usize,
    no_local: bool,
    store: usize,
) -> Result<(), String> {
    let consumer = 0;
    let consume = Consume {
        consumer,
        session,
        kind,
        selector,
        no_local,
        prefetch: 1,
    };
    let left = world.model.stores[store].waiting.len();
    world.apply(Op::Consume(consume)).await?;
    for _ in 0..=left {
        world.apply(Op::Receive { consumer }).await?;
    }
    world
        .apply(Op::CloseConsumer {
            consumer,
            dropped: false,
        })
        .await
}
