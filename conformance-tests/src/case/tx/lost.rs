//! Transactions over a link that is lost.

use std::sync::Arc;

use anymq_api::{AckMode, Address, Capability, Consumer, DestinationKind, Error, ErrorKind, Support};

use super::{Context, Failure, Passed, Verdict, expect_only, expect_texts};
use crate::{
    case::{
        Pair,
        later::{all_that_comes, expect_deliveries},
        line::Line,
        setup::{begun, send_texts, sender},
        texts_of,
    },
    link::Direction,
};

/// A transaction that has received one message and sent another one elsewhere.
struct Scene<'a> {
    context: &'a Context,
    line: Line<'a>,
    pair: Pair,
    /// Of a plain session of another connection, where the other one goes.
    watcher: Arc<dyn Consumer>,
}

impl<'a> Scene<'a> {
    async fn new(context: &'a Context) -> Result<Self, Failure> {
        let line = Line::new(context).await?;
        let pair = line.pair(AckMode::Transacted).await?;
        let target = context.address(match pair.destination.kind() {
            DestinationKind::Queue => DestinationKind::Queue,
            _ => DestinationKind::Topic,
        });
        let watcher = watcher(context, &target).await?;
        send_texts(&sender(context, &pair.destination).await?, &["in"]).await?;
        expect_texts(&context.receive_many(&pair.consumer, 1).await?, &["in"])?;
        send_texts(&pair.session.create_producer(&target).await?, &["out"]).await?;
        Ok(Self {
            context,
            line,
            pair,
            watcher,
        })
    }

    /// A commit that is under way when the link is lost.
    async fn commit_and_cut(&self, stalled: Direction) -> Result<Error, Failure> {
        self.line.stall(stalled);
        let session = Arc::clone(&self.pair.session);
        let commit = begun(self.context, async move { session.commit().await }).await?;
        self.line.cut_when_quiet().await;
        match self.context.in_time("the commit", commit).await?? {
            Ok(()) => Err(Failure::new("a commit succeeded without an answer")),
            Err(error) => Ok(error),
        }
    }

    /// Nothing of it happened.
    async fn undone(&self) -> Result<(), Failure> {
        self.context.nothing(&self.watcher).await?;
        let next = self.line.later(&self.pair.destination).await?;
        let back = expect_only(self.context, &next, &["in"]).await?;
        expect_deliveries(self.context, &back, &[2])
    }

    /// All of it happened.
    async fn done(&self) -> Result<(), Failure> {
        expect_only(self.context, &self.watcher, &["out"]).await?;
        let next = self.line.later(&self.pair.destination).await?;
        self.context.nothing(&next).await
    }

    /// It says that it cannot be used any more, or works.
    async fn usable_or_closed(&self) -> Result<&'static str, Failure> {
        let sent = self.pair.send(&["next"]).await;
        let outcome = match sent {
            Ok(()) => self.pair.session.commit().await,
            Err(error) => Err(error),
        };
        match outcome.map_err(|error| error.kind()) {
            Ok(()) => Ok("usable"),
            Err(ErrorKind::ConnectionLost | ErrorKind::IllegalState) => Ok("closed"),
            Err(kind) => Err(Failure::new(format!("neither usable nor clearly closed: {kind}"))),
        }
    }
}

async fn watcher(context: &Context, target: &Address) -> Result<Arc<dyn Consumer>, Failure> {
    let connection = context.started().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    Ok(session.create_consumer(target).await?)
}

/// Where the client cannot know that the work was undone, it says that instead.
pub(super) async fn rolled_back(context: &Context) -> Verdict {
    let before = Scene::new(context).await?;
    before.line.cut_and_tell(&before.pair.connection).await?;
    let early = match before.pair.session.commit().await {
        Ok(()) => return Err(Failure::new("a commit succeeded after the link was lost")),
        Err(error) => error.kind(),
    };
    ensure!(
        matches!(early, ErrorKind::TransactionRolledBack | ErrorKind::ConnectionLost),
        "a commit after the link was lost, which cannot be in doubt: {early}"
    );
    let then = before.usable_or_closed().await?;
    before.undone().await?;

    let during = Scene::new(context).await?;
    let late = during.commit_and_cut(Direction::ToBroker).await?.kind();
    ensure!(
        matches!(late, ErrorKind::TransactionRolledBack | ErrorKind::TransactionInDoubt),
        "a commit that did not arrive: {late}"
    );
    during.usable_or_closed().await?;
    during.undone().await?;
    Ok(Passed::With(format!(
        "lost before: {early}, while committing: {late}; the session is {then}"
    )))
}

pub(super) async fn all_or_nothing(context: &Context) -> Verdict {
    let open = Scene::new(context).await?;
    open.line.cut_when_quiet().await;
    open.undone().await?;

    let committed = Scene::new(context).await?;
    committed.pair.session.commit().await?;
    committed.line.cut();
    committed.done().await?;

    let doubtful = Scene::new(context).await?;
    let told = doubtful.commit_and_cut(Direction::ToClient).await?.kind();
    // A provider may know that it had not come to the commit itself, while it waited for the answer to what goes before it.
    ensure!(
        matches!(told, ErrorKind::TransactionInDoubt | ErrorKind::TransactionRolledBack),
        "a commit without an answer: {told}"
    );
    let is_undone = told == ErrorKind::TransactionRolledBack;
    let out = texts_of(&all_that_comes(context, &doubtful.watcher, 1).await?);
    let next = doubtful.line.later(&doubtful.pair.destination).await?;
    let back = texts_of(&all_that_comes(context, &next, 1 - out.len().min(1)).await?);
    match (out.as_slice(), back.as_slice()) {
        ([one], []) if one == "out" && !is_undone => Ok(Passed::With("without an answer: done".into())),
        ([], [one]) if one == "in" => Ok(Passed::With("without an answer: undone".into())),
        ([_], [_]) if !is_undone && context.capabilities().get(Capability::Transactions) == Support::Emulated => {
            Ok(Passed::With("without an answer: sent, and received again".into()))
        }
        _ => Err(Failure::new(format!("{out:?} is visible and {back:?} comes back"))),
    }
}
