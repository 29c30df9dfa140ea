use std::error::Error as _;

use super::*;

/// The error's text in every form, its sources' included.
fn shown<T>(result: Result<T>) -> String {
    let error = result.err().expect("a refusal");
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    let source = error.source().map(|source| format!("{source} {source:?}"));
    format!("{error} {error:?} {source:?}")
}

#[test]
fn no_error_of_the_parser_shows_a_line_with_a_password() {
    for toml in [
        "[connections.shop]\npassword = hunter2",
        "[connections.shop]\npassword = \"hunter2",
        "[connections.shop]\npassword = 'hunter2' x",
        "[connections.shop]\npassword = \"hunter2\\q\"",
        "[connections.shop]\npassword = ['hunter2']",
        "[connections.shop]\npassword = 2hunter2",
        "[connections.shop]\npassword = 'hunter2'\npassword = 'hunter2'",
        "[connections.shop]\nurl = amqp://guest:hunter2@h",
        "[connections.shop]\nurl = \"amqp://guest:hunter2@h",
        "connections = 'amqp://guest:hunter2@h'",
        "connections.shop = 'amqp://guest:hunter2@h'",
        "[connections.shop]\npasword = 'hunter2'",
        "[conections.shop]\npassword = 'hunter2'",
    ] {
        let shown = shown(build(toml, NOTHING));
        assert!(!shown.contains("hunter2"), "{toml}: {shown}");
    }
}

#[test]
fn a_number_as_a_password_is_not_shown() {
    let shown = shown(build("[connections.shop]\npassword = 271828", NOTHING));
    assert!(
        shown.contains("expected a string, not a value of type integer") && !shown.contains("271828"),
        "{shown}"
    );
}

#[test]
fn no_error_of_a_look_up_shows_a_password() {
    for (toml, environment) in [
        ("connections.shop.url = 'echo://u:hunter2@h:0'", NOTHING.to_vec()),
        ("connections.shop.url = 'echo://u:hunter2@h?x=1'", NOTHING.to_vec()),
        ("connections.shop.url = 'unknown://u:hunter2@h'", NOTHING.to_vec()),
        ("connections.shop.url = 'echo://u:hunter2/x@h'", NOTHING.to_vec()),
        ("connections.shop.url = 'echo://u:${P}@h:0'", vec![("P", "hunter2")]),
        ("connections.shop.url = 'echo://u:${hunter2!@h'", NOTHING.to_vec()),
        ("connections.shop.url = '${URL}'", vec![("URL", "echo://u:hunter2@a,b")]),
        (
            "connections.shop.url = 'echo://h'\nconnections.shop.password = 'hunter2'",
            NOTHING.to_vec(),
        ),
        (
            "connections.shop.url = 'echo://u:p@h'\nconnections.shop.password = 'hunter2'",
            NOTHING.to_vec(),
        ),
        ("", vec![("ANYMQ_CONNECTION_SHOP_URL", "echo://u:hunter2@h:0")]),
    ] {
        let directory = directory(toml, environment);
        let shown = shown(directory.connection_factory("shop"));
        assert!(!shown.contains("hunter2"), "{toml}: {shown}");
    }
}

#[test]
fn debug_shows_names_only() {
    let toml = "connections.shop.url = 'echo://u:hunter2@h'\ndestinations.a = 'queue:a'";
    let builder = Directory::builder().toml(toml).environment([("SECRET", "hunter2")]);
    let shown = format!("{builder:?} {:?}", builder.clone().build().unwrap());
    assert!(shown.contains("shop") && !shown.contains("hunter2"), "{shown}");
    let options = shop(toml, NOTHING).unwrap();
    assert!(!format!("{options:?}").contains("hunter2"));
}

#[test]
fn an_unset_variable_is_named_with_its_key() {
    let shown = shown(shop("\nconnections.shop.url = 'echo://u:${AMQP_PASSWORD}@h'", NOTHING));
    assert!(shown.contains("line 2: connections.shop.url"), "{shown}");
    assert!(
        shown.contains("the environment variable `AMQP_PASSWORD` is not set"),
        "{shown}"
    );
}
