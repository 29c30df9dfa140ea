//! A broker that the case restarts, and one client of it.

use std::{sync::Arc, time::Duration};

use anymq_api::{AckMode, ConnectOptions, Connection};

use super::{Context, Failure, Pair, Verdict};
use crate::restart::{End, Restart, Restartable};

/// A run at a broker of its own.
pub(super) struct Stage {
    context: Context,
    broker: Box<dyn Restart>,
    /// About how long a restart takes.
    pub(super) downtime: Duration,
    options: ConnectOptions,
}

impl Stage {
    pub(super) async fn new(context: &Context) -> Result<Self, Failure> {
        let Restartable {
            factory,
            broker,
            downtime,
        } = match context.harness().restartable().await {
            Some(Ok(restartable)) => restartable,
            Some(Err(error)) => return Err(Failure::new(format!("there is no broker to restart: {error}"))),
            None => {
                return Err(Failure::new(
                    "the harness says that it can restart brokers, and has none",
                ));
            }
        };
        let context = context.at(factory);
        let options = context.connect_options();
        Ok(Self {
            context,
            broker,
            downtime,
            options,
        })
    }

    /// The run, at the broker that is restarted.
    pub(super) const fn context(&self) -> &Context {
        &self.context
    }

    /// A started connection of the client, who has one at a time.
    pub(super) async fn connection(&self) -> Result<Arc<dyn Connection>, Failure> {
        let connection = self.context.connect_with(self.options.clone()).await?;
        connection.start().await?;
        Ok(connection)
    }

    /// As [`Context::pair`], of the client.
    pub(super) async fn pair(&self, mode: AckMode) -> Result<Pair, Failure> {
        self.context.pair_on(self.connection().await?, mode).await
    }

    pub(super) async fn restart(&mut self, end: End) -> Result<(), Failure> {
        let restarted = self.broker.restart(end).await;
        restarted.map_err(|error| Failure::new(format!("the broker does not restart: {error}")))
    }

    /// Leaves nothing at the broker, which others use next.
    pub(super) async fn end(self, verdict: Verdict) -> Verdict {
        let ended = self.context.end().await;
        let passed = verdict?;
        ended?;
        Ok(passed)
    }
}
