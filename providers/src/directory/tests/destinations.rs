use super::*;

const TOML: &str = "
    [destinations]
    orders = 'queue:orders.v1?kind=quorum'
    prices = 'topic:${REGION}.prices'
    reply = 'temp-queue:x'
    broken = 'quue:x'
";

#[test]
fn destinations_are_found_by_name() {
    let directory = directory(TOML, [("REGION", "eu")]);
    let orders = directory.destination("orders").unwrap();
    assert_eq!(orders.to_string(), "queue:orders.v1?kind=quorum");
    assert_eq!(directory.queue("orders").unwrap().name(), "orders.v1");
    assert_eq!(directory.topic("prices").unwrap().name(), "eu.prices");
    assert_eq!(
        directory.destination_names().collect::<Vec<_>>(),
        ["broken", "orders", "prices", "reply"]
    );
}

#[test]
fn bad_destinations_are_refused_as_configuration() {
    let directory = directory(TOML, NOTHING);
    for (result, expected) in [
        (
            directory.destination("order"),
            "unknown destination `order`; known: broken, orders, prices, reply; did you mean `orders`?",
        ),
        (
            directory.destination("prices"),
            "line 4: destinations.prices: configuration: the environment variable `REGION` is not set",
        ),
        (directory.destination("reply"), "made by a session"),
        (
            directory.destination("broken"),
            "line 6: destinations.broken: configuration: `quue:x`: the kind is none of",
        ),
        (
            directory.topic("orders").map(Into::into),
            "the destination `orders` is a queue, not a topic",
        ),
    ] {
        let message = refusal(result);
        assert!(message.contains(expected), "{message}");
    }
}
