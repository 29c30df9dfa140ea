//! Connections to several brokers.

use super::*;
use crate::registry::Brokers;

const TOML: &str = r#"
    [connections.shop]
    url = "failover:(echo://u:${FIRST}@${HOST}/v?x=${X},echo://b:1)?prefetch=7&reconnect=3"
    client-id = "till-1"
"#;

#[test]
fn variables_stay_in_their_places() {
    let environment = [("FIRST", "a,b)/?@"), ("HOST", "h:5"), ("X", "1,2")];
    let error = shop(TOML, environment).unwrap_err();
    assert!(error.to_string().contains("unknown option `x`"), "{error}");
    let toml = TOML.replace("?x=${X}", "");
    let (setup, _) = directory(&toml, environment)
        .setup("shop", ConnectOptions::new())
        .unwrap();
    let Brokers::Several(brokers) = setup.brokers else {
        panic!("one broker")
    };
    let drivers: Vec<_> = brokers.iter().map(|broker| format!("{:?}", broker.driver)).collect();
    assert_eq!(
        drivers,
        [
            "EchoDriver(\"echo://u:a%2Cb%29%2F%3F%40@h:5/v\")",
            "EchoDriver(\"echo://b:1\")"
        ]
    );
    let own = brokers[0].options.credentials.as_ref().unwrap();
    assert_eq!(own.expose_password(), "a,b)/?@");
    assert!(brokers[1].options.credentials.is_none());
    assert_eq!(setup.options.client_id.as_deref(), Some("till-1"));
    assert_eq!(setup.options.prefetch.map(u32::from), Some(7));
    assert!(setup.options.reconnect.is_some());
}

#[test]
fn what_the_url_gives_is_given_once() {
    let toml = TOML.replace("?x=${X}", "") + "username = \"v\"";
    let message = refusal(shop(&toml, [("FIRST", "p"), ("HOST", "h")]));
    assert!(message.contains("give it once"), "{message}");
}

#[test]
fn credentials_beside_the_url_are_for_all() {
    let toml = "connections.shop = { url = 'failover:(echo://a,echo://b)', username = 'u', password = 'p' }";
    let options = shop(toml, NOTHING).unwrap();
    assert_eq!(
        options.credentials.map(|own| own.username().to_owned()).as_deref(),
        Some("u")
    );
}

#[test]
fn what_a_connection_chooses_stands_behind_the_list() {
    let directory = directory(
        "connections.shop.url = 'failover:(echo://a,echo://b?prefetch=1)'",
        NOTHING,
    );
    let message = refusal(directory.connection_factory("shop"));
    assert!(message.contains("behind the parenthesis"), "{message}");
}
