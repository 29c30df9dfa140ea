//! DUR: unshared durable subscriptions.

checks! { Dur;
    "DUR-01", Capability, Durable, [DurableSubscriptions], [], "8.3.3",
        "what was published while inactive arrives on return, in order, once";
    "DUR-02", Capability, Durable, [DurableSubscriptions], [], "8.3.3",
        "client id and name together identify it";
    "DUR-03", Capability, Durable, [DurableSubscriptions], [], "api:Session.createDurableConsumer, tck",
        "without a client id it is an illegal state";
    "DUR-04", Capability, Durable, [DurableSubscriptions, DurableGuard], [], "8.3.3",
        "a second active consumer is refused, and the first goes on";
    "DUR-05", Capability, Durable, [DurableSubscriptions, DurableGuard], [], "8.3.3, tck",
        "coming back with another topic replaces it and drops its messages";
    "DUR-06", Capability, Durable, [DurableSubscriptions, DurableGuard, TopicSelectors], [], "8.3.3, tck",
        "coming back with another selector replaces it; none and empty are the same";
    "DUR-07", Capability, Durable, [DurableSubscriptions, DurableGuard, NoLocal], [], "8.3.3",
        "coming back with another no-local setting replaces it";
    "DUR-08", Capability, Durable, [DurableSubscriptions], [], "8.3.3",
        "coming back unchanged keeps what is stored";
    "DUR-09", Capability, Durable, [DurableSubscriptions], [], "8.3.3",
        "unsubscribing deletes it with its messages";
    "DUR-10", Capability, Durable, [DurableSubscriptions, DurableGuard], [], "8.3.3",
        "unsubscribing while active is refused and harms nothing";
    "DUR-11", Capability, Durable, [DurableSubscriptions, DurableGuard], [], "8.3.3",
        "unsubscribing with a message unsettled is refused";
    "DUR-12", Capability, Durable, [DurableSubscriptions, DurableGuard], [], "api:Session.unsubscribe, tck",
        "unsubscribing an unknown name is an invalid destination";
    "DUR-13", Capability, Durable, [DurableSubscriptions], [], "4.2.8",
        "closing keeps it, and what was not settled comes first on return";
    "DUR-14", Capability, Durable, [DurableSubscriptions, NoLocal], [], "8.3.3, tck durableSubscriberTopicNoLocalTest2",
        "no-local keeps out its own client id's messages, also while inactive";
    "DUR-15", Capability, Durable, [DurableSubscriptions], [], "4.2.4",
        "names of 128 letters, digits, `_`, `.` and `-` work";
    "DUR-17", Capability, Durable, [DurableSubscriptions], [], "api, 4.2.7",
        "an invalid topic is an invalid destination; a temporary one is refused or works";
}
