//! TX: local transactions.

checks! { Tx;
    "TX-01", Capability, Any, [Transactions], [], "6.2.7",
        "nobody else sees uncommitted sends, not even the same connection or a browser";
    "TX-02", Capability, Any, [Transactions], [], "6.2.7, 6.2.9.2",
        "commit shows all sends of the transaction, in order for each destination";
    "TX-03", Capability, Any, [Transactions], [], "6.2.7",
        "rollback discards the sends for good";
    "TX-04", Capability, QueueOrDurable, [Transactions], [], "6.2.7",
        "messages received before a commit are gone, also after a reconnect";
    "TX-05", Capability, QueueOrDurable, [Transactions], [], "6.2.7, 6.2.10",
        "messages received before a rollback come again: flagged, counted, in order";
    "TX-06", Capability, Once, [Transactions], [], "6.2.7",
        "sends to and receives from several destinations commit and roll back as one",
        observable = true,
        note = Some("across a crash of the broker: observed, unless the broker promises it");
    "TX-07", Capability, Any, [Transactions], [], "6.2.7",
        "a session receives its own send after commit, not before";
    "TX-08", Capability, Queue, [Transactions], [], "4.1.2",
        "a message received in an open transaction goes to nobody else";
    "TX-09", Capability, Any, [Transactions], [], "6.2.7",
        "work after a commit or rollback belongs to a new transaction";
    "TX-10", Capability, Once, [Transactions], [], "6.2.7",
        "commit and rollback without work succeed";
    "TX-11", Core, Once, [], [], "10.3",
        "commit and rollback outside a transacted session are an illegal state";
    "TX-12", Capability, QueueOrDurable, [Transactions], [], "6.2.15",
        "closing the session rolls back";
    "TX-13", Capability, QueueOrDurable, [Transactions], [], "8.8",
        "closing the consumer first changes neither commit nor rollback";
    "TX-15", Capability, QueueOrDurable, [Transactions], [], "8.7",
        "a failed listener does not roll back by itself; the next message comes and the client decides";
    "TX-16", Capability, QueueOrDurable, [Transactions], [], "6.2.7, qpid",
        "a commit inside a listener acknowledges the current message";
    "TX-17", Capability, Any, [Transactions, Ttl], [], "3.4.9, 3.4.13",
        "expiration and due time count from the send, not from the commit";
    "TX-19", Capability, QueueOrDurable, [Transactions], [KillLink], "10.3",
        "a commit that was undone says rolled back, and leaves the session usable or clearly closed";
    "TX-20", Capability, QueueOrDurable, [Transactions], [KillLink], "6.2.7, 6.2.12",
        "a link lost before commit leaves nothing visible; after commit everything is";
    "TX-21", Capability, Durable, [Transactions, DurableSubscriptions], [], "6.2.7",
        "a rolled-back receive from a durable subscription comes again, also after subscribing anew";
    "TX-22", Capability, QueueOrDurable, [Transactions], [], "6.2.7",
        "transactions of two sessions do not touch each other";
}
