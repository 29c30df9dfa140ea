//! A broker for those who restart it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anymq_api::BoxError;
use async_trait::async_trait;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{
    broker::{RabbitMqCluster, RabbitMqOptions},
    restart::{End, Restart, Restartable},
};

/// `RabbitMQ` of so many nodes, started when first asked for, and lent to one at a time.
#[derive(Debug)]
pub(super) struct Spare {
    nodes: usize,
    cluster: Arc<Mutex<Option<Started>>>,
}

#[derive(Debug)]
struct Started {
    cluster: RabbitMqCluster,
    /// How long the start took.
    took: Duration,
}

impl Spare {
    pub(super) fn new(nodes: usize) -> Self {
        Self {
            nodes,
            cluster: Arc::default(),
        }
    }

    /// Waits until nobody else has it.
    pub(super) async fn lend(&self, options: RabbitMqOptions, url_options: &str) -> Result<Restartable, BoxError> {
        let mut lent = Arc::clone(&self.cluster).lock_owned().await;
        if lent.is_none() {
            let begin = Instant::now();
            let cluster = RabbitMqCluster::start(self.nodes, options).await?;
            let took = begin.elapsed();
            *lent = Some(Started { cluster, took });
        }
        let Some(Started { cluster, took }) = &*lent else {
            return Err("it was started and is gone".into());
        };
        let first = cluster.nodes().first().ok_or("it has no node")?;
        Ok(Restartable {
            factory: anymq::connection_factory(&format!("{}?{url_options}", first.amqp_url()))?,
            downtime: *took,
            broker: Box::new(Lent(lent)),
        })
    }

    pub(super) async fn end(&self) {
        if let Some(mut started) = self.cluster.lock().await.take() {
            // Dropping it ends it too.
            let _ = started.cluster.stop().await;
        }
    }
}

#[derive(Debug)]
struct Lent(OwnedMutexGuard<Option<Started>>);

#[async_trait]
impl Restart for Lent {
    async fn restart(&mut self, end: End) -> Result<(), BoxError> {
        // What does not come back is dropped, and the next who asks gets a new one.
        let mut started = self.0.take().ok_or("it did not come back from an earlier restart")?;
        match end {
            End::InOrder => started.cluster.stop().await?,
            End::Crash => started.cluster.kill().await?,
        }
        started.cluster.start_again().await?;
        *self.0 = Some(started);
        Ok(())
    }
}
