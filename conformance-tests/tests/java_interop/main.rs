//! This provider and a Java program with ActiveMQ's own JMS client understand each other on one `ActiveMQ`.
//!
//! Both ways: every kind of message, every type of property, headers, replies, selectors, priorities, a durable subscription.
#![cfg(target_os = "linux")]

mod bodies;
#[path = "../common/mod.rs"]
mod common;
mod fields;
mod peer;
mod selecting;
mod stage;
mod topics;

use stage::Stage;

/// One broker for all: its start takes longer than all of this.
#[tokio::test]
async fn java_and_this_provider_understand_each_other() {
    let Some(mut stage) = Stage::set().await else {
        return;
    };
    bodies::ours(&mut stage).await;
    bodies::theirs(&mut stage).await;
    fields::ours(&mut stage).await;
    fields::theirs(&mut stage).await;
    fields::java_answers(&mut stage).await;
    fields::java_asks(&mut stage).await;
    selecting::java_selects(&mut stage).await;
    selecting::we_select(&mut stage).await;
    selecting::priorities_overtake(&mut stage).await;
    topics::a_durable_subscription_of_java_s(&mut stage).await;
    topics::a_durable_subscription_of_ours(&mut stage).await;
    topics::a_virtual_topic_is_shared(&mut stage).await;
}
