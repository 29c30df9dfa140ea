use std::{
    num::{NonZeroU32, NonZeroUsize},
    sync::Arc,
    time::{Duration, Instant},
};

use anymq_api::{Capabilities, Capability, Support};
use futures_util::{FutureExt, StreamExt, stream};
use tokio::task::JoinSet;

use super::Progress;
use crate::{
    CaseResult, Outcome, Run,
    case::{self, Case, Context, Passed, refusal},
    checklist::{Ability, Area, Check, Domain, Place},
    harness::Harness,
};

/// Runs checks against one harness, several at a time, each by itself.
pub(super) struct Engine {
    harness: Arc<dyn Harness>,
    capabilities: Capabilities,
    /// What is declared for a topic.
    on_topics: Capabilities,
}

impl Engine {
    pub(super) fn new(harness: Arc<dyn Harness>, capabilities: Capabilities, on_topics: Capabilities) -> Self {
        Self {
            harness,
            capabilities,
            on_topics,
        }
    }

    pub(super) async fn run(
        self: &Arc<Self>,
        checks: Vec<&'static Check>,
        parallel: NonZeroUsize,
        progress: &dyn Progress,
    ) -> Vec<CaseResult> {
        progress.started(checks.len());
        let results = stream::iter(checks)
            .map(async |check| {
                progress.running(check.id);
                let result = self.judge_apart(check).await;
                progress.finished(check.id, result.outcome);
                result
            })
            .buffer_unordered(parallel.get())
            .collect()
            .await;
        progress.ended();
        results
    }

    /// In a task of its own, so that an id that takes much time of the processor's takes none of the others'; dropping
    /// the future ends it.
    async fn judge_apart(self: &Arc<Self>, check: &'static Check) -> CaseResult {
        let engine = Arc::clone(self);
        let mut task = JoinSet::new();
        task.spawn(async move { engine.judge(check).await });
        let failed = |detail: String| CaseResult::new(check.id, Outcome::Fail).with_detail(detail);
        match task.join_next().await {
            Some(Ok(result)) => result,
            Some(Err(error)) => failed(format!("its task failed: {error}")),
            None => failed("its task is gone".to_owned()),
        }
    }

    async fn judge(&self, check: &'static Check) -> CaseResult {
        match CaseResult::by_type(check.id) {
            Ok(result) => result,
            Err(_) => CaseResult::merge(check.id, &self.runs(check, case::find(check.id)).await),
        }
    }

    /// Without a case yet, what is not declared is still asked for.
    async fn runs(&self, check: &'static Check, case: Option<&Case>) -> Vec<Run> {
        if let Some(capability) = check.unless.filter(|c| self.capabilities.supports(*c)) {
            return vec![Run::not_applicable(capability)];
        }
        if check.domain == Domain::Once {
            return self.runs_on(check, case, None).await;
        }
        let places = check.domain.places();
        let declared: Vec<_> = places.iter().filter(|place| self.declares(place.needs())).collect();
        if declared.is_empty() {
            let needs: Vec<_> = places.iter().flat_map(|place| place.needs().to_vec()).collect();
            return vec![self.undeclared(check, None, &needs).await];
        }
        let mut runs = Vec::new();
        for &&place in &declared {
            runs.extend(self.runs_on(check, case, Some(place)).await);
        }
        runs
    }

    async fn runs_on(&self, check: &'static Check, case: Option<&Case>, place: Option<Place>) -> Vec<Run> {
        let needs = place.map_or_else(|| check.needs.to_vec(), |place| check.needs_on(place));
        let promised = self.promised_to(check, place);
        if !needs.iter().all(|&capability| promised.supports(capability)) {
            return vec![self.undeclared(check, place, &needs).await];
        }
        if let Some(ability) = check.abilities.iter().find(|a| !self.harness.abilities().contains(a)) {
            return vec![label(
                Run::new(Outcome::NotRun).with_detail(ability.name()),
                place,
                None,
            )];
        }
        let Some(case) = case else {
            return vec![label(Run::new(Outcome::NotRun).with_detail("no case yet"), place, None)];
        };
        let mut runs = vec![self.attempt(check, case, place, None, &needs).await];
        if is_about_delivery(check.area) && check.domain != Domain::Once {
            runs.push(self.attempt(check, case, place, Some(NonZeroU32::MIN), &needs).await);
        }
        runs
    }

    /// What the provider declares, less what topics lack, and with a broker of its own what that one promises.
    fn promised_to(&self, check: &Check, place: Option<Place>) -> Capabilities {
        let mut declared = self.capabilities;
        if matches!(place, Some(Place::Topic | Place::Durable)) {
            for capability in LACKED_BY_TOPICS {
                if !self.on_topics.supports(capability) {
                    declared = declared.with(capability, Support::Unsupported);
                }
            }
        }
        if check.abilities.contains(&Ability::RestartBroker) {
            let promised = self.harness.promised_by_restartable();
            return declared.with_all(promised, Support::Native);
        }
        declared
    }

    fn declares(&self, needs: &[Capability]) -> bool {
        needs.iter().all(|&capability| self.capabilities.supports(capability))
    }

    /// What is not declared must be refused; a promise that is not made cannot be.
    async fn undeclared(&self, check: &Check, place: Option<Place>, needs: &[Capability]) -> Run {
        let promised = self.promised_to(check, place);
        let missing: Vec<_> = needs.iter().filter(|&&c| !promised.supports(c)).copied().collect();
        let requestable: Vec<_> = missing.iter().filter(|c| c.is_requestable()).copied().collect();
        if requestable.is_empty() {
            let promise = missing
                .first()
                .copied()
                .map_or_else(|| Run::new(Outcome::NotRun), Run::not_applicable);
            return label(promise, place, None);
        }
        let begin = Instant::now();
        let context = self.context(check, place, None);
        let mut run = Run::new(Outcome::Refused).with_detail(names(&requestable));
        for capability in requestable {
            if let Err(failure) = refusal::probe(&context, capability).await {
                run = Run::new(Outcome::Fail).with_detail(failure.to_string());
            }
        }
        if let Err(failure) = context.end().await {
            run = Run::new(Outcome::Fail).with_detail(failure.to_string());
        }
        label(run.took(millis(begin)), place, None)
    }

    async fn attempt(
        &self,
        check: &'static Check,
        case: &Case,
        place: Option<Place>,
        prefetch: Option<NonZeroU32>,
        needs: &[Capability],
    ) -> Run {
        let begin = Instant::now();
        let context = self.context(check, place, prefetch);
        let limit = self.harness.timing().wait * patience(check);
        // A case that panics is a failed case, and its connections are closed all the same.
        let trial = std::panic::AssertUnwindSafe((case.run)(&context)).catch_unwind();
        let verdict = tokio::time::timeout(limit, trial).await;
        let ended = context.end().await;
        let run = match verdict {
            Err(_) => Run::new(Outcome::Fail).with_detail(format!("hangs for {limit:?}")),
            Ok(Err(_)) => Run::new(Outcome::Fail).with_detail("the case panicked"),
            Ok(Ok(Err(failure))) => Run::new(Outcome::Fail).with_detail(failure.to_string()),
            Ok(Ok(Ok(passed))) => match ended {
                Ok(()) => self.passed(check, place, passed, needs),
                Err(failure) => Run::new(Outcome::Fail).with_detail(failure.to_string()),
            },
        };
        label(run.took(millis(begin)), place, prefetch)
    }

    fn passed(&self, check: &Check, place: Option<Place>, passed: Passed, needs: &[Capability]) -> Run {
        let promised = self.promised_to(check, place);
        let native = needs.iter().all(|&c| promised.get(c) == Support::Native);
        let pass = if native { Outcome::Pass } else { Outcome::PassEmulated };
        match passed {
            Passed::AsStated => Run::new(pass),
            Passed::With(detail) => Run::new(pass).with_detail(detail),
            Passed::Observed(branch) => Run::new(Outcome::Observed).with_detail(branch),
            Passed::NotApplicable(reason) => Run::new(Outcome::NotApplicable).with_detail(reason),
            Passed::NotRun(reason) => Run::new(Outcome::NotRun).with_detail(reason),
        }
    }

    fn context(&self, check: &Check, place: Option<Place>, prefetch: Option<NonZeroU32>) -> Context {
        let capabilities = self.promised_to(check, place);
        Context::new(Arc::clone(&self.harness), capabilities, place, prefetch, check.id)
    }
}

/// What a provider may declare for queues and not for topics, and the cases ask for.
const LACKED_BY_TOPICS: [Capability; 3] = [
    Capability::RedeliveryFlag,
    Capability::DeliveryCount,
    Capability::DeliveryDelay,
];

/// The areas in which the prefetch matters: they run again with a prefetch of one.
const fn is_about_delivery(area: Area) -> bool {
    matches!(
        area,
        Area::Conn
            | Area::Ses
            | Area::Ack
            | Area::Rec
            | Area::Tx
            | Area::Cons
            | Area::P2p
            | Area::Top
            | Area::Tmp
            | Area::Rdl
            | Area::Thr
    )
}

/// After how many waits a case hangs. Generous: it tells a hang from slowness, on a loaded machine too. Cases that restart
/// a broker wait for it to start, and for each other.
fn patience(check: &Check) -> u32 {
    if check.abilities.contains(&Ability::RestartBroker) {
        60
    } else {
        12
    }
}

fn label(run: Run, place: Option<Place>, prefetch: Option<NonZeroU32>) -> Run {
    match (place, prefetch) {
        (None, None) => run,
        (Some(place), None) => run.on(place),
        (None, Some(prefetch)) => run.with_label(format!("prefetch {prefetch}")),
        (Some(place), Some(prefetch)) => run.with_label(format!("{}, prefetch {prefetch}", place.name())),
    }
}

fn names(capabilities: &[Capability]) -> String {
    let names: Vec<_> = capabilities.iter().map(|capability| capability.name()).collect();
    names.join(", ")
}

fn millis(begin: Instant) -> u64 {
    Duration::as_millis(&begin.elapsed()).try_into().unwrap_or(u64::MAX)
}
