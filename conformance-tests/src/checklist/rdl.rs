//! RDL: redelivery.

checks! { Rdl;
    "RDL-01", Capability, QueueOrDurable, [RedeliveryFlag], [], "3.4.7, 3.5.11",
        "every cause of redelivery flags and counts";
    "RDL-02", Capability, QueueOrDurable, [ExactRedelivery], [], "3.4.7, hornetq/qpid history",
        "a first delivery is never flagged, prefetched elsewhere before or not";
    "RDL-03", Capability, QueueOrDurable, [DeliveryCount], [], "3.5.11",
        "the count rises by one for each redelivery",
        note = Some("an emulated count may start again at two in the next session");
    "RDL-05", Core, QueueOrDurable, [], [], "6.2.10",
        "redelivered messages keep their place before later ones",
        observable = true,
        note = Some("strict in-VM, recorded elsewhere");
    "RDL-06", Capability, QueueOrDurable, [SimplifiedApi], [], "8.6",
        "a typed receive that fails in auto mode is no redelivery";
    "RDL-07", Capability, QueueOrDurable, [DeadLetters], [], "ext",
        "after the delivery limit a message goes to the dead letters once, intact, with a reason; the queue flows on";
}
