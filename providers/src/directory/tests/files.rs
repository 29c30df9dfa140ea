use std::{fs, time::Duration};

use super::*;

#[test]
fn a_full_file_is_read() {
    let toml = r#"
        [connections.shop]
        url = "echo://h:1/v"
        client-id = "till-1"
        username = "guest"
        password = "hunter2"
        prefetch = 50
        connect-timeout = "1s"
        request-timeout = "2s"
        close-timeout = "3s"
        max-deliveries = 5
        redelivery-delay = "250ms"
        redelivery-multiplier = 1.5
        redelivery-max-delay = "1m"

        [connections.other]
        url = "echo://other"

        [destinations]
        orders = "queue:orders.v1"
    "#;
    let directory = directory(toml, NOTHING);
    let setup = directory.setup("shop", ConnectOptions::new()).unwrap().0;
    assert_eq!(format!("{:?}", setup.brokers), "One(EchoDriver(\"echo://h:1/v\"))");
    let options = setup.options;
    assert_eq!(options.client_id.as_deref(), Some("till-1"));
    assert_eq!(options.prefetch.map(u32::from), Some(50));
    assert_eq!(options.connect_timeout, Some(Duration::from_secs(1)));
    assert_eq!(options.request_timeout, Some(Duration::from_secs(2)));
    assert_eq!(options.close_timeout, Some(Duration::from_secs(3)));
    let policy = options.redelivery.unwrap();
    assert_eq!(policy.max_deliveries.map(u32::from), Some(5));
    assert_eq!(policy.delay, Some(Duration::from_millis(250)));
    assert_eq!(policy.multiplier, Some(1.5));
    assert_eq!(policy.max_delay, Some(Duration::from_secs(60)));
    let credentials = options.credentials.unwrap();
    assert_eq!(
        (credentials.username(), credentials.expose_password()),
        ("guest", "hunter2")
    );
    let names: Vec<_> = directory.names().collect();
    assert_eq!(names, ["connections.other", "connections.shop", "destinations.orders"]);
}

#[test]
fn every_spelling_of_toml_is_understood() {
    for toml in [
        "connections.shop.url = 'echo://h'",
        "connections = { shop = { url = \"echo://h\" } }",
        "[connections]\r\nshop.url = '''echo://h'''",
    ] {
        shop(toml, NOTHING).unwrap();
    }
}

#[test]
fn unknown_keys_and_wrong_types_are_refused_with_their_line() {
    for (toml, expected) in [
        (
            "[conections.shop]",
            "line 1: conections: configuration: unknown key; known: connections, destinations; did you mean `connections`?",
        ),
        (
            "[connections.shop]\nurl = 'echo://h'\nclient_id = 'x'",
            "line 3: connections.shop.client_id: configuration: unknown key",
        ),
        ("[connections.shop]\nclient_id = 'x'", "did you mean `client-id`?"),
        (
            "[connections.shop]\n\nurl = 5",
            "line 3: connections.shop.url: configuration: expected a string, not a value of type integer",
        ),
        (
            "[connections.shop]\nprefetch = true",
            "expected a string, not a value of type boolean",
        ),
        (
            "connections = 5",
            "line 1: connections: configuration: expected a table",
        ),
        (
            "connections.shop = 'echo://h'",
            "connections.shop: configuration: expected a table, not a value of type string",
        ),
        (
            "[destinations]\na = ['queue:b']",
            "line 2: destinations.a: configuration: expected a string, not a value of type array",
        ),
        ("[connections.'']\nurl = 'echo://h'", "an empty name"),
        ("[destinations]\n'' = 'queue:a'", "an empty name"),
        (
            "[connections.shop]\nurl = 'a'\nurl = 'b'",
            "line 3: configuration: no valid TOML: duplicate key",
        ),
        ("[connections.shop", "line 1: configuration: no valid TOML"),
    ] {
        let message = refusal(build(toml, NOTHING));
        assert!(message.contains(expected), "{toml}: {message}");
    }
}

#[test]
fn names_that_the_environment_cannot_tell_apart_are_refused() {
    for toml in [
        "connections.a-b = {}\nconnections.a_b = {}",
        "destinations.a = ''\ndestinations.A = ''",
    ] {
        assert!(
            refusal(build(toml, NOTHING)).contains("are the same in the environment"),
            "{toml}"
        );
    }
}

#[test]
fn an_unknown_connection_is_refused_with_the_known_ones() {
    let directory = directory("connections.shop.url = 'echo://h'\nconnections.till = {}", NOTHING);
    let message = refusal(directory.connection_factory("shp"));
    assert!(
        message.ends_with("unknown connection `shp`; known: shop, till; did you mean `shop`?"),
        "{message}"
    );
    let message = refusal(directory.connection_factory("till"));
    assert!(
        message.ends_with("the connection `till` has no `url` (nor is ANYMQ_CONNECTION_TILL_URL set)"),
        "{message}"
    );
}

#[test]
fn an_unknown_name_is_shown_bounded_and_without_control_characters() {
    let directory = directory("", NOTHING);
    for name in ["a\nFAKE LINE", &"x".repeat(1_000_000)] {
        let message = refusal(directory.connection_factory(name));
        assert!(!message.contains('\n') && message.len() < 200, "{message}");
    }
}

#[test]
fn the_file_s_own_names_are_shown_so_too() {
    let name = format!("a\\n{}", "x".repeat(100_000));
    let toml = format!("connections.\"{name}\" = {{}}\ndestinations.\"{name}\" = 'topic:x'");
    let twice = format!("{toml}\ndestinations.\"A\\n{}\" = ''", "X".repeat(100_000));
    let directory = directory(&toml, NOTHING);
    let name = directory.connection_names().next().unwrap();
    for message in [
        refusal(directory.connection_factory(name)),
        refusal(directory.connection_factory("absent")),
        refusal(directory.queue(name)),
        refusal(directory.queue("absent")),
        refusal(build(&twice, NOTHING)),
    ] {
        assert!(!message.contains('\n') && message.len() < 1000, "{message}");
    }
}

#[test]
fn bad_values_are_refused_with_their_place() {
    for (line, expected) in [
        (
            "prefetch = 0",
            "line 3: connections.shop.prefetch: configuration: option `prefetch`: `0` is no number",
        ),
        ("prefetch = 65536", "is no number from 1 to 65535"),
        ("close-timeout = '5'", "has no unit: write 5s or 250ms"),
        ("connect-timeout = '0s'", "is zero"),
        ("client-id = ''", "is empty"),
        ("username = ''", "the user name is empty"),
        ("password = 'x'", "a password without a user name"),
    ] {
        let message = refusal(shop(&format!("[connections.shop]\nurl = 'echo://h'\n{line}"), NOTHING));
        assert!(message.contains(expected), "{line}: {message}");
    }
    for (url, expected) in [
        (
            "",
            "line 1: connections.shop.url: configuration: the broker URL is empty",
        ),
        (
            "echo://h:0",
            "line 1: connections.shop.url: configuration: bad port of the host `h`",
        ),
        (
            "ecoh://h",
            "line 1: connections.shop.url: configuration: no provider for the scheme `ecoh`",
        ),
        (
            "echo://h?x=1",
            "line 1: connections.shop.url: configuration: unknown option `x`",
        ),
        ("failover:(echo://h", "the list of brokers has no `)`"),
        ("failover:(echo://h,ecoh://h)", "have one scheme"),
        ("failover:(echo://h)?x=1", "unknown option `x`"),
    ] {
        let message = refusal(shop(&format!("connections.shop.url = '{url}'"), NOTHING));
        assert!(message.contains(expected), "{url}: {message}");
    }
}

#[test]
fn the_default_file_may_be_missing_and_a_named_one_may_not() {
    let folder = tempfile::tempdir().unwrap();
    let builder = || Directory::builder().current_dir(folder.path());
    let empty = builder().environment(NOTHING).build().unwrap();
    assert_eq!(empty.names().count(), 0);
    let searched = format!(
        "; none is known; no file was read: there is no {}, and ANYMQ_CONFIG names none",
        folder.path().join("anymq.toml").display()
    );
    for message in [
        refusal(empty.connection_factory("shop")),
        refusal(empty.queue("orders")),
    ] {
        assert!(message.ends_with(&searched), "{message}");
    }

    fs::write(folder.path().join("anymq.toml"), "destinations.a = 'queue:default'").unwrap();
    let default = builder().environment([("ANYMQ_CONFIG", "")]).build().unwrap();
    assert_eq!(default.queue("a").unwrap().name(), "default");

    let named = folder.path().join("named.toml");
    let environment = [("ANYMQ_CONFIG", named.clone())];
    let message = refusal(builder().environment(environment.clone()).build());
    assert!(
        message.ends_with("named.toml: configuration: the file does not exist"),
        "{message}"
    );
    refusal(Directory::from_file(&named));

    fs::write(&named, "[destinations]\na = 'queue:named'\nb = 'queue'").unwrap();
    let directory = builder().environment(environment).build().unwrap();
    assert_eq!(directory.queue("a").unwrap().name(), "named");
    let message = refusal(directory.queue("b"));
    assert!(message.contains("named.toml:3: destinations.b"), "{message}");
    assert_eq!(
        Directory::from_file(&named).unwrap().queue("a").unwrap().name(),
        "named"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let message = refusal(Directory::from_file(folder.path()));
    assert!(message.contains("cannot read the file"), "{message}");
}
