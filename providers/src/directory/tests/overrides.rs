use super::*;

#[test]
fn the_environment_goes_before_the_file_key_by_key() {
    let toml = "
        [connections.shop]
        url = 'echo://file'
        client-id = 'file'
        prefetch = 1
        username = 'file'
        password = 'file'
        max-deliveries = '3'
        redelivery-multiplier = 2
    ";
    let environment = [
        ("ANYMQ_CONNECTION_SHOP_URL", "echo://environment"),
        ("ANYMQ_CONNECTION_SHOP_CLIENT_ID", "environment"),
        ("ANYMQ_CONNECTION_SHOP_CLOSE_TIMEOUT", "7s"),
        ("ANYMQ_CONNECTION_SHOP_MAX_DELIVERIES", "5"),
        ("ANYMQ_CONNECTION_SHOP_REDELIVERY_MAX_DELAY", "1m"),
        ("ANYMQ_CONNECTION_SHOP_PASSWORD", "environment"),
    ];
    let setup = directory(toml, environment)
        .setup("shop", ConnectOptions::new())
        .unwrap()
        .0;
    assert_eq!(
        format!("{:?}", setup.brokers),
        "One(EchoDriver(\"echo://environment\"))"
    );
    assert_eq!(setup.options.client_id.as_deref(), Some("environment"));
    assert_eq!(setup.options.prefetch.map(u32::from), Some(1));
    assert_eq!(setup.options.close_timeout.map(|t| t.as_secs()), Some(7));
    let policy = setup.options.redelivery.unwrap();
    assert_eq!(policy.max_deliveries.map(u32::from), Some(5));
    assert_eq!(policy.multiplier, Some(2.0));
    assert_eq!(policy.max_delay.map(|t| t.as_secs()), Some(60));
    let credentials = setup.options.credentials.unwrap();
    assert_eq!(
        (credentials.username(), credentials.expose_password()),
        ("file", "environment")
    );
}

#[test]
fn the_environment_alone_is_enough() {
    let environment = [
        ("ANYMQ_CONNECTION_SHOP_FLOOR_URL", "echo://h"),
        ("ANYMQ_DESTINATION_ORDERS_V1", "queue:orders"),
    ];
    let directory = directory("", environment);
    for name in ["shop-floor", "shop.floor", "SHOP_FLOOR"] {
        directory.setup(name, ConnectOptions::new()).unwrap();
    }
    assert_eq!(directory.queue("orders.v1").unwrap().name(), "orders");
    assert_eq!(
        directory.names().collect::<Vec<_>>(),
        ["connections.shop-floor", "destinations.orders-v1"]
    );
}

#[test]
fn names_of_the_file_are_found_with_their_own_punctuation() {
    let toml = "connections.'shop.floor'.url = 'echo://h'\ndestinations.'orders.v1' = 'queue:file'";
    let environment = [
        ("ANYMQ_CONNECTION_SHOP_FLOOR_PREFETCH", "3"),
        ("ANYMQ_DESTINATION_ORDERS_V1", "queue:environment"),
    ];
    let directory = directory(toml, environment);
    let options = directory.setup("shop.floor", ConnectOptions::new()).unwrap().0.options;
    assert_eq!(options.prefetch.map(u32::from), Some(3));
    refusal(directory.connection_factory("shop-floor"));
    assert_eq!(directory.queue("orders.v1").unwrap().name(), "environment");
}

#[test]
fn values_of_the_environment_are_literal() {
    let toml = "connections.shop.url = 'echo://h'";
    let options = shop(toml, [("ANYMQ_CONNECTION_SHOP_CLIENT_ID", "${HOME}$$")]).unwrap();
    assert_eq!(options.client_id.as_deref(), Some("${HOME}$$"));
}

#[test]
fn unknown_variables_are_refused() {
    for (variable, expected) in [
        ("ANYMQ_CONNECTION_SHOP_PREFTCH", "did you mean `PREFETCH`?"),
        ("ANYMQ_CONNECTION_URL", "expected ANYMQ_CONNECTION_, a name"),
        ("ANYMQ_CONNECTION_", "expected ANYMQ_CONNECTION_ and a name"),
        ("ANYMQ_CONNECTION_shop_URL", "in upper case"),
        ("ANYMQ_CONNECTIONS_SHOP_URL", "expected ANYMQ_CONNECTION_ and a name"),
        ("ANYMQ_DESTINATIONS_ORDERS", "expected ANYMQ_DESTINATION_ and a name"),
        ("ANYMQ_DESTINATION_", "expected ANYMQ_DESTINATION_ and a name"),
    ] {
        let message = refusal(build("", [(variable, "hunter2")]));
        assert!(message.contains(variable) && message.contains(expected), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
    directory("", [("ANYMQ", "x"), ("ANYMQ_CONFIG", "/ignored"), ("ANYMQ_OTHER", "x")]);
}

#[test]
fn bad_values_name_the_variable() {
    let toml = "connections.shop.url = 'echo://h'\ndestinations.a = 'queue:a'";
    let environment = [
        ("ANYMQ_CONNECTION_SHOP_PREFETCH", "many"),
        ("ANYMQ_DESTINATION_A", "box:a"),
    ];
    let directory = directory(toml, environment);
    let message = refusal(directory.connection_factory("shop"));
    assert!(
        message.starts_with("ANYMQ_CONNECTION_SHOP_PREFETCH: configuration"),
        "{message}"
    );
    let message = refusal(directory.destination("a"));
    assert!(message.starts_with("ANYMQ_DESTINATION_A: configuration"), "{message}");
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_unicode_is_refused_only_where_it_is_used() {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt as _};

    let odd = || [("ODD", OsString::from_vec(vec![0xff]))];
    let toml = "destinations.a = 'queue:a'\ndestinations.b = 'queue:${ODD}'";
    let directory = Directory::builder().toml(toml).environment(odd()).build().unwrap();
    directory.queue("a").unwrap();
    assert!(refusal(directory.queue("b")).contains("`ODD` is no valid Unicode"));
}
