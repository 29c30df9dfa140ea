//! EXP: expiry.

checks! { Exp;
    "EXP-01", Capability, QueueOrDurable, [Ttl], [], "3.4.9",
        "an expired message is not delivered";
    "EXP-02", Capability, Any, [Ttl], [], "3.4.9",
        "before it expires it is, with its expiration";
    "EXP-03", Capability, QueueOrDurable, [Ttl], [], "3.4.9",
        "without a time to live it never expires";
    "EXP-04", Capability, QueueOrDurable, [Ttl], [], "3.4.9",
        "an expired message blocks none around it, which keep their order";
    "EXP-06", Capability, QueueOrDurable, [Ttl], [], "3.4.9",
        "expiry after prefetch is filtered or delivered",
        observable = true,
        note = Some("filtered in-VM, recorded elsewhere");
    "EXP-07", Capability, QueueOrDurable, [Ttl], [], "7.8",
        "each message expires at its own time, not in the queue's order";
}
