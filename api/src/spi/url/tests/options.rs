use std::time::Duration;

use super::*;

fn one(name: &str, value: &str) -> UrlOptions {
    UrlOptions::from_pairs([(name, value)])
}

fn configuration<T: std::fmt::Debug>(result: Result<T>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    error.detail().to_owned()
}

#[test]
fn durations_have_units() {
    for (text, millis) in [
        ("5s", 5_000),
        ("250ms", 250),
        ("1m", 60_000),
        ("1h 30m", 5_400_000),
        ("0s", 0),
    ] {
        let duration = one("d", text).take_duration("d").unwrap();
        assert_eq!(duration, Some(Duration::from_millis(millis)), "{text}");
    }
    for text in ["5", "0", "0.5"] {
        let detail = configuration(one("d", text).take_duration("d"));
        assert_eq!(detail, format!("option `d`: `{text}` has no unit: write 5s or 250ms"));
    }
    for text in ["", "s", "-5s", "five", "5 parsecs", "99999999999999999999s", "101y"] {
        configuration(one("d", text).take_duration("d"));
    }
    assert_eq!(one("d", "5s").take_duration("e").unwrap(), None);
}

#[test]
fn booleans_are_words() {
    assert_eq!(one("b", "true").take_bool("b").unwrap(), Some(true));
    assert_eq!(one("b", "false").take_bool("b").unwrap(), Some(false));
    for text in ["", "1", "yes", "TRUE"] {
        configuration(one("b", text).take_bool("b"));
    }
}

#[test]
fn the_common_options_are_read() {
    let url = parse("vm://x?client-id=till&prefetch=65535&connect-timeout=1s&request-timeout=2s&close-timeout=3s");
    let mut options = url.options();
    let connect = options.take_connect_options().unwrap();
    assert_eq!(connect.client_id.as_deref(), Some("till"));
    assert_eq!(connect.prefetch.map(u32::from), Some(65_535));
    assert_eq!(connect.connect_timeout, Some(Duration::from_secs(1)));
    assert_eq!(connect.request_timeout, Some(Duration::from_secs(2)));
    assert_eq!(connect.close_timeout, Some(Duration::from_secs(3)));
    assert_eq!(connect.redelivery, None);
    options.finish(&[]).unwrap();
}

#[test]
fn the_redelivery_policy_is_read() {
    let url = parse("vm://x?max-deliveries=5&redelivery-delay=250ms&redelivery-multiplier=1.5&redelivery-max-delay=1m");
    let mut options = url.options();
    let policy = options.take_connect_options().unwrap().redelivery.unwrap();
    assert_eq!(policy.max_deliveries.map(u32::from), Some(5));
    assert_eq!(policy.delay, Some(Duration::from_millis(250)));
    assert_eq!(policy.multiplier, Some(1.5));
    assert_eq!(policy.max_delay, Some(Duration::from_secs(60)));
    options.finish(&[]).unwrap();
    let policy = one("redelivery-delay", "0s").take_connect_options().unwrap().redelivery;
    assert_eq!(policy.and_then(|policy| policy.delay), Some(Duration::ZERO));
}

#[test]
fn bad_common_options_are_refused() {
    for (name, value) in [
        ("client-id", ""),
        ("prefetch", "0"),
        ("prefetch", "65536"),
        ("prefetch", "-1"),
        ("prefetch", "many"),
        ("connect-timeout", "0s"),
        ("request-timeout", "0ms"),
        ("close-timeout", "0h"),
        ("close-timeout", "5"),
        ("max-deliveries", "0"),
        ("max-deliveries", "4294967296"),
        ("redelivery-delay", "5"),
        ("redelivery-multiplier", "0.9"),
        ("redelivery-multiplier", "NaN"),
        ("redelivery-multiplier", "inf"),
        ("redelivery-multiplier", "twice"),
        ("redelivery-max-delay", "0s"),
    ] {
        let detail = configuration(one(name, value).take_connect_options());
        assert!(detail.contains(name), "{detail}");
    }
}

#[test]
fn unknown_options_are_refused_with_a_suggestion() {
    for (name, expected) in [
        ("client_id", "did you mean `client-id`?"),
        ("clientId", "did you mean `client-id`?"),
        ("connection-timeout", "did you mean `connect-timeout`?"),
        ("hartbeat", "did you mean `heartbeat`?"),
        ("colour", "known are heartbeat, client-id, prefetch"),
    ] {
        let detail = configuration(one(name, "1").finish(&["heartbeat"]));
        assert!(
            detail.contains(&format!("`{name}`")) && detail.contains(expected),
            "{detail}"
        );
    }
}

#[test]
fn the_names_left_are_told() {
    let mut options = UrlOptions::from_pairs([("a", "1"), ("b", "2")]);
    options.take("a");
    assert_eq!(options.names().collect::<Vec<_>>(), ["b"]);
}

#[test]
fn a_password_s_file_completes_the_user_name() {
    let mut options = parse("vm://till@x?password-file=/run/secrets/x").options();
    let credentials = options.take_connect_options().unwrap().credentials.unwrap();
    assert_eq!(credentials.username(), "till");
    assert_eq!(
        credentials.password_file(),
        Some(std::path::Path::new("/run/secrets/x"))
    );
    options.finish(&[]).unwrap();
    for url in ["vm://x?password-file=f", "vm://till:hunter2@x?password-file=f"] {
        let detail = configuration(parse(url).options().take_connect_options());
        assert!(
            detail.contains("password-file") && !detail.contains("hunter2"),
            "{detail}"
        );
    }
}
