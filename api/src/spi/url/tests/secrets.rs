use super::*;

#[test]
fn display_and_debug_blot_out_secrets() {
    let url = parse("amqp://till:hunter2@h:1/v?keystore-password=hunter2&api-TOKEN=hunter2&client-secret=hunter2&a=b");
    let expected = "amqp://till:***@h:1/v?keystore-password=***&api-TOKEN=***&client-secret=***&a=b";
    assert_eq!(url.to_string(), expected);
    assert_eq!(url.redacted(), expected);
    assert_eq!(format!("{url:?}"), format!("BrokerUrl({expected})"));
    let options = format!("{:?}", url.options());
    assert!(
        options.contains("\"a\": \"b\"") && !options.contains("hunter2"),
        "{options}"
    );
}

#[test]
fn a_password_whose_special_characters_were_not_encoded_shows_in_no_error() {
    for text in [
        "amqp://u:hunter2/x@h/v",
        "amqp://u:1/hunter2@h/v",
        "amqp://u:hunter2?x@h/v",
        "amqp://u:1?hunter2@h/v",
        "amqp://u:hunter2#x@h/v",
        "amqp://u:hunter2%@h/v",
        "amqp://u:hunter2%zz@h:x/v",
        "amqp://u:hunter2@h:0",
        "amqp://u:hunter2@h?a",
        "amqp://u:1?hunter2=%zz@h/v",
        "amqp://u:1?hunter2=a&hunter2=b@h/v",
        // These look like options, and were refused as unknown ones.
        "amqp://u:1?hunter2=x@h",
        "amqp://u:1?a=b&hunter2=x@h/v",
        "amqp://u?hunter2=x@h",
        "amqp://u:p@w?hunter2=x@h/v",
        "amqp://?hunter2=x@h",
        "vm://1?hunter2=@",
        "amqp://u:hunter2@x?y@h/v",
        "amqp://u:hunter2@x/y@h/v",
        "amqp://u:hunter2:x@h|",
        "amqp://u:hunter2 x@h",
        "u:hunter2@h://x",
        "u:hunter2@h",
        "amqp:/u:hunter2@h",
        // The host was forgotten.
        "amqp://u:hunter2",
        "amqp://u:hunter2/v",
        "amqp://u:x:hunter2",
    ] {
        let error = BrokerUrl::parse(text).expect_err(text);
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hunter2"), "{text}: {shown}");
    }
}

#[test]
fn who_forgot_to_encode_a_password_is_told_how() {
    for text in [
        "amqp://u:1?hunter2=x@h",
        "amqp://u:1/hunter2@h/v",
        "amqp://u:hunter2?x=y@h",
    ] {
        let message = refusal(text);
        assert!(
            message.contains("percent-encoded") && message.contains("%3F"),
            "{message}"
        );
        assert!(!message.contains("hunter2"), "{message}");
    }
    let url = parse("amqp://u:1%3Fhunter2=x@h");
    assert_eq!(url.credentials().unwrap().expose_password(), "1?hunter2=x");
    assert_eq!(
        parse("amqp://u:p@h?client-id=a%40b")
            .options()
            .take("client-id")
            .as_deref(),
        Some("a@b")
    );
}

#[test]
fn a_numeric_password_whose_host_was_forgotten_is_no_bad_port_to_show() {
    for text in [
        "amqp://bob:99999999",
        "amqp://bob:99999999/v",
        "amqp://bob:99999999?a=b",
    ] {
        let error = BrokerUrl::parse(text).expect_err(text);
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains("99999999"), "{shown}");
        assert!(shown.contains("bad port of the host `bob`"), "{shown}");
    }
}

#[test]
fn bad_values_of_secret_options_are_not_shown() {
    let mut options = parse("vm://x?token=hunter2&size=hunter3").options();
    let error = options.take_parsed::<u8>("token").unwrap_err();
    assert_eq!(error.detail(), "option `token`: its value is no valid value");
    let error = options.take_parsed::<u8>("size").unwrap_err();
    assert_eq!(error.detail(), "option `size`: `hunter3` is no valid value");
}

#[test]
fn what_stands_for_a_password_s_file_is_not_shown() {
    // It may be the password itself, by mistake.
    let url = parse("amqp://till@h?password-file=hunter2");
    assert_eq!(url.to_string(), "amqp://till@h?password-file=***");
    let mut options = url.options();
    assert!(!format!("{options:?}").contains("hunter2"));
    let connect = options.take_connect_options().unwrap();
    assert!(!format!("{connect:?} {connect:#?}").contains("hunter2"));
}

#[test]
fn the_options_left_of_a_url_show_no_password() {
    let options = parse("amqp://till:hunter2@h?a=b").options();
    assert!(!format!("{options:?} {options:#?}").contains("hunter2"));
}
