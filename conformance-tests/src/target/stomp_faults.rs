//! Links with faults to a STOMP broker.

use std::{net::SocketAddr, sync::Arc};

use anymq_api::{
    BoxError,
    spi::{BrokerUrl, Provider as _, ProviderSetup},
};
use anymq_stomp::StompProvider;

use crate::fault::{FaultProxy, Faulty, Script, protocol::Stomp};

/// Connections by way of a proxy, with close heart-beats.
pub(super) fn faulty(port: u16, options: &str, script: &Arc<Script>) -> Result<Faulty, BoxError> {
    let broker = SocketAddr::from(([127, 0, 0, 1], port));
    let proxy = FaultProxy::before(broker, Arc::new(Stomp), Arc::clone(script))?;
    let url = format!("stomp://guest:guest@{}?{options}&heart-beat=1s", proxy.address());
    let ProviderSetup { driver, options, .. } = StompProvider.setup(&BrokerUrl::parse(&url)?)?;
    Ok(Faulty {
        driver,
        others: Vec::new(),
        options,
        carrier: Some(Arc::new(proxy)),
    })
}
