use super::*;

#[test]
fn a_full_url_is_taken_apart() {
    let url = parse("AMQP://till%201:p%40ss%3Aword@Broker.Example:5672/%2Fshop?heartbeat=10s&client-id=a+b%20c");
    assert_eq!(url.scheme(), "amqp");
    let credentials = url.credentials().unwrap();
    assert_eq!(credentials.username(), "till 1");
    assert_eq!(credentials.expose_password(), "p@ss:word");
    assert_eq!(url.host(), Some("Broker.Example"));
    assert_eq!(url.port(), Some(5672));
    assert_eq!(url.path(), "%2Fshop");
    assert_eq!(url.decoded_path(), "/shop");
    let mut options = url.options();
    assert_eq!(options.take("heartbeat").as_deref(), Some("10s"));
    assert_eq!(options.take("client-id").as_deref(), Some("a+b c"));
    options.finish(&[]).unwrap();
}

#[test]
fn everything_but_the_scheme_may_be_missing() {
    let url = parse("vm://");
    assert_eq!(url.scheme(), "vm");
    assert!(url.credentials().is_none());
    assert_eq!((url.host(), url.port(), url.path()), (None, None, ""));
    url.options().finish(&[]).unwrap();
}

#[test]
fn hosts() {
    for (text, host, port) in [
        ("vm://shop", "shop", None),
        ("vm://My_Shop-2.1", "My_Shop-2.1", None),
        ("vm://2.1", "2.1", None),
        ("vm://café", "café", None),
        ("amqp://broker.example.", "broker.example.", None),
        ("amqp://127.0.0.1:1", "127.0.0.1", Some(1)),
        ("amqp://h:65535", "h", Some(65535)),
        ("amqp://[::1]", "::1", None),
        ("amqp://[2001:db8::ff]:5671/v", "2001:db8::ff", Some(5671)),
    ] {
        let url = parse(text);
        assert_eq!((url.host(), url.port()), (Some(host), port), "{text}");
    }
}

#[test]
fn the_last_at_before_the_path_splits() {
    let url = parse("amqp://u:p@w:x@h/v");
    let credentials = url.credentials().unwrap();
    assert_eq!(credentials.username(), "u");
    assert_eq!(credentials.expose_password(), "p@w:x");
    assert_eq!(url.host(), Some("h"));
}

#[test]
fn a_user_name_may_stand_alone() {
    let url = parse("amqp://till@h");
    assert_eq!(url.credentials().unwrap().expose_password(), "");
    assert_eq!(url.to_string(), "amqp://till@h");
}

#[test]
fn no_path_is_not_an_empty_path() {
    assert!(!parse("amqp://h").has_path());
    assert!(parse("amqp://h/").has_path());
    assert_eq!(parse("amqp://h/a/b").path(), "a/b");
}

#[test]
fn values_may_hold_anything_but_an_ampersand() {
    let mut options = parse("vm://x?a=b=c?d/e:f%40g&empty=&uri=http://h/").options();
    assert_eq!(options.take("a").as_deref(), Some("b=c?d/e:f@g"));
    assert_eq!(options.take("empty").as_deref(), Some(""));
    assert_eq!(options.take("uri").as_deref(), Some("http://h/"));
}

#[test]
fn the_exposed_text_round_trips() {
    for text in [
        "vm://",
        "vm://shop",
        "amqp://h/",
        "amqp://h:5672/%2f",
        "amqp://u@h",
        "amqp://u:p%40%3A%2F%3F%23%2C%3B%25%C3%A9@h:1/a/b?x=1&y=a%20b%26c",
        "amqps://[::1]:5671/v?password=hunter2",
        "x+y-z.1://h?%26=%3D",
    ] {
        let url = parse(text);
        assert_eq!(url.expose(), text);
        assert_eq!(parse(&url.expose()).expose(), text);
    }
}

#[test]
fn without_secrets_the_shown_text_is_the_exposed_one() {
    for text in ["vm://shop?prefetch=5", "amqp://u@[::1]:1/v?a=%25"] {
        assert_eq!(parse(text).to_string(), parse(text).expose());
    }
}
