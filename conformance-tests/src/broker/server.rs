//! The process of a broker, which comes and goes while its files and ports stay.

use std::time::Duration;

use super::{BrokerError, GuardedProcess, ProcessSpec};

/// How long a broker may take to stop in good order.
const STOP_LIMIT: Duration = Duration::from_secs(60);

/// Up or down.
#[derive(Debug)]
pub(super) struct Server {
    broker: &'static str,
    process: Option<GuardedProcess>,
}

impl Server {
    /// Of a broker that is not started yet.
    pub(super) fn down(broker: &'static str) -> Self {
        Self { broker, process: None }
    }

    pub(super) fn is_up(&self) -> bool {
        self.process.is_some()
    }

    /// Starts the process and waits until it takes clients; then `ready` gives a value. It is down otherwise, also when
    /// the future is dropped.
    pub(super) async fn boot<T, F: Future<Output = Option<T>>>(
        &mut self,
        spec: &ProcessSpec,
        limit: Duration,
        ready: impl FnMut() -> F,
    ) -> Result<T, BrokerError> {
        let process = GuardedProcess::spawn(spec)?;
        let value = process.until("take clients", limit, ready).await?;
        self.process = Some(process);
        Ok(value)
    }

    /// Waits until the process, which is up, takes clients again.
    pub(super) async fn ready_again<T, F: Future<Output = Option<T>>>(
        &self,
        limit: Duration,
        ready: impl FnMut() -> F,
    ) -> Result<T, BrokerError> {
        let process = self.process.as_ref().ok_or_else(|| self.not_running())?;
        process.until("take clients", limit, ready).await
    }

    /// In good order; killed when the future is dropped.
    pub(super) async fn stop(&mut self) -> Result<(), BrokerError> {
        let mut process = self.process.take().ok_or_else(|| self.not_running())?;
        process.terminate(STOP_LIMIT).await.map(drop)
    }

    /// By SIGKILL, also when the future is dropped.
    pub(super) async fn kill(&mut self) -> Result<(), BrokerError> {
        let mut process = self.process.take().ok_or_else(|| self.not_running())?;
        process.kill().await
    }

    fn not_running(&self) -> BrokerError {
        BrokerError::NotRunning {
            what: self.broker.to_owned(),
        }
    }
}
