//! P2P: queues.

checks! { P2p;
    "P2P-01", Core, Queue, [], [], "4.1.2",
        "each message goes to exactly one of several consumers";
    "P2P-02", Core, Queue, [], [], "4.1.8",
        "messages wait for a consumer, in order, and a waiting consumer gets the first at once";
    "P2P-04", Core, Queue, [], [], "4.1.2, 6.2.9",
        "each of several consumers sees one sender's messages in order";
    "P2P-05", Capability, Queue, [ClientAck, RedeliveryFlag], [], "6.2",
        "what a closed holder had not acknowledged goes to another consumer, flagged";
    "P2P-07", Capability, QueueOrDurable, [Persistence], [RestartBroker], "7.7, 9.1",
        "persistent messages survive a restart of the broker, once and in order, delayed ones with their due time";
    "P2P-08", Core, Queue, [], [], "ext",
        "queues do not mix; names that differ slightly are distinct or refused";
}
