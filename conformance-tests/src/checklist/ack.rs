//! ACK: acknowledgement modes.

checks! { Ack;
    "ACK-01", Core, QueueOrDurable, [], [], "6.2.10",
        "auto: what a receive returned does not come back after a normal close";
    "ACK-02", Core, QueueOrDurable, [], [KillLink], "6.2.10, 6.2.11",
        "auto: a link loss inside the listener brings its message back, flagged";
    "ACK-03", Core, Any, [], [], "3.6, api:Message.acknowledge",
        "acknowledging by hand does nothing, without error, in auto, dups-ok and transacted sessions";
    "ACK-04", Core, QueueOrDurable, [], [], "8.7",
        "auto, dups-ok: a failed listener gets its message again first, flagged and counted, perhaps a bounded number of times";
    "ACK-05", Capability, QueueOrDurable, [DupsOk], [], "6.2.10",
        "dups-ok: without failure nothing is missed, and closing does not bring consumed messages back for ever";
    "ACK-06", Capability, QueueOrDurable, [ClientAck], [], "6.2.10, 6.2.9.1",
        "client: acknowledging one message covers all that this session, and no other, has delivered so far";
    "ACK-07", Capability, QueueOrDurable, [ClientAck, Recover], [], "tck clientAckQueueTest",
        "client: acknowledging an early message covers the later ones delivered; recover brings back only what came after";
    "ACK-08", Capability, QueueOrDurable, [ClientAck], [], "6.2.10",
        "client: prefetched messages that were not delivered are neither acknowledged nor lost";
    "ACK-09", Capability, Queue, [ClientAck], [], "6.2, 6.2.15",
        "client: what was not acknowledged goes to another consumer after the session closed";
    "ACK-10", Capability, QueueOrDurable, [ClientAck], [], "6.2.11",
        "client: what was acknowledged before the close does not come back";
    "ACK-12", Capability, QueueOrDurable, [ClientAck], [], "8.8",
        "client: acknowledging works after the receiving consumer closed";
    "ACK-13", Capability, Queue, [ClientAck], [], "8.8",
        "closing a consumer does not give its unacknowledged messages to others while the session lives";
    "ACK-14", Capability, QueueOrDurable, [ClientAck, Recover], [], "8.7",
        "client: after a failed listener the next message comes; the failed one returns on recover only";
    "ACK-16", Core, Any, [], [], "6.2.15, api:Message.acknowledge",
        "acknowledging a message of a closed session is an illegal state";
    "ACK-17", Capability, QueueOrDurable, [IndividualAck], [], "ext",
        "individual: each acknowledgement covers one message, in any order; the others come back";
    "ACK-19", Core, QueueOrDurable, [], [], "6.2.11",
        "an acknowledged message never comes again, to nobody, also after a reconnect";
    "ACK-20", Core, QueueOrDurable, [], [], "6.2.10, ext",
        "three times the prefetch arrives unacknowledged in each mode, or a stated limit errs; nothing hangs";
    "ACK-21", Capability, QueueOrDurable, [Release], [], "ext",
        "individual: a released message comes again, flagged, alone; a rejected one goes where the provider declares";
}
