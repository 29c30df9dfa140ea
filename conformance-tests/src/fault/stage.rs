//! A workload over links with faults, from the first connection to the last trace.

use std::{sync::Arc, time::Duration};

use anymq_api::{BoxError, Connection, ConnectionFactory, Event, Events};
use tokio::task::JoinSet;

use super::{
    Plan, Script, Timeline,
    census::Census,
    oracle::Oracle,
    tap::Witness,
    trial::{Bench, Faulty, RESUMED, all_closed},
    workload::{Cast, Scene, Workload},
};

/// All that belongs to one run.
pub(super) struct Stage<'a> {
    bench: &'a Bench,
    before: Census,
    pub(super) script: Arc<Script>,
    faulty: Faulty,
    pub(super) oracle: Arc<Oracle>,
    witness: Arc<Witness>,
    factory: Arc<dyn ConnectionFactory>,
    pub(super) workload: Workload,
}

/// What is known of a run when it is over.
pub(super) struct Ended {
    pub(super) oracle: Arc<Oracle>,
    /// How many faults came.
    pub(super) outages: u32,
    /// How long it took at most until something was delivered after the link came back.
    pub(super) slowest: Duration,
    pub(super) timeline: Arc<Timeline>,
}

impl Bench {
    /// Gets everything ready; `scene` adds to the scene what is particular.
    pub(super) async fn stage(
        &self,
        plan: Plan,
        cast: Cast,
        prefix: String,
        scene: impl FnOnce(Scene) -> Scene,
    ) -> Result<Stage<'_>, BoxError> {
        let before = Census::take(&self.harness).await?;
        let (script, faulty) = self.links(plan).await?;
        let oracle = Arc::new(Oracle::new(Arc::clone(&script), cast.rules()));
        let witness = Arc::default();
        let factory = self.factory(&faulty, &script, &witness)?;
        let bare = Scene::new(Arc::clone(&oracle), Arc::clone(&script), self.patience);
        let workload = Workload {
            scene: Arc::new(scene(bare)),
            cast,
            prefix,
            quiet: self.harness.timing().quiet,
        };
        Ok(Stage {
            bench: self,
            before,
            script,
            faulty,
            oracle,
            witness,
            factory,
            workload,
        })
    }
}

impl Stage<'_> {
    /// Performs the workload; `settled` waits until a crash spares what is declared, `meanwhile` ends when it is to come to
    /// its end.
    pub(super) async fn perform(&self, settled: bool, meanwhile: impl AsyncFnOnce()) {
        let Some(connections) = self.workload.connect(&self.factory).await else {
            return;
        };
        let mut events: Vec<_> = connections.iter().filter_map(|it| it.events().ok()).collect();
        if let Some(mut tasks) = self.begin(&connections, settled).await {
            self.script.note("application: has begun");
            meanwhile().await;
            self.workload.complete(&mut tasks, self.bench.patience * 4).await;
        }
        self.workload.close(&connections).await;
        self.script.note("application: has closed");
        for events in &mut events {
            judge_events(events, &self.oracle);
        }
    }

    async fn begin(&self, connections: &[Arc<dyn Connection>], settled: bool) -> Option<JoinSet<()>> {
        let mut tasks = self.workload.begin_receiving(connections).await?;
        if settled && let Err(error) = self.bench.harness.settle().await {
            self.oracle
                .breach(format!("nobody knows whether it is declared: {error}"));
        }
        self.workload.begin_sending(connections, &mut tasks).await?;
        Some(tasks)
    }

    /// Takes what is left, and judges it. Afterwards there is nothing more than there was before, or that is a breach.
    pub(super) async fn leave(self) -> Ended {
        let (bench, script, oracle) = (self.bench, self.script, self.oracle);
        all_closed(&self.faulty, &oracle, bench.patience).await;
        // What it has for later would be taken for something that is left over.
        script.end();
        drop(self.factory);
        self.workload.drain(&bench.harness.factory()).await;
        script.note("kit: what was left is taken");
        // A run that was broken off has not come to its end, and what is missing says nothing.
        if oracle.breaches() == 0 {
            oracle.close(&self.workload.cast.relays());
        }
        let strays = self.witness.strays();
        if strays > 0 {
            oracle.breach(format!("{strays} settlements of an older link"));
        }
        let (outages, slowest) = (script.outages(), script.slowest());
        if slowest > RESUMED {
            oracle.breach(format!("delivery went on only {slowest:?} after the link"));
        }
        let timeline = Arc::clone(script.timeline());
        drop((self.workload, self.faulty, script));
        if let Err(left_over) = Census::no_more(&bench.harness, self.before, RESUMED, &timeline).await {
            oracle.breach(left_over);
        }
        timeline.note("kit: nothing is left over, or it stays");
        Ended {
            oracle,
            outages,
            slowest,
            timeline,
        }
    }
}

/// Whether a connection tells of its outages what it should: one event when the link is lost, and one when it is back.
fn judge_events(events: &mut Events, oracle: &Oracle) {
    // Nobody knows how it was before the first one.
    let mut up = None;
    while let Some(event) = events.try_next() {
        let now = match event {
            Event::Interrupted { .. } => false,
            Event::Restored { .. } => true,
            Event::ConnectionLost { error } => {
                oracle.breach(format!("a connection was given up: {error}"));
                continue;
            }
            Event::ConsumerEnded { error, .. } => {
                oracle.breach(format!("a consumer ended: {error}"));
                continue;
            }
            Event::ListenerFailed { error, .. } => {
                oracle.breach(format!("a listener failed: {error}"));
                continue;
            }
            Event::Lagged { .. } => {
                up = None;
                continue;
            }
            _ => continue,
        };
        if up.replace(now) == Some(now) {
            let what = if now { "restored" } else { "interrupted" };
            oracle.breach(format!("a connection told twice that it is {what}"));
        }
    }
}
