//! This provider and MQTT clients of other makes understand each other on one Mosquitto: Python's paho-mqtt, and
//! `mosquitto_pub` with `mosquitto_sub`. Both ways, by MQTT 5 and by 3.1.1.
#![cfg(target_os = "linux")]

mod bodies;
#[path = "../common/mod.rs"]
mod common;
mod envelope;
mod fields;
mod mosquitto;
mod paho;
mod plain;
mod replies;
mod stage;
mod topics;

use paho::Version;
use stage::Stage;

async fn all_of_paho(version: Version) {
    let Some(mut stage) = Stage::set(version).await else {
        return;
    };
    bodies::ours(&mut stage).await;
    bodies::theirs(&mut stage).await;
    fields::ours(&mut stage).await;
    fields::theirs(&mut stage).await;
    replies::paho_answers(&mut stage).await;
    replies::paho_asks(&mut stage).await;
    topics::have_one_name(&mut stage).await;
    topics::are_found_by_filters(&mut stage).await;
    topics::keep_nothing_for_later_consumers(&mut stage).await;
    plain::is_read_as_what_fits_best(&mut stage).await;
    stage.end().await;
}

#[tokio::test]
async fn paho_and_this_provider_understand_each_other_by_mqtt_5() {
    all_of_paho(Version::Five).await;
}

#[tokio::test]
async fn paho_and_this_provider_understand_each_other_by_mqtt_3_1_1() {
    all_of_paho(Version::Three).await;
}

#[tokio::test]
async fn so_do_the_clients_of_mosquitto() {
    for version in [Version::Five, Version::Three] {
        mosquitto::publishes(version).await;
        mosquitto::subscribes(version).await;
    }
}
