//! TOP: unshared non-durable subscriptions.

checks! { Top;
    "TOP-01", Core, Topic, [Topics], [], "4.2.2",
        "every active subscription gets its own copy of what is published after it was made";
    "TOP-02", Core, Topic, [], [], "4.2.2, 4.2.3",
        "what was published before the subscription does not arrive";
    "TOP-03", Core, Topic, [], [], "4.2.2",
        "what was published while no consumer existed is gone";
    "TOP-04", Core, Topic, [], [], "4.2.2",
        "settling one subscription's copy leaves the others'";
    "TOP-05", Core, Topic, [], [], "8.3.1",
        "two consumers of one session are two subscriptions";
    "TOP-06", Core, Topic, [], [], "6.2.9",
        "each subscriber sees one publisher's messages in order";
    "TOP-08", Capability, Topic, [NoLocal], [], "8.3.1",
        "no-local keeps out the own connection's messages, and only on request";
    "TOP-09", Core, Topic, [], [], "8.3.1",
        "the subscription is active when its creation returns", note = Some("adapters confirm before they return");
}
