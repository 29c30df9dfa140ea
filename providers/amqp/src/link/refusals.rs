//! Why the broker ended channels. It does not say which.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use anymq_api::Error;

use super::Link;
use crate::error::{classify, reply_code};

/// How long after a channel the reason for its end is waited for.
const SOON: Duration = Duration::from_millis(200);

/// How many of them are kept.
const REFUSALS: usize = 4;

impl Link {
    pub(super) fn note_refusal(&self, cause: lapin::Error) {
        self.refusals.send_modify(|refusals| {
            refusals.truncate(REFUSALS - 1);
            refusals.push_front((Instant::now(), cause));
        });
    }

    /// The latest reason for which the broker ended a channel. It comes soon after the end itself.
    pub(crate) async fn refusal_since(&self, begun: Instant) -> Option<Error> {
        let is_later =
            |refusals: &VecDeque<(Instant, lapin::Error)>| refusals.front().is_some_and(|(at, _)| *at >= begun);
        let mut refusals = self.refusals.subscribe();
        let told = tokio::time::timeout(SOON, refusals.wait_for(is_later)).await.ok()?;
        let (_, cause) = told.ok()?.front()?.clone();
        Some(classify(cause))
    }
}

/// Ends only the channel for declarations.
pub(super) fn concerns_declaration(cause: &lapin::Error) -> bool {
    match reply_code(cause) {
        Some(405) => true,
        Some(403 | 404 | 406) => {
            let text = cause.to_string();
            [
                "no queue",
                "inequivalent arg",
                "access to queue",
                "'anymq.active.",
                "'anymq.held.",
            ]
            .iter()
            .any(|words| text.contains(words))
        }
        _ => false,
    }
}
