//! A broker for those who restart it.

use std::{
    fmt::Debug,
    sync::Arc,
    time::{Duration, Instant},
};

use anymq_api::BoxError;
use async_trait::async_trait;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{
    broker::{ActiveMq, BrokerError, Mosquitto, RabbitMq, RabbitMqCluster},
    restart::{End, Restart, Restartable},
};

/// What can be restarted.
#[async_trait]
pub(super) trait Server: Debug + Send + Sync + Sized + 'static {
    /// In order.
    async fn stop(&mut self) -> Result<(), BrokerError>;
    /// As a crash does it.
    async fn kill(&mut self) -> Result<(), BrokerError>;
    /// With what it kept.
    async fn start_again(&mut self) -> Result<(), BrokerError>;
}

#[async_trait]
impl Server for RabbitMqCluster {
    async fn stop(&mut self) -> Result<(), BrokerError> {
        Self::stop(self).await
    }

    async fn kill(&mut self) -> Result<(), BrokerError> {
        Self::kill(self).await
    }

    async fn start_again(&mut self) -> Result<(), BrokerError> {
        Self::start_again(self).await
    }
}

#[async_trait]
impl Server for ActiveMq {
    async fn stop(&mut self) -> Result<(), BrokerError> {
        Self::stop(self).await
    }

    async fn kill(&mut self) -> Result<(), BrokerError> {
        Self::kill(self).await
    }

    async fn start_again(&mut self) -> Result<(), BrokerError> {
        self.restart().await
    }
}

#[async_trait]
impl Server for Mosquitto {
    async fn stop(&mut self) -> Result<(), BrokerError> {
        Self::stop(self).await
    }

    async fn kill(&mut self) -> Result<(), BrokerError> {
        Self::kill(self).await
    }

    async fn start_again(&mut self) -> Result<(), BrokerError> {
        self.restart().await
    }
}

#[async_trait]
impl Server for RabbitMq {
    async fn stop(&mut self) -> Result<(), BrokerError> {
        Self::stop(self).await
    }

    async fn kill(&mut self) -> Result<(), BrokerError> {
        Self::kill(self).await
    }

    async fn start_again(&mut self) -> Result<(), BrokerError> {
        self.restart().await
    }
}

/// A broker that is started when first asked for, and lent to one at a time.
#[derive(Debug)]
pub(super) struct Spare<S>(Arc<Mutex<Option<Started<S>>>>);

#[derive(Debug)]
struct Started<S> {
    server: S,
    /// How long the start took.
    took: Duration,
}

impl<S> Default for Spare<S> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<S: Server> Spare<S> {
    /// Waits until nobody else has it.
    pub(super) async fn lend(
        &self,
        start: impl Future<Output = Result<S, BrokerError>> + Send,
        url: impl FnOnce(&S) -> Option<String>,
    ) -> Result<Restartable, BoxError> {
        let mut lent = Arc::clone(&self.0).lock_owned().await;
        if lent.is_none() {
            let begin = Instant::now();
            let server = start.await?;
            let took = begin.elapsed();
            *lent = Some(Started { server, took });
        }
        let Some(Started { server, took }) = &*lent else {
            return Err("it was started and is gone".into());
        };
        let url = url(server).ok_or("it has no address")?;
        Ok(Restartable {
            factory: anymq::connection_factory(&url)?,
            downtime: *took,
            broker: Box::new(Lent(lent)),
        })
    }

    pub(super) async fn end(&self) {
        if let Some(mut started) = self.0.lock().await.take() {
            // Dropping it ends it too.
            let _ = started.server.stop().await;
        }
    }
}

#[derive(Debug)]
struct Lent<S>(OwnedMutexGuard<Option<Started<S>>>);

#[async_trait]
impl<S: Server> Restart for Lent<S> {
    async fn restart(&mut self, end: End) -> Result<(), BoxError> {
        // What does not come back is dropped, and the next who asks gets a new one.
        let mut started = self.0.take().ok_or("it did not come back from an earlier restart")?;
        match end {
            End::InOrder => started.server.stop().await?,
            End::Crash => started.server.kill().await?,
        }
        started.server.start_again().await?;
        *self.0 = Some(started);
        Ok(())
    }
}
