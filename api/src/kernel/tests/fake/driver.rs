//! The driver's traits, all of them by one type.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{Fake, Step};
use crate::{
    Address, Capabilities, Envelope, Error, ErrorKind, Limits, Result,
    spi::{
        BrowseSpec, ConnectSpec, Delivery, DeliverySink, DeliveryToken, Done, Driver, DriverBrowser, DriverConnection,
        DriverEvent, DriverSession, DriverSubscription, EventSink, Outcome, ReleaseScope, SessionSpec, Settlement,
        SubscribeSpec, SubscriptionDescriptor,
    },
};

#[async_trait]
impl Driver for Fake {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn version(&self) -> &'static str {
        "0.0.0"
    }

    fn target(&self) -> Option<String> {
        Some("host:1".to_owned())
    }

    async fn connect(&self, _spec: ConnectSpec, events: Arc<dyn EventSink>) -> Result<Arc<dyn DriverConnection>> {
        self.done("connect").await?;
        self.0.lock().links.made(Arc::clone(&events));
        if let Some(error) = self.0.lock().lost.clone() {
            events.event(DriverEvent::LinkLost { epoch: 0, error });
        }
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl DriverConnection for Fake {
    fn broker(&self) -> Option<String> {
        None
    }

    fn capabilities(&self) -> Capabilities {
        self.0.lock().capabilities
    }

    fn capabilities_of(&self, _destination: &Address) -> Capabilities {
        self.0.lock().capabilities
    }

    fn limits(&self) -> Limits {
        self.0.lock().limits
    }

    fn release_scope(&self) -> ReleaseScope {
        ReleaseScope::Message
    }

    fn check_destination(&self, _destination: &Address) -> Result<()> {
        Ok(())
    }

    async fn open_session(&self, _spec: SessionSpec) -> Result<Arc<dyn DriverSession>> {
        self.done("open session").await?;
        Ok(Arc::new(self.clone()))
    }

    async fn create_temporary(&self, _destination: &Address) -> Result<()> {
        self.done("create temporary").await
    }

    async fn delete_temporary(&self, _destination: &Address) -> Result<()> {
        self.done("delete temporary").await
    }

    async fn browse(&self, spec: BrowseSpec) -> Result<Box<dyn DriverBrowser>> {
        if spec.selector.as_deref() == Some("never") {
            std::future::pending::<()>().await;
        }
        self.0.lock().scans += 1;
        Ok(Box::new(Scan(self.clone())))
    }

    async fn unsubscribe(&self, _client_id: Option<&str>, _name: &str) -> Result<()> {
        self.done("unsubscribe").await
    }

    async fn load_descriptor(&self, _key: &str) -> Result<Option<SubscriptionDescriptor>> {
        Ok(None)
    }

    async fn store_descriptor(&self, _descriptor: &SubscriptionDescriptor) -> Result<()> {
        Ok(())
    }

    async fn delete_descriptor(&self, _key: &str) -> Result<()> {
        Ok(())
    }

    async fn close(&self, _deadline: Duration) -> Result<()> {
        self.done("close connection").await
    }

    fn abandon(&self) {
        self.0.lock().abandoned += 1;
    }
}

#[async_trait]
impl DriverSession for Fake {
    fn ready(&self) -> Done<()> {
        self.done("ready")
    }

    fn send(&self, envelope: Envelope) -> Done<()> {
        let text = envelope.message().as_text().unwrap_or_default().to_owned();
        self.0.lock().sent.push(text);
        self.done("send")
    }

    fn send_batch(&self, _envelopes: Vec<Envelope>) -> Done<()> {
        Done::ok()
    }

    async fn subscribe(&self, spec: SubscribeSpec, sink: Arc<dyn DeliverySink>) -> Result<Arc<dyn DriverSubscription>> {
        self.done("subscribe").await?;
        self.0.lock().sinks.push((spec.id, sink));
        Ok(Arc::new(self.clone()))
    }

    fn settle(&self, settlements: &[Settlement]) -> Done<()> {
        let told = settlements.iter().map(|it| (it.token.tag, it.outcome));
        self.0.lock().settled.extend(told);
        Done::ok()
    }

    fn commit(&self, acknowledged: &[DeliveryToken]) -> Done<()> {
        let mut state = self.0.lock();
        if let Some(error) = state.commits.pop_front() {
            return Done::ready(Err(error));
        }
        let tags = acknowledged.iter().map(|token| token.tag).collect();
        state.committed.push(tags);
        drop(state);
        self.done("commit")
    }

    fn rollback(&self) -> Done<()> {
        Done::ok()
    }

    fn flush(&self) -> Done<()> {
        Done::ok()
    }

    async fn close(&self, _deadline: Duration) -> Result<()> {
        self.done("close session").await
    }

    fn abandon(&self) {}
}

impl DriverSubscription for Fake {
    fn grant_credit(&self, credit: u32) {
        self.0.lock().granted.push(credit);
    }

    fn accept(&self, delivery: &Delivery) -> bool {
        let mut state = self.0.lock();
        if state.notes {
            state.settled.push((delivery.token.tag, Outcome::Accept));
        }
        state.notes
    }

    fn stop_delivery(&self) -> Done<()> {
        self.done("stop delivery")
    }

    fn close(&self) -> Done<()> {
        self.done("close subscription")
    }

    fn abandon(&self) {
        self.0.lock().links.subscriptions_abandoned += 1;
    }
}

struct Scan(Fake);

impl Drop for Scan {
    fn drop(&mut self) {
        self.0.0.lock().scans -= 1;
    }
}

#[async_trait]
impl DriverBrowser for Scan {
    async fn next(&mut self) -> Result<Option<Envelope>> {
        let step = self.0.0.lock().scan.pop_front();
        match step {
            None => Ok(None),
            Some(Step::Message(envelope)) => Ok(Some(envelope)),
            Some(Step::Fails) => Err(Error::new(ErrorKind::Other, "not now")),
            Some(Step::Late(delay, envelope)) => {
                tokio::time::sleep(delay).await;
                Ok(Some(envelope))
            }
            Some(Step::Never) => std::future::pending().await,
        }
    }
}
