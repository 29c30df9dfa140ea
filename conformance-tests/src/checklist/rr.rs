//! RR: request and reply.

checks! { Rr;
    "RR-01", Capability, QueueOrTopic, [TemporaryDestinations, Headers], [], "3.4.5, 3.4.6",
        "a requester gets the reply of its own correlation id on its temporary queue";
    "RR-02", Core, QueueOrTopic, [Headers], [], "3.4.6",
        "the same over a temporary topic, a plain queue or topic, and another connection";
    "RR-03", Capability, QueueOrTopic, [TemporaryDestinations, Headers], [], "ext",
        "a hundred requests in flight each get their own reply";
}
