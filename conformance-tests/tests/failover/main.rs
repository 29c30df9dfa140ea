//! Fail-over over links that are cut and brokers that are out of reach: what the application sees, on the in-VM broker and
//! on `RabbitMQ`.

#[path = "../common/mod.rs"]
mod common;
mod hosts;
mod kit;
mod lost_link;
mod no_link;
mod transactions;

use kit::Place;

/// A test of each story on the in-VM broker, and one of all of them, one after the other, on `RabbitMQ`.
macro_rules! stories {
    ($($file:ident :: $story:ident),* $(,)?) => {
        mod in_vm {
            $(
                #[tokio::test]
                async fn $story() -> anymq_api::Result<()> {
                    crate::$file::$story(&crate::Place::InVm).await
                }
            )*
        }

        async fn tell(place: &Place) {
            $(
                if let Err(error) = $file::$story(place).await {
                    panic!("{}: {error:?}", stringify!($story));
                }
            )*
        }
    };
}

stories! {
    lost_link::receivers_go_on_after_every_outage,
    lost_link::listeners_and_durable_subscriptions_go_on,
    lost_link::what_is_unsettled_comes_again_flagged_and_cannot_be_acknowledged,
    lost_link::temporary_destinations_are_made_again,
    lost_link::stopped_connections_stay_stopped,
    lost_link::closed_consumers_and_sessions_stay_closed,
    no_link::sends_wait_for_the_link_in_order,
    no_link::whatever_is_made_waits_for_the_link,
    no_link::a_send_that_waits_too_long_is_safe_to_repeat,
    no_link::closing_does_not_wait_for_the_link,
    no_link::whoever_waits_for_the_link_learns_of_the_close,
    no_link::the_last_handle_leaves_no_task_behind,
    no_link::the_policy_has_an_end,
    transactions::a_transaction_ends_with_its_link,
    transactions::what_was_only_received_is_rolled_back_too,
    transactions::a_rollback_is_at_home_on_either_link,
    transactions::a_commit_without_a_link_is_rolled_back,
    transactions::a_commit_whose_answer_is_lost_is_in_doubt,
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn rabbitmq() {
    let Some(rabbit) = common::rabbit("failover on RabbitMQ").await else {
        return;
    };
    tell(&Place::RabbitMq(Box::new(rabbit))).await;
}
