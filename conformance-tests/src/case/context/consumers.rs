//! Consumers of a run's place.

use std::sync::Arc;

use anymq_api::{Consumer, ConsumerOptions, Destination, Session};

use super::{Context, Failure};
use crate::checklist::Place;

impl Context {
    /// A consumer of this run's place: on a queue, a plain subscription, or a durable one named after the topic.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be made.
    pub async fn consumer(
        &self,
        session: &Arc<dyn Session>,
        destination: &dyn Destination,
    ) -> Result<Arc<dyn Consumer>, Failure> {
        self.consumer_with(session, destination, ConsumerOptions::new()).await
    }

    /// As [`consumer`](Self::consumer), with options.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be made.
    pub async fn consumer_with(
        &self,
        session: &Arc<dyn Session>,
        destination: &dyn Destination,
        options: ConsumerOptions,
    ) -> Result<Arc<dyn Consumer>, Failure> {
        Ok(match self.place() {
            Place::Durable => {
                let name = self.subscription_name(destination);
                self.note_subscription(&name);
                session.create_durable_consumer(destination, &name, options).await?
            }
            Place::Queue | Place::Topic => session.create_consumer_with(destination, options).await?,
        })
    }

    /// The name that [`consumer`](Self::consumer) gives to a durable subscription.
    pub fn subscription_name(&self, destination: &dyn Destination) -> String {
        format!("sub-{}", destination.address().name())
    }

    /// Makes the end of the run unsubscribe this name, for each of the run's clients.
    pub(crate) fn note_subscription(&self, name: &str) {
        self.lasting.lock().names.insert(name.to_owned());
    }
}
