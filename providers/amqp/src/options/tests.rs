use anymq_api::{Address, ErrorKind};
use lapin::types::AMQPValue;

use super::*;

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

#[test]
fn a_queue_s_options_are_its_arguments() {
    let text = "queue:a?kind=quorum&max-length=7&max-bytes=9&overflow=reject-publish&delivery-limit=3\
                &dead-letter-exchange=&dead-letter-routing-key=dead&single-active-consumer=true";
    let options = QueueOptions::of(&address(text)).unwrap();
    let arguments = options.arguments();
    let get = |name: &str| arguments.inner().get(name).cloned();
    assert_eq!(get("x-queue-type"), Some(AMQPValue::LongString("quorum".into())));
    assert_eq!(get("x-max-length"), Some(AMQPValue::LongLongInt(7)));
    assert_eq!(get("x-max-length-bytes"), Some(AMQPValue::LongLongInt(9)));
    assert_eq!(get("x-overflow"), Some(AMQPValue::LongString("reject-publish".into())));
    assert_eq!(get("x-delivery-limit"), Some(AMQPValue::LongLongInt(3)));
    assert_eq!(get("x-dead-letter-exchange"), Some(AMQPValue::LongString("".into())));
    assert_eq!(
        get("x-dead-letter-routing-key"),
        Some(AMQPValue::LongString("dead".into()))
    );
    assert_eq!(get("x-single-active-consumer"), Some(AMQPValue::Boolean(true)));
    assert_eq!(arguments.inner().len(), 8);
    assert!(!options.is_lenient());
}

#[test]
fn the_default_is_what_others_declare() {
    for text in [
        "queue:a",
        "queue:a?kind=classic",
        "queue:a?single-active-consumer=false",
    ] {
        let options = QueueOptions::of(&address(text)).unwrap();
        assert!(options.arguments().inner().is_empty(), "{text}");
    }
    assert!(QueueOptions::of(&address("queue:a?exchange=x")).unwrap().is_lenient());
    assert!(!QueueOptions::of(&address("queue:a?kind=classic")).unwrap().is_lenient());
}

#[test]
fn what_is_wrong_is_an_invalid_destination_that_says_what() {
    for (text, told) in [
        ("queue:a?knd=quorum", "did you mean `kind`?"),
        ("queue:a?colour=red", "known are kind, max-length"),
        ("queue:a?kind=lazy", "`lazy` is none of classic, quorum"),
        ("queue:a?max-length=many", "`many` is no number from 0 to"),
        ("queue:a?max-length=-1", "is no number"),
        ("queue:a?max-length=", "is no number"),
        ("queue:a?max-priority=256", "from 1 to 255"),
        ("queue:a?passive=yes", "is none of true, false"),
        ("queue:a?passive=true&max-length=1", "only looked up"),
        ("queue:a?kind=quorum&max-priority=9", "no priorities"),
        ("queue:a?kind=quorum&overflow=reject-publish-dlx", "reject-publish-dlx"),
        ("queue:a?delivery-limit=3", "needs `kind=quorum`"),
        ("queue:a?dead-letter-routing-key=b", "`dead-letter-exchange`"),
        ("queue:a?routing-key=b", "`exchange`"),
        ("queue:a?declare=topic", "unknown option `declare`"),
        ("queue:a?prefetch=1", "unknown option `prefetch`"),
        ("topic:a?exchange=", "empty"),
        (
            "topic:a?exchange=x&declare=queue",
            "none of direct, fanout, topic, headers",
        ),
        ("topic:a?header.a=b", "`exchange`"),
        ("topic:a?exchange=h&match=none", "none of all, any"),
        ("topic:a?declare=topic", "`exchange`"),
        ("topic:a?kind=quorum", "unknown option `kind`"),
        ("temp-queue:a?kind=classic", "temporary destinations have none"),
    ] {
        let address = address(text);
        let error = check(&address).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidDestination, "{text}");
        assert!(error.detail().contains(told), "{text}: {error}");
        assert!(error.resource().is_some_and(|resource| resource == address.to_string()));
    }
    let long = address("topic:a").with_option("exchange", "x".repeat(256));
    assert!(check(&long).unwrap_err().detail().contains("longer than 255"));
}

#[test]
fn a_topic_can_have_an_exchange_of_its_own() {
    let options = TopicOptions::of(&address("topic:a?exchange=market&routing-key=eu.%23")).unwrap();
    let binding = options.binding.unwrap();
    assert_eq!(binding.exchange.as_str(), "market");
    assert_eq!(binding.key.unwrap().as_str(), "eu.#");
    assert!(options.declare.is_none());
    let text = "topic:a?exchange=h&header.kind=report&header.x-match-not=1&match=any";
    let arguments = TopicOptions::of(&address(text)).unwrap().arguments();
    let get = |name: &str| arguments.inner().get(name).cloned();
    assert_eq!(get("kind"), Some(AMQPValue::LongString("report".into())));
    assert_eq!(get("x-match"), Some(AMQPValue::LongString("any".into())));
    assert_eq!(arguments.inner().len(), 3);
    assert_eq!(TopicOptions::of(&address("topic:a")).unwrap(), TopicOptions::default());
}
