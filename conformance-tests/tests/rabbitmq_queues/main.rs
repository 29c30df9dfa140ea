//! What the AMQP driver does with `RabbitMQ`'s own kinds of queues and exchanges.
#![cfg(target_os = "linux")]

mod browsing;
#[path = "../common/client.rs"]
mod client;
#[path = "../common/mod.rs"]
mod common;
mod dead_letters;
mod declaring;
mod delays;
mod exchanges;
mod transactions;

use client::{connect, session};

/// One broker for all: its start takes longer than all of this.
#[tokio::test]
async fn queues_and_exchanges_are_what_their_addresses_ask_for() {
    let Some(mut rabbit) = common::rabbit("rabbitmq_queues").await else {
        return;
    };
    let connection = connect(&rabbit).await;
    let session = session(&connection).await;
    declaring::a_queue_has_what_was_asked_for(&rabbit, &session).await;
    declaring::a_full_queue_says_so(&session).await;
    declaring::priorities_come_first(&session).await;
    declaring::one_consumer_is_active(&rabbit, &session).await;
    browsing::a_quorum_queue_cannot_be_looked_at(&session).await;
    browsing::a_scan_of_a_long_queue_gives_it_back(&session).await;
    dead_letters::what_is_rejected_goes_where_the_queue_says(&rabbit).await;
    dead_letters::a_limit_ends_in_the_dead_letters(&rabbit).await;
    exchanges::exchanges_of_others_can_be_joined(&rabbit, &connection).await;
    transactions::a_commit_to_a_full_quorum_queue_is_undone(&connection).await;
    transactions::a_rollback_takes_back_what_was_for_a_quorum_queue(&connection).await;
    connection.close().await.unwrap();
    delays::many_begin_at_once_to_delay_on_the_way_to_a_quorum_queue(&rabbit).await;
    delays::a_delayed_message_survives_a_restart(&mut rabbit).await;
}
