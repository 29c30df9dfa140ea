//! What an address asks for beside its name: `queue:orders?kind=quorum&max-length=1000`.

mod asked;
mod binding;
mod exchange;
mod queue;
#[cfg(test)]
mod tests;

pub(crate) use binding::Binding;
pub(crate) use exchange::TopicOptions;
pub(crate) use queue::{QueueKind, QueueOptions};

use anymq_api::{Address, DestinationKind, Result};

use crate::name::invalid;

/// Whether its options are known, of the right form, and fit together.
pub(crate) fn check(address: &Address) -> Result<()> {
    match address.kind() {
        DestinationKind::Queue => QueueOptions::of(address).map(drop),
        DestinationKind::Topic => TopicOptions::of(address).map(drop),
        DestinationKind::TemporaryQueue | DestinationKind::TemporaryTopic => match address.options().next() {
            None => Ok(()),
            Some((name, _)) => {
                let name = anymq_api::spi::excerpt(name);
                let detail = format!("unknown option `{name}`: temporary destinations have none");
                Err(invalid(address, &detail))
            }
        },
    }
}
