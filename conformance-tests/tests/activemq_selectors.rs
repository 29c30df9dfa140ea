//! What a real `ActiveMQ` selects from a queue is what the selector says: each form that is taken, over values of each type.
#![cfg(target_os = "linux")]

mod common;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use anymq::{
    AckMode, Browser, Capability, DeliveryMode, Destination, ErrorKind, Message, Priority, PropertyValue, Queue,
    SendOptions, Session,
};
use anymq_api::{Envelope, Headers, Selector};
use anymq_conformance::broker::ActiveMqOptions;

const LIMIT: Duration = Duration::from_secs(60);

/// At the ends of each type, and what looks like something else as a text.
fn values() -> Vec<Option<PropertyValue>> {
    let texts = [
        "", " ", "7", "7.0", "-0", "0", "true", "TRUE", "false", "NaN", "Infinity", "blue", "Blue", "it's", "a_b",
        "a%b", "a!b", "a\\b", "a\r\nb", "a:b", "日本", "😀", "null",
    ];
    let mut values: Vec<Option<PropertyValue>> = vec![None];
    values.extend(texts.map(|text| Some(text.into())));
    values.extend([true, false].map(|value| Some(value.into())));
    values.extend([i8::MIN, -1, 0, 1, 7, i8::MAX].map(|value| Some(value.into())));
    values.extend([i16::MIN, 7, i16::MAX].map(|value| Some(value.into())));
    values.extend([i32::MIN, -7, 0, 7, 8, i32::MAX].map(|value| Some(value.into())));
    let longs = [
        i64::MIN,
        -1 << 53,
        7,
        1 << 31,
        9_007_199_254_740_992,
        9_007_199_254_740_993,
        i64::MAX,
    ];
    values.extend(longs.map(|value| Some(value.into())));
    let floats = [
        -0.0,
        0.0,
        0.1,
        2.5,
        7.0,
        -7.0,
        16_777_216.0,
        f32::MIN_POSITIVE,
        f32::MAX,
    ];
    values.extend(floats.map(|value| Some(value.into())));
    values.extend([f32::NAN, f32::INFINITY, f32::NEG_INFINITY].map(|value| Some(value.into())));
    let doubles = [
        -0.0,
        0.0,
        0.1,
        0.1_f32.into(),
        2.5,
        7.0,
        7.000_000_1,
        1e300,
        f64::MIN_POSITIVE,
        f64::MAX,
    ];
    values.extend(doubles.map(|value: f64| Some(value.into())));
    values.extend([f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(|value| Some(value.into())));
    values
}

/// Every form, with literals at the places where coercion, rounding and types make a difference.
fn selectors() -> Vec<String> {
    let numbers = [
        "0",
        "7",
        "-7",
        "127",
        "2.5",
        "0.1",
        "7.0",
        "-0.0",
        "1E-40",
        "2147483648",
        "-2147483648",
        "9007199254740992",
        "9007199254740993",
        "-9223372036854775808",
        "9223372036854775807",
        "3.4E38",
    ];
    let mut selectors = Vec::new();
    for number in numbers {
        for symbol in ["=", "<>", "<", "<=", ">", ">="] {
            selectors.push(format!("p {symbol} {number}"));
        }
        selectors.push(format!("{number} < p"));
    }
    let texts = [
        "", " ", "7", "true", "NaN", "-0", "blue", "it''s", "a\r\nb", "日本", "null", "a:b", "a\\b",
    ];
    for text in texts {
        selectors.push(format!("p = '{text}'"));
        selectors.push(format!("p <> '{text}'"));
        selectors.push(format!("p IN ('{text}', 'x')"));
        selectors.push(format!("p NOT IN ('{text}', 'x')"));
        selectors.push(format!("p LIKE '{text}%'"));
    }
    for pattern in [
        "%", "_", "__", "a_b", "a%b", "a!_b", "a!%b", "a!!b", "%.0", "B%", "", "a__b",
    ] {
        selectors.push(format!("p LIKE '{pattern}' ESCAPE '!'"));
        selectors.push(format!("p NOT LIKE '{pattern}' ESCAPE '!'"));
    }
    let others = [
        "p",
        "p = TRUE",
        "p = FALSE",
        "p <> TRUE",
        "p IS NULL",
        "p IS NOT NULL",
        "p BETWEEN 0 AND 7",
        "p NOT BETWEEN 0 AND 7",
        "p BETWEEN 7 AND 0",
        "p BETWEEN 0.05 AND 2.5",
        "TRUE",
        "FALSE",
        "p = 7 OR p = '7'",
        "p = 7 AND p = '7'",
        "p > 0 AND NOT (p = 7 OR p IS NULL)",
        "p = 'blue' OR p AND p <> FALSE",
        "other = 1 OR p = 7",
        "other = 1 AND p = 7",
        "p = 7 AND JMSPriority > 4",
        "JMSDeliveryMode = 'PERSISTENT' AND p > 7",
        "JMSType = 'car'",
        "JMSType <> 'car'",
        "JMSType IS NULL",
        "JMSCorrelationID LIKE 'c%' AND p = 7",
        "JMSPriority = '7'",
        "JMSPriority BETWEEN 4 AND 6",
    ];
    selectors.extend(others.map(str::to_owned));
    let negated: Vec<_> = selectors.iter().map(|selector| format!("NOT ({selector})")).collect();
    selectors.extend(negated);
    selectors
}

/// A message with its number as the text, and how it is sent.
fn message(number: usize, value: Option<&PropertyValue>) -> (Message, SendOptions) {
    let mut message = Message::text(number.to_string());
    if let Some(value) = value {
        message = message.with_property("p", value.clone()).unwrap();
    }
    if number.is_multiple_of(3) {
        message = message.with_message_type("car").with_correlation_id("c1");
    }
    let level = u8::try_from(number % 10).unwrap();
    let mode = if number.is_multiple_of(2) {
        DeliveryMode::Persistent
    } else {
        DeliveryMode::NonPersistent
    };
    let options = SendOptions::new()
        .with_priority(Priority::new(level).unwrap())
        .with_delivery_mode(mode);
    (message, options)
}

async fn shown(session: &Arc<dyn Session>, queue: &Queue, selector: &str) -> BTreeSet<usize> {
    let browser = session.create_browser(queue, Some(selector)).await;
    let browser: Arc<dyn Browser> = browser.unwrap_or_else(|error| panic!("{selector}: {error}"));
    let mut numbers = BTreeSet::new();
    while let Some(received) = tokio::time::timeout(LIMIT, browser.next()).await.unwrap().unwrap() {
        numbers.insert(received.as_text().unwrap().parse().unwrap());
    }
    browser.close().await.unwrap();
    numbers
}

#[tokio::test]
async fn the_broker_selects_what_the_selector_says() {
    let Some(broker) = common::active_with("activemq_selectors", ActiveMqOptions::default()).await else {
        return;
    };
    let factory = anymq::connection_factory(&broker.stomp_url()).unwrap();
    let connection = factory.create_connection().await.unwrap();
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let queue = Queue::new("all-values").unwrap();
    let producer = session.create_producer(&queue).await.unwrap();
    let mut sent = Vec::new();
    for (number, value) in values().iter().enumerate() {
        let (message, options) = message(number, value.as_ref());
        let receipt = producer.send_with(message.clone(), options).await.unwrap();
        let mut headers = Headers::new(queue.address().clone());
        headers.delivery_mode = receipt.delivery_mode();
        headers.priority = receipt.priority();
        sent.push(Envelope::new(headers, message));
    }
    let mut tried = 0;
    let mut wrong = Vec::new();
    for text in selectors() {
        let selector = Selector::parse(&text).unwrap();
        let judged = sent
            .iter()
            .enumerate()
            .filter(|(_, envelope)| selector.matches(envelope));
        let expected: BTreeSet<_> = judged.map(|(number, _)| number).collect();
        let shown = shown(&session, &queue, &text).await;
        if shown != expected {
            let differing: Vec<_> = expected
                .symmetric_difference(&shown)
                .map(|&number| values()[number].clone())
                .collect();
            wrong.push(format!("{text}: {differing:?}"));
        }
        tried += 1;
    }
    assert!(wrong.is_empty(), "{} of {tried}: {wrong:#?}", wrong.len());
    assert!(
        tried > 400 && sent.len() > 70,
        "{tried} selectors, {} values",
        sent.len()
    );
    what_is_not_exact_is_refused(&session, &queue).await;
    connection.close().await.unwrap();
}

/// By consumers and browsers alike, and with nothing left behind.
async fn what_is_not_exact_is_refused(session: &Arc<dyn Session>, queue: &Queue) {
    let capability = Capability::QueueSelectors;
    for selector in ["p + 1 = 8", "p = other", "größe = 1", "1 = 1", "JMSXGroupSeq = 1"] {
        let refused = session.create_browser(queue, Some(selector)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Unsupported { capability }, "{selector}");
        let options = anymq::ConsumerOptions::new().with_selector(selector);
        let refused = session.create_consumer_with(queue, options).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Unsupported { capability }, "{selector}");
    }
}
