//! This provider and pika, a client of another make, understand each other on one `RabbitMQ`.
//!
//! Both ways: every kind of body, every type of property, every header that the protocol has a field for; requests and
//! replies; the work queue and the exchanges of RabbitMQ's tutorials; what survives a restart.
#![cfg(target_os = "linux")]

mod bodies;
#[path = "../common/mod.rs"]
mod common;
mod direct_replies;
mod exchanges;
mod fields;
mod foreign;
mod peer;
mod properties;
mod replies;
mod restart;
mod stage;
mod work;

use stage::Stage;

/// One broker for all: its start takes longer than all of this.
#[tokio::test]
async fn pika_and_this_provider_understand_each_other() {
    let Some(mut stage) = Stage::set().await else {
        return;
    };
    bodies::ours(&mut stage).await;
    bodies::theirs(&mut stage).await;
    properties::ours(&mut stage).await;
    properties::theirs(&mut stage).await;
    fields::ours(&mut stage).await;
    fields::theirs(&mut stage).await;
    foreign::is_read_as_what_fits_best(&mut stage).await;
    replies::pika_answers(&mut stage).await;
    replies::pika_asks(&mut stage).await;
    direct_replies::pika_is_answered(&mut stage).await;
    direct_replies::many_answers_keep_their_order(&mut stage).await;
    direct_replies::a_transaction_answers_when_it_commits(&mut stage).await;
    direct_replies::nobody_hears_an_answer_that_comes_too_late(&mut stage).await;
    direct_replies::an_address_that_is_none_is_refused(&mut stage).await;
    direct_replies::we_ask_with_a_temporary_queue(&mut stage).await;
    work::is_shared(&mut stage).await;
    exchanges::everybody_hears_everything(&mut stage).await;
    exchanges::some_hear_what_they_chose(&mut stage).await;
    exchanges::topics_are_routing_keys(&mut stage).await;
    restart::spares_what_is_persistent(stage).await;
}
