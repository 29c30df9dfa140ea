//! ASYNC: asynchronous sends.

mod calls;
mod lost;
mod misuse;
mod waits;

use std::sync::Arc;

use anymq_api::{Message, Producer};

use super::{
    Context, Failure, Pair, Passed, Verdict, expect_list,
    later::{expect_only, later, numbers},
    listening::Gate,
    recorder::{Recorder, successes},
};

cases! {
    "ASYNC-01" => calls::exactly_once,
    "ASYNC-02" => calls::as_safe_as_a_plain_send,
    "ASYNC-03" => calls::in_order,
    "ASYNC-04" => calls::one_at_a_time,
    "ASYNC-05" => calls::outside_the_send,
    "ASYNC-06" => misuse::no_callback,
    "ASYNC-07" => lost::one_error_each,
    "ASYNC-08" => calls::mixed_with_plain_sends,
    "ASYNC-09" => waits::closing,
    "ASYNC-10" => waits::ending_a_transaction,
    "ASYNC-11" => misuse::inside_the_callback,
    "ASYNC-12" => calls::outcome,
    "ASYNC-13" => misuse::as_plain_sends,
}

/// Submits texts, in order.
async fn submit(
    producer: &Arc<dyn Producer>,
    texts: &[impl AsRef<str>],
    recorder: &Arc<Recorder>,
) -> Result<(), anymq_api::Error> {
    for text in texts {
        let message = Message::text(text.as_ref().to_owned());
        producer.send_async(message, None, recorder.clone()).await?;
    }
    Ok(())
}

/// A recorder whose calls are held up.
fn held(gate: &Gate) -> Arc<Recorder> {
    let turnstile = gate.turnstile();
    Recorder::doing(move || {
        let turnstile = turnstile.clone();
        Box::pin(async move { turnstile.pass().await })
    })
}
