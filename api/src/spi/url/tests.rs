use super::*;

mod bad;
mod garbage;
mod good;
mod options;
mod secrets;

fn parse(text: &str) -> BrokerUrl {
    BrokerUrl::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The error's text, after checking its kind.
fn refusal(text: &str) -> String {
    let error = BrokerUrl::parse(text).expect_err(text);
    assert_eq!(error.kind(), ErrorKind::Configuration, "{text}");
    error.to_string()
}
