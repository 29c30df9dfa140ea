//! Several nodes that are one broker.

use futures_util::future::{join_all, try_join_all};

use super::{BrokerError, RabbitMq, RabbitMqOptions, not_running};

/// `RabbitMQ` nodes of our own, which have joined into one broker: what one is told, all know.
///
/// A classic queue is at the node where it was declared, and everybody reaches it by any node. Dropping this ends all
/// processes at once and removes the data.
#[derive(Debug)]
pub struct RabbitMqCluster {
    nodes: Vec<RabbitMq>,
}

impl RabbitMqCluster {
    /// Starts so many nodes, at the same time, and joins them; at least one.
    ///
    /// # Errors
    ///
    /// As [`RabbitMq::start`]; [`BrokerError::Control`] when a node does not join.
    ///
    /// # Cancel safety
    ///
    /// What was started ends when the future is dropped.
    pub async fn start(number: usize, options: RabbitMqOptions) -> Result<Self, BrokerError> {
        let mut nodes = vec![RabbitMq::prepare(&options).await?];
        for _ in 1..number {
            nodes.push(nodes[0].prepare_beside(&options)?);
        }
        try_join_all(nodes.iter_mut().map(RabbitMq::boot)).await?;
        let (first, others) = nodes.split_first_mut().ok_or_else(not_running)?;
        for node in others {
            node.join(first).await?;
        }
        Ok(Self { nodes })
    }

    /// The nodes; the others have joined the first.
    pub fn nodes(&self) -> &[RabbitMq] {
        &self.nodes
    }

    /// The same, to crash and restart one of them.
    pub fn nodes_mut(&mut self) -> &mut [RabbitMq] {
        &mut self.nodes
    }

    /// Crashes all nodes at the same time.
    ///
    /// # Errors
    ///
    /// As [`RabbitMq::kill`]; the others are killed nevertheless.
    pub async fn kill(&mut self) -> Result<(), BrokerError> {
        let outcomes = join_all(self.nodes.iter_mut().map(RabbitMq::kill)).await;
        outcomes.into_iter().collect()
    }

    /// Starts all nodes again, with the same ports and data, after all were stopped or killed. They wait for each other.
    ///
    /// # Errors
    ///
    /// As [`RabbitMq::restart`].
    ///
    /// # Cancel safety
    ///
    /// All nodes are down when the future is dropped; starting them again is possible.
    pub async fn start_again(&mut self) -> Result<(), BrokerError> {
        try_join_all(self.nodes.iter_mut().map(RabbitMq::restart))
            .await
            .map(drop)
    }

    /// Stops all nodes in good order, the first one last.
    ///
    /// # Errors
    ///
    /// As [`RabbitMq::stop`]; the others are stopped nevertheless.
    pub async fn stop(&mut self) -> Result<(), BrokerError> {
        let mut outcome = Ok(());
        for node in self.nodes.iter_mut().rev() {
            outcome = outcome.and(node.stop().await);
        }
        outcome
    }
}

impl RabbitMq {
    /// Gives up what this node has and becomes one of the other's.
    async fn join(&mut self, other: &RabbitMq) -> Result<(), BrokerError> {
        let name = other.node.name();
        self.ctl(&["stop_app"]).await?;
        self.ctl(&["join_cluster", &name]).await?;
        self.ctl(&["start_app"]).await?;
        self.become_ready().await
    }
}
