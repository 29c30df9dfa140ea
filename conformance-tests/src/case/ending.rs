//! Stopping and closing while something runs: the rules are the same for a connection and for a session.

use std::sync::Arc;

use anymq_api::{AckMode, BoxError, ConnectOptions, Connection, ErrorKind, Message, Producer, Received, Session};
use futures_util::{
    FutureExt,
    future::{BoxFuture, try_join_all},
    poll, try_join,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{
    Context, Failure, Pair, Passed, Verdict,
    listening::{Gate, listen},
    setup::{begun, modes, send_texts, sender},
};
use crate::checklist::Place;

/// A call that has to come to terms with what runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    StopConnection,
    CloseConnection,
    CloseSession,
}

type Outcome = anymq_api::Result<()>;

impl Ending {
    fn call(self, connection: &Arc<dyn Connection>, session: &Arc<dyn Session>) -> BoxFuture<'static, Outcome> {
        let (connection, session) = (Arc::clone(connection), Arc::clone(session));
        async move {
            match self {
                Ending::StopConnection => connection.stop().await,
                Ending::CloseConnection => connection.close().await,
                Ending::CloseSession => session.close().await,
            }
        }
        .boxed()
    }

    fn on(self, pair: &Pair) -> BoxFuture<'static, Outcome> {
        self.call(&pair.connection, &pair.session)
    }
}

/// Called from another task, it returns only after the running listener, which can work on until it returns: in auto
/// mode, and in client and transacted mode where they are declared.
pub(crate) async fn waits_for_listener(context: &Context, ending: Ending) -> Verdict {
    let (declared, _) = modes(context);
    let tried = [AckMode::Auto, AckMode::Client, AckMode::Transacted];
    let tried: Vec<_> = tried.into_iter().filter(|mode| declared.contains(mode)).collect();
    try_join_all(tried.iter().map(|&mode| waits_in_mode(context, ending, mode))).await?;
    let names: Vec<_> = tried.iter().map(ToString::to_string).collect();
    Ok(Passed::With(names.join(", ")))
}

async fn waits_in_mode(context: &Context, ending: Ending, mode: AckMode) -> Result<(), Failure> {
    let pair = context.pair(mode).await?;
    let aside = context.pair(AckMode::Auto).await?;
    let work = Work {
        ending,
        mode,
        connection: Arc::clone(&pair.connection),
        session: Arc::clone(&pair.session),
        producer: pair.session.create_producer(&aside.destination).await?,
    };
    let work = Arc::new(work);
    let gate = Gate::default();
    let turnstile = gate.turnstile();
    let (tell, mut told) = unbounded_channel();
    let listener = listen(move |received| {
        let (work, turnstile, tell) = (Arc::clone(&work), turnstile.clone(), tell.clone());
        async move {
            turnstile.pass().await;
            let _ = tell.send(work.all(&received).await);
            Ok(())
        }
    });
    pair.consumer.set_listener(Some(listener)).await?;
    send_texts(&sender(context, &pair.destination).await?, &["call"]).await?;
    gate.entered(context).await?;
    let ending = begun(context, ending.on(&pair)).await?;
    context.quiet().await;
    ensure!(
        !ending.is_finished(),
        "{mode}: it returned while the listener was running"
    );
    gate.open();
    context.in_time("stopping or closing", ending).await???;
    let outcome = told.try_recv();
    outcome.map_err(|_| Failure::new(format!("{mode}: it returned before the listener")))??;
    let received = context.receive(&aside.consumer).await?;
    ensure_eq!(received.as_text(), Some("from the listener"));
    Ok(())
}

/// What a listener does while somebody waits for it to return.
struct Work {
    ending: Ending,
    mode: AckMode,
    connection: Arc<dyn Connection>,
    session: Arc<dyn Session>,
    producer: Arc<dyn Producer>,
}

impl Work {
    async fn all(&self, received: &Received) -> Outcome {
        self.session.ack_mode()?;
        self.connection.metadata()?;
        if self.ending == Ending::CloseConnection {
            self.connection.create_session(AckMode::Auto).await?;
        }
        self.producer.send(Message::text("from the listener")).await?;
        match self.mode {
            AckMode::Transacted => self.session.commit().await,
            _ => received.acknowledge().await,
        }
    }
}

/// Called by a listener of its own, it is refused, or succeeds; it never hangs. After a close the message that the
/// listener was working on is acknowledged.
pub(crate) async fn from_inside(context: &Context, ending: Ending) -> Verdict {
    let options = context.connect_options();
    let connection = context.connect_with(options.clone()).await?;
    connection.start().await?;
    let pair = context.pair_on(connection, AckMode::Auto).await?;
    let producer = sender(context, &pair.destination).await?;
    let (tell, mut told) = unbounded_channel();
    let (connection, session) = (Arc::downgrade(&pair.connection), Arc::downgrade(&pair.session));
    let listener = listen(move |_| {
        let (connection, session, tell) = (connection.upgrade(), session.upgrade(), tell.clone());
        async move {
            if let (Some(connection), Some(session)) = (connection, session) {
                let _ = tell.send(ending.call(&connection, &session).await);
            }
            Ok::<(), BoxError>(())
        }
    });
    pair.consumer.set_listener(Some(listener)).await?;
    let mut inside = Inside {
        context,
        ending,
        pair,
        producer,
        told: &mut told,
    };
    let branch = inside.run().await?;
    if ending != Ending::StopConnection && context.place() != Place::Topic {
        inside.pair.connection.close().await?;
        nothing_is_left(context, options, &inside.pair).await?;
    }
    Ok(Passed::Observed(branch.to_owned()))
}

struct Inside<'a> {
    context: &'a Context,
    ending: Ending,
    pair: Pair,
    producer: Arc<dyn Producer>,
    told: &'a mut UnboundedReceiver<Outcome>,
}

impl Inside<'_> {
    /// Which way the provider went, and whether it is really gone.
    async fn run(&mut self) -> Result<&'static str, Failure> {
        match self.next_outcome("first").await? {
            Err(error) if error.kind() == ErrorKind::IllegalState => {
                self.goes_on().await?;
                Ok("illegal state")
            }
            Err(error) => Err(error.into()),
            Ok(()) if self.ending == Ending::StopConnection => {
                self.is_stopped().await?;
                Ok("it stops")
            }
            Ok(()) => {
                self.is_closed().await?;
                Ok("it closes")
            }
        }
    }

    /// Makes the listener run once more.
    async fn next_outcome(&mut self, text: &str) -> Result<Outcome, Failure> {
        send_texts(&self.producer, &[text]).await?;
        self.outcome().await
    }

    async fn outcome(&mut self) -> Result<Outcome, Failure> {
        let outcome = self
            .context
            .in_time("the listener's own call", self.told.recv())
            .await?;
        outcome.ok_or_else(|| Failure::new("the listener is gone"))
    }

    /// After a refusal everything works on, so that a second call is refused alike.
    async fn goes_on(&mut self) -> Result<(), Failure> {
        match self.next_outcome("second").await? {
            Err(error) if error.kind() == ErrorKind::IllegalState => {}
            other => return Err(Failure::new(format!("refused first, and then {other:?}"))),
        }
        self.pair.connection.metadata()?;
        self.pair.session.ack_mode()?;
        Ok(())
    }

    async fn is_stopped(&mut self) -> Result<(), Failure> {
        send_texts(&self.producer, &["second"]).await?;
        self.context.quiet().await;
        ensure!(
            self.told.try_recv().is_err(),
            "a listener ran on the stopped connection"
        );
        self.pair.connection.start().await?;
        self.outcome().await?.map_err(Failure::from)
    }

    async fn is_closed(&self) -> Result<(), Failure> {
        let Pair {
            connection, session, ..
        } = &self.pair;
        let whole = self.ending == Ending::CloseConnection;
        let closed = || session.ack_mode().is_err() && (!whole || connection.metadata().is_err());
        self.context.eventually("it is closed", closed).await
    }
}

/// A later consumer finds nothing: everything was acknowledged.
async fn nothing_is_left(context: &Context, options: ConnectOptions, pair: &Pair) -> Result<(), Failure> {
    let connection = context.connect_with(options).await?;
    connection.start().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let consumer = context.consumer(&session, &pair.destination).await?;
    context.nothing(&consumer).await
}

/// It ends a blocked receive, with and without time-out, and returns after it.
pub(crate) async fn ends_blocked_receive(context: &Context, ending: Ending) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    // Without the budget of cooperative tasks, which could end a poll before it began.
    let mut receive = tokio::task::unconstrained(pair.consumer.receive());
    ensure!(poll!(&mut receive).is_pending(), "a receive ended without a message");
    context.in_time("closing", ending.on(&pair)).await??;
    // The receive is over when close is: asking it once must do.
    match receive.now_or_never() {
        Some(Ok(None)) => {}
        Some(Ok(Some(_))) => return Err(Failure::new("the receive gave a message that nobody sent")),
        Some(Err(error)) => return Err(error.into()),
        None => return Err(Failure::new("the receive is still blocked after the close")),
    }
    try_join!(
        ends_receive_of_other_task(context, ending, false),
        ends_receive_of_other_task(context, ending, true)
    )?;
    Ok(Passed::AsStated)
}

async fn ends_receive_of_other_task(context: &Context, ending: Ending, timed: bool) -> Result<(), Failure> {
    let limit = context.timing().wait * 4;
    let pair = context.pair(AckMode::Auto).await?;
    let consumer = Arc::clone(&pair.consumer);
    let receiving = async move {
        if timed {
            consumer.receive_timeout(limit).await
        } else {
            consumer.receive().await
        }
    };
    let receive = begun(context, receiving).await?;
    context.quiet().await;
    ensure!(!receive.is_finished(), "a receive ended without a message");
    context.in_time("closing", ending.on(&pair)).await??;
    let outcome = context.in_time("the blocked receive", receive).await???;
    ensure!(outcome.is_none(), "the receive gave a message that nobody sent");
    Ok(())
}
