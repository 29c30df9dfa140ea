//! Links with faults to each node of a broker.

use std::{net::SocketAddr, sync::Arc};

use anymq_amqp::AmqpProvider;
use anymq_api::{
    BoxError,
    spi::{BrokerUrl, Provider as _, ProviderSetup},
};

use crate::fault::{Carrier, FaultProxy, Faulty, Script, protocol::Amqp091};

/// A proxy before each node.
#[derive(Debug)]
pub(super) struct Proxies(Vec<FaultProxy>);

impl Proxies {
    /// Before nodes at these ports, in this order.
    pub(super) fn before(ports: &[u16], script: &Arc<Script>) -> Result<Self, BoxError> {
        let mut proxies: Vec<FaultProxy> = Vec::new();
        for &port in ports {
            let broker = SocketAddr::from(([127, 0, 0, 1], port));
            proxies.push(match proxies.first() {
                Some(first) => first.beside(broker)?,
                None => FaultProxy::before(broker, Arc::new(Amqp091), Arc::clone(script))?,
            });
        }
        Ok(Self(proxies))
    }

    /// Connections by way of them. The heart-beats are as close as the protocol allows.
    pub(super) fn faulty(self: &Arc<Self>, options: &str) -> Result<Faulty, BoxError> {
        let setups = self.0.iter().map(|proxy| {
            let url = format!("amqp://guest:guest@{}/%2f?{options}&heartbeat=1s", proxy.address());
            AmqpProvider.setup(&BrokerUrl::parse(&url)?)
        });
        let mut setups = setups.collect::<anymq_api::Result<Vec<_>>>()?.into_iter();
        let ProviderSetup { driver, options, .. } = setups.next().ok_or("there is no node")?;
        Ok(Faulty {
            driver,
            others: setups.map(|setup| setup.driver).collect(),
            options,
            carrier: Some(Arc::clone(self) as Arc<dyn Carrier>),
        })
    }

    /// The node that most clients are at, counted from 0.
    pub(super) fn busiest(&self) -> Option<usize> {
        let nodes = self.0.iter().map(FaultProxy::open).enumerate();
        let busy = nodes.filter(|&(_, open)| open > 0);
        busy.max_by_key(|&(_, open)| open).map(|(node, _)| node)
    }
}

impl Carrier for Proxies {
    fn open(&self) -> usize {
        self.0.iter().map(FaultProxy::open).sum()
    }
}
