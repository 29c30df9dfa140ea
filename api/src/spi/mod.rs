//! Ring three: what a provider implements.
//!
//! A driver only translates. It never validates, filters, stamps, retries, reconnects or runs user code: the kernel
//! does all of that once, for every provider. Each method's documentation says who calls it, whether concurrently, what
//! it may retain, and who retries.
//!
//! *Submitting is not waiting*: the plain functions of [`DriverSession`] have enqueued their work, in call order, when
//! they return; the [`Done`] they give back only tells how it ended, and dropping it changes nothing.

mod connection;
mod delivery;
mod descriptor;
mod done;
mod driver;
mod event;
mod file;
mod provider;
mod session;
mod settlement;
mod subscription;
mod url;

pub use self::url::{BrokerUrl, FailoverUrl, UrlOptions};
pub use crate::{
    error::excerpt,
    selector::{SelectorComparison, SelectorHeader, SelectorOperand, SelectorPart, SelectorTest},
};
pub use connection::{DriverBrowser, DriverConnection, ReleaseScope};
pub use delivery::{Delivery, DeliverySink, DeliveryToken, SubscriptionId, Unsettled};
pub use descriptor::SubscriptionDescriptor;
pub use done::Done;
pub use driver::{ConnectSpec, Driver};
pub use event::{DriverEvent, EventSink};
pub use file::read_file;
pub use provider::{Provider, ProviderSetup};
pub use session::{DriverSession, SessionSpec};
pub use settlement::{Outcome, RejectReason, Settlement};
pub use subscription::{BrowseSpec, DriverSubscription, SubscribeSpec, SubscriptionKind};
