//! DLY: delivery delay.

checks! { Dly;
    "DLY-01", Capability, Any, [DeliveryDelay], [], "3.4.13, 4.1.6",
        "before its due time a message is neither received nor browsed";
    "DLY-02", Capability, Any, [DeliveryDelay], [], "7.9",
        "after its due time it arrives, by receive and by listener";
    "DLY-03", Capability, Any, [DeliveryDelay], [], "6.2.9.2",
        "later undelayed messages overtake it, and delayed ones come in order of their due times";
    "DLY-04", Capability, Topic, [DeliveryDelay], [], "7.9",
        "a delayed publication goes to the subscriptions that existed at the send";
    "DLY-05", Capability, Any, [DeliveryDelay, Ttl], [], "3.4.9, 3.4.13",
        "a message that expires before it is due never arrives";
    "DLY-06", Capability, Any, [DeliveryDelay, Transactions], [], "7.9",
        "in a transaction the delay counts from the send, and rollback drops the message";
    "DLY-08", Core, Once, [], [], "7.9, qpid",
        "where delay is not declared, asking for one is refused and never sent at once",
        unless = Some(Capability::DeliveryDelay),
        note = Some("only where delay is not declared; else not applicable");
}
