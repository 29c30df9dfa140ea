use super::*;

#[test]
fn bad_inputs_are_refused_with_the_offending_part() {
    for (text, expected) in [
        ("", "empty"),
        ("shop", "scheme://host"),
        ("vm:shop", "scheme://host"),
        ("://h", "no scheme"),
        ("1a://h", "no scheme"),
        ("a_b://h", "no scheme"),
        ("vm://a b", "at byte 6"),
        (" vm://a", "at byte 0"),
        ("vm://a\n", "at byte 6"),
        ("vm://a\u{0}", "at byte 6"),
        ("vm://a\u{a0}", "at byte 6"),
        ("vm://h#top", "fragment"),
        ("vm://h?a=b#top", "fragment"),
        ("amqp://u@h:0", "bad port `0` of the host `h`"),
        ("amqp://u:p@h:65536", "bad port `65536` of the host `h`"),
        ("amqp://h:0", "bad port of the host `h`"),
        ("amqp://h:65536", "bad port of the host `h`"),
        ("amqp://h:99999999999999999999", "bad port"),
        ("amqp://h:", "bad port of the host `h`"),
        ("amqp://h:x", "bad port of the host `h`"),
        ("amqp://h:+80", "bad port of the host `h`"),
        ("amqp://h:-1", "bad port of the host `h`"),
        ("amqp://h:٣", "bad port of the host `h`"),
        ("amqp://:5672", "port without a host"),
        ("amqp://::1", "`::1`: an IPv6 address stands in brackets"),
        ("amqp://[::1", "`]` is missing"),
        ("amqp://[::g]", "bad IPv6"),
        ("amqp://[fe80::1%25eth0]", "bad IPv6"),
        ("amqp://[::1]5672", "behind the `]`"),
        ("amqp://256.0.0.1", "not an IPv4 address"),
        ("amqp://h%41", "bad host `h%41`"),
        ("amqp://a..b", "bad host"),
        ("amqp://.", "bad host"),
        ("amqp://a|b", "bad host `a|b`"),
        ("amqp://a\\b", "bad host"),
        ("amqp://@h", "without a user name"),
        ("amqp://:p@h", "without a user name"),
        ("amqp://u%zz:p@h", "user name or password"),
        ("amqp://u:%2@h", "user name or password"),
        ("amqp://u:%ff@h", "user name or password"),
        ("amqp://h/%zz", "path `%zz`"),
        ("amqp://h/a@b", "%40"),
        ("amqp://u:p@h/v?client-id=me@home", "%40"),
        ("vm://h?", "expected name=value"),
        ("vm://h?a", "`a` has no value"),
        ("vm://h?a=1&", "expected name=value"),
        ("vm://h?=1", "without a name"),
        ("vm://h?a=1&a=2", "`a` is given twice"),
        ("vm://h?a=1&%61=2", "`a` is given twice"),
        ("vm://h?%+1=2", "option name `%+1`"),
        ("vm://h?a=%", "option `a`"),
    ] {
        let message = refusal(text);
        assert!(message.contains(expected), "{text}: {message}");
    }
}

#[test]
fn a_too_long_host_is_shown_in_part() {
    let message = refusal(&format!("amqp://{}", "x".repeat(10_000)));
    assert!(message.contains("x…`") && message.len() < 200, "{message}");
}

#[test]
fn several_hosts_are_refused_without_a_password() {
    for text in [
        "amqp://u:p4ss@h1:5672,h2:5672/v",
        "rabbit://u:p4ss@h1:5672,u2:p4ss2@h2:5673/vh",
        "amqp://h1,h2/v",
        "amqp://a;amqp://b",
        // Variations of the same.
        "amqp://h1,u:p4ss@h2/v",
        "amqp://u:p4ss@a/v,amqp://u:p4ss@b/w",
        "amqp://a/v;amqp://b/w",
        "amqp://h1:5672/v,h2:5672/w",
        "amqp://a?x=1,amqp://u:p4ss@b?y=2",
    ] {
        let message = refusal(text);
        assert!(!message.contains("p4ss"), "{message}");
        assert!(message.contains("several hosts"), "{text}: {message}");
        assert!(message.contains("`failover:(url,url)`"), "{message}");
    }
}

#[test]
fn a_list_is_no_broker() {
    for text in ["FailOver:(amqp://u:p4ss@a)", "failover://(amqp://a)"] {
        let message = refusal(text);
        assert!(message.contains("a list of brokers"), "{message}");
        assert!(!message.contains("p4ss"), "{message}");
    }
}

#[test]
fn a_comma_in_a_password_is_written_encoded() {
    assert!(refusal("amqp://u:a,b@h").contains("%2C"));
    assert_eq!(
        parse("amqp://u:a%2Cb@h").credentials().unwrap().expose_password(),
        "a,b"
    );
}
