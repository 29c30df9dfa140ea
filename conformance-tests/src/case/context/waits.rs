//! Waits, each with an end.

use std::{sync::Arc, time::Duration};

use anymq_api::{Consumer, Received};

use super::{Context, Failure, text_of};
use crate::poll;

impl Context {
    /// The next message, which must come.
    ///
    /// # Errors
    /// [`Failure`] when none comes in time, or the consumer was closed.
    #[track_caller]
    pub fn receive<'a>(
        &'a self,
        consumer: &'a Arc<dyn Consumer>,
    ) -> impl Future<Output = Result<Received, Failure>> + 'a {
        let missing = Failure::new("no message came");
        async move { consumer.receive_timeout(self.timing().wait).await?.ok_or(missing) }
    }

    /// The next `count` messages, which must come.
    ///
    /// # Errors
    /// [`Failure`] when fewer come in time.
    #[track_caller]
    pub fn receive_many<'a>(
        &'a self,
        consumer: &'a Arc<dyn Consumer>,
        count: usize,
    ) -> impl Future<Output = Result<Vec<Received>, Failure>> + 'a {
        let at = Failure::new("");
        async move {
            let mut all = Vec::with_capacity(count);
            while all.len() < count {
                match consumer.receive_timeout(self.timing().wait).await? {
                    Some(received) => all.push(received),
                    None => return Err(at.with_text(format!("{} of {count} messages came", all.len()))),
                }
            }
            Ok(all)
        }
    }

    /// Waits the quiet time, in which nothing may come.
    ///
    /// # Errors
    /// [`Failure`] when something comes.
    #[track_caller]
    pub fn nothing<'a>(&'a self, consumer: &'a Arc<dyn Consumer>) -> impl Future<Output = Result<(), Failure>> + 'a {
        let at = Failure::new("");
        async move {
            match consumer.receive_timeout(self.timing().quiet).await? {
                None => Ok(()),
                Some(received) => Err(at.with_text(format!("{:?} came, and nothing should", text_of(&received)))),
            }
        }
    }

    /// Waits until `probe` is true, which it must become.
    ///
    /// # Errors
    /// [`Failure`] saying `what`, when it does not become true in time.
    #[track_caller]
    pub fn eventually<'a>(
        &'a self,
        what: &'a str,
        mut probe: impl FnMut() -> bool + Send + 'a,
    ) -> impl Future<Output = Result<(), Failure>> + Send + 'a {
        let failure = Failure::new(format!("not in time: {what}"));
        async move {
            let pause = Duration::from_millis(2);
            poll::until(self.timing().wait, pause, || std::future::ready(probe().then_some(())))
                .await
                .map_err(|_| failure)
        }
    }

    /// Waits until `count` reaches `wanted`, as long as it grows: many take their time on a busy machine.
    ///
    /// # Errors
    /// [`Failure`] saying `what` and how far it came, when nothing is added for too long.
    #[track_caller]
    pub fn grows_to<'a>(
        &'a self,
        what: &'a str,
        wanted: usize,
        count: impl Fn() -> usize + Send + Sync + 'a,
    ) -> impl Future<Output = Result<(), Failure>> + Send + 'a {
        let at = Failure::new("");
        async move {
            let pause = Duration::from_millis(2);
            let mut reached = count();
            while reached < wanted {
                let more = || std::future::ready(Some(count()).filter(|&now| now > reached));
                let grown = poll::until(self.timing().wait, pause, more).await;
                let Ok(now) = grown else {
                    return Err(at.with_text(format!("{what}: {reached} of {wanted}, and no more come")));
                };
                reached = now;
            }
            Ok(())
        }
    }

    /// Waits for a future that must end in time.
    ///
    /// # Errors
    /// [`Failure`] saying `what` when it hangs.
    #[track_caller]
    pub fn in_time<'a, F: Future + Send + 'a>(
        &'a self,
        what: &'a str,
        future: F,
    ) -> impl Future<Output = Result<F::Output, Failure>> + Send + 'a {
        let failure = Failure::new(format!("it hangs: {what}"));
        async move {
            tokio::time::timeout(self.timing().wait, future)
                .await
                .map_err(|_| failure)
        }
    }

    /// Waits the quiet time, for what has no consumer to watch it.
    pub async fn quiet(&self) {
        tokio::time::sleep(self.timing().quiet).await;
    }
}
