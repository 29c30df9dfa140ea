//! Consumers of the run's place that select, several of one topic too.

use std::sync::Arc;

use anymq_api::{Consumer, ConsumerOptions, Destination, Session};

use super::{Context, Failure};
use crate::checklist::Place;

impl Context {
    /// As [`consumer_with`](Self::consumer_with), with a name for a durable subscription, and with the error as it is.
    pub(crate) async fn subscribe(
        &self,
        session: &Arc<dyn Session>,
        destination: &dyn Destination,
        name: &str,
        options: ConsumerOptions,
    ) -> anymq_api::Result<Arc<dyn Consumer>> {
        match self.place() {
            Place::Durable => session.create_durable_consumer(destination, name, options).await,
            Place::Queue | Place::Topic => session.create_consumer_with(destination, options).await,
        }
    }

    /// A consumer with a selector; the name of its subscription, where that is durable, is its own.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be made.
    pub(crate) async fn selective(
        &self,
        session: &Arc<dyn Session>,
        destination: &dyn Destination,
        selector: &str,
    ) -> Result<Arc<dyn Consumer>, Failure> {
        let options = ConsumerOptions::new().with_selector(selector);
        Ok(self.subscribe(session, destination, &self.name(), options).await?)
    }

    /// Ends a consumer, and deletes the subscription of that name where it is durable.
    ///
    /// # Errors
    /// [`Failure`] when that is refused.
    pub(crate) async fn end_subscription(
        &self,
        session: &Arc<dyn Session>,
        consumer: &Arc<dyn Consumer>,
        name: &str,
    ) -> Result<(), Failure> {
        consumer.close().await?;
        if self.place() == Place::Durable {
            session.unsubscribe(name).await?;
        }
        Ok(())
    }
}
