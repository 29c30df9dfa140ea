use anymq_api::{Capabilities, Capability, Support};

use super::*;
use crate::fault::{Plan, Script, oracle::Oracle};

/// Without a fault everything arrives once, whoever takes part.
#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_run_is_complete() {
    let factory = anymq::connection_factory("vm://workload-tests").unwrap();
    let everything = Capabilities::none().with_all(Capability::ALL, Support::Native);
    for seed in 1..=12 {
        let cast = Cast::of(seed, Some(200), &everything);
        let script = Script::new(Plan::quiet(), Duration::from_secs(1));
        let oracle = Arc::new(Oracle::new(Arc::clone(&script), cast.rules()));
        let patience = Duration::from_secs(20);
        let workload = Workload {
            scene: Arc::new(Scene::new(Arc::clone(&oracle), script, patience)),
            cast,
            prefix: format!("quiet-{seed}"),
            quiet: Duration::from_millis(30),
        };
        let connections = workload.connect(&factory).await.unwrap();
        let mut tasks = workload.begin(&connections).await.unwrap();
        workload.complete(&mut tasks, patience).await;
        workload.close(&connections).await;
        workload.drain(&factory).await.unwrap();
        oracle.close(&workload.cast.relays());
        assert_eq!(oracle.texts(), [""; 0], "seed {seed}: {:?}", workload.cast);
        assert!(oracle.sent() >= 200);
        assert_eq!(oracle.repetitions(), 0);
    }
}
